//! Plans from a file: parsed as Google writes them, and looked up like the built-in ones.

use super::super::*;
use crate::PhoneNumber;
use proptest::prelude::*;
use testkit::number_data::javascript;

const RANDOM: &str = include_str!("../../../../../../testdata/numbers/random.csv");
const EXAMPLES: &str = include_str!("../../../../../../testdata/numbers/examples.csv");

/// Area codes 436, 679 and 861, in service but not in the built-in plans.
const OPENED: [(&str, &str); 3] = [
    ("4(?:0[124-9]|1[02-579]|2[3-5]|3[0245]", "4(?:0[124-9]|1[02-579]|2[3-5]|3[02456]"),
    (
        "6(?:0[1-35-9]|1[024-9]|2[03689]|3[016]|4[0156]|5[01679]|6[0-279]|78|",
        "6(?:0[1-35-9]|1[024-9]|2[03689]|3[016]|4[0156]|5[01679]|6[0-279]|7[89]|",
    ),
    (
        "8(?:0[1-68]|1[02-8]|2[0168]|3[0-2589]|4[03578]|5[046-9]|6[02-5]|",
        "8(?:0[1-68]|1[02-8]|2[0168]|3[0-2589]|4[03578]|5[046-9]|6[0-5]|",
    ),
];

fn brought(instead: &[(&str, &str)]) -> Plans {
    Plans::brought(&NumberData::read(&javascript(instead)).unwrap(), "a test's").unwrap()
}

fn numbers() -> impl Iterator<Item = PhoneNumber> {
    let rows = RANDOM.lines().chain(EXAMPLES.lines());
    rows.filter_map(|line| PhoneNumber::from_e164(line.split(',').next()?).ok())
}

/// For 21,247 numbers, the built-in plans read from a file give the same results.
#[test]
fn a_file_of_the_same_says_the_same() {
    let (built_in, brought) = (Plans::built_in(), brought(&[]));
    let mut count = 0;
    for phone in numbers() {
        assert_eq!(brought.facts(phone), built_in.facts(phone), "{phone}");
        assert_eq!(brought.region_of(phone), built_in.region_of(phone), "{phone}");
        count += 1;
    }
    assert_eq!(count, 21_247);
    assert_eq!(brought.regions(), built_in.regions());
    assert_eq!(brought.careful, built_in.careful, "no other is looked up slowly");
}

#[test]
fn what_is_kept_reads_as_the_same() {
    let data = NumberData::read(&javascript(&[])).unwrap();
    let again = NumberData::read(data.text()).unwrap();
    assert_eq!(again.text(), data.text());
    assert_eq!(again.metadata(), data.metadata());
    let lines: Vec<&str> = data.text().lines().filter(|line| line.contains('=')).collect();
    assert_eq!(lines.len(), 2, "the code around the tables is not kept");
}

#[test]
fn a_file_opens_area_codes_and_says_what_moves() {
    let (built_in, brought) = (Plans::built_in(), brought(&OPENED));
    let mut moves = MetadataChanges::default();
    for text in ["+14365550100", "+16795550100", "+18615550100", "+14155550100", "+447400123456"] {
        let phone: PhoneNumber = text.parse().unwrap();
        moves.compare(phone, &built_in, &brought);
        assert!(brought.facts(phone).unwrap().valid, "{text}");
    }
    assert_eq!((moves.numbers, moves.validity.moved, moves.kind.moved), (5, 3, 3));
    assert_eq!((moves.region.moved, moves.spelling.moved), (0, 0));
    let json = serde_json::to_value(&moves).unwrap();
    let first = &json["validity"]["examples"][0];
    assert_eq!(first["number"], "+14365••••00");
    assert_eq!((&first["before"], &first["after"]), (&"not valid".into(), &"valid".into()));
    assert_eq!(json["type"]["examples"][0]["after"], "fixed_line_or_mobile");
    assert!(!json.to_string().contains("5550100"), "numbers are masked");
}

/// Tests run concurrently in one process, so plans from a file are used explicitly.
#[test]
fn plans_hold_where_they_are_let() {
    let phone: PhoneNumber = "+14365550100".parse().unwrap();
    assert!(brought(&OPENED).facts(phone).unwrap().valid);
    assert!(!NumberFacts::of(phone).unwrap().valid);
    assert_eq!(Plans::current().name(), format!("{} (built in)", super::super::plans::BUILT_IN));
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let read = |text: &str| NumberData::read(text).map(|_| ()).unwrap_err().to_string();
    let whole = javascript(&[]);
    for (text, said) in [
        ("", "has no table `phonenumbers.metadata.countryCodeToRegionCodeMap`"),
        ("{\"version\":4,\"countries\":{}}", "google-libphonenumber as npm packs it"),
        (&whole[..whole.len() / 2], "ends in the middle of a table"),
    ] {
        assert!(read(text).contains(said), "{said}: {}", read(text));
    }
    for (was, is, said) in [
        ("\"US AG", "\"AG", "does not name US"),
        ("20:[\"EG\"]", "20:[\"EG\",\"ZZ\"]", "has no ZZ"),
        ("\"EG\",20", "\"EG\",21", "EG, field 10: must be its calling code, 20"),
        ("\"EG\",20", "\"QQ\",20", "EG, field 9: must be its region, EG"),
        ("\"EG\":[", "\"EG\":7,\"E2\":[", "EG: must be a list"),
        ("\"EG\":[,[,,", "\"EG\":[,[,,7,", "EG, field 1, field 2: must be a text"),
        ("20:[\"EG\"]", "2000:[\"EG\"]", "\"2000\", which is not a calling code"),
    ] {
        let wrong = read(&javascript(&[(was, is)]));
        assert!(wrong.contains(said), "{said}: {wrong}");
    }
    let brought = |instead: &[(&str, &str)]| {
        let data = NumberData::read(&javascript(instead)).unwrap();
        Plans::brought(&data, "x").map(|_| ()).unwrap_err().to_string()
    };
    // An invalid pattern, and one that no number of the United States matches any more.
    let wrong =
        brought(&[("\"2015550123\"", "\"2015550123\""), ("[2-9]\\\\d{9}|3", "(2-9]\\\\d{9}|3")]);
    assert!(wrong.contains("US - general_desc"), "{wrong}");
    let wrong = brought(&[("\\\\d", "\\\\d{2}")]);
    assert!(wrong.contains("at least 95 of 100 must stay valid"), "{wrong}");
}

#[test]
fn a_file_without_many_regions_is_refused() {
    let some =
        "i18n.phonenumbers.metadata.countryCodeToRegionCodeMap={20:['EG']}".replace('\'', "\"");
    let text = javascript(&[]);
    let start = text.find("\"EG\":[").unwrap();
    let end = start + text[start..].find("\n,").unwrap();
    let row = &text[start..end];
    let some = format!("{some};i18n.phonenumbers.metadata.countryToMetadata={{{row}}};");
    let data = NumberData::read(&some).unwrap();
    let wrong = Plans::brought(&data, "x").map(|_| ()).unwrap_err().to_string();
    assert!(wrong.contains("no numbering plan for US, RU, ZA and "), "{wrong}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[\[\]{},:"0-9a-zA!/*\\ \n-]{0,200}"#) {
        let table = format!("x.phonenumbers.metadata.countryCodeToRegionCodeMap={text};");
        let _ = NumberData::read(&table);
        let _ = super::super::javascript::read_value(&text);
    }
}
