mod plans;

use super::*;
use crate::{PhoneNumber, Region};
use std::collections::HashMap;

const EXAMPLES: &str = include_str!("../../../../../testdata/numbers/examples.csv");
const RANDOM: &str = include_str!("../../../../../testdata/numbers/random.csv");
const CODES: &str = include_str!("../../../../../testdata/numbers/codes.csv");

/// Jersey, Guernsey and Man by area code, for which Google names no region (`lookup.rs`).
const CROWN: [(&str, &str); 3] = [("+441534", "JE"), ("+441481", "GG"), ("+441624", "IM")];

fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| line.split(',').collect())
}

/// The expected answer from Google's Python implementation: number, region by prefix, and facts.
fn expected(row: &[&str], main: &HashMap<&str, &str>) -> (PhoneNumber, String, String) {
    let [number, e164, region, code, kind, valid, possible] = *row else { panic!("{row:?}") };
    let e164 = if e164.is_empty() { number } else { e164 };
    let crown = CROWN.iter().find(|(prefix, _)| e164.starts_with(prefix));
    let region = match (region, crown, main.get(code)) {
        ("", Some((_, region)), _) => region,
        ("", None, Some(main)) => main,
        _ => region,
    };
    let answer = match (code, possible) {
        ("", _) => "unknown calling code".to_owned(),
        (_, "0") => format!("impossible +{code}"),
        _ => format!("{e164} {region} {code} {kind} {}", valid == "1"),
    };
    (number.parse().unwrap(), region.to_owned(), answer)
}

fn answer(phone: PhoneNumber) -> String {
    match NumberFacts::of(phone) {
        Ok(NumberFacts { phone, region, calling_code, kind, valid }) => {
            format!("{phone} {region} {calling_code} {kind} {valid}")
        }
        Err(NumberError::UnknownCallingCode(_)) => "unknown calling code".to_owned(),
        Err(NumberError::ImpossibleLength { calling_code, .. }) => {
            format!("impossible +{calling_code}")
        }
        Err(error) => error.to_string(),
    }
}

/// Numbers of a fixture with other results here, and how many numbers it has.
fn differences(fixture: &'static str) -> (usize, Vec<String>) {
    let main = lines(CODES).map(|row| (row[0], row[1].split(' ').next().unwrap())).collect();
    let mut count = 0;
    let mut wrong = Vec::new();
    for row in lines(fixture) {
        count += 1;
        let (number, region, expected) = expected(&row, &main);
        let got = answer(number);
        if let Ok(facts) = NumberFacts::of(number) {
            assert_eq!(NumberFacts::of(facts.phone), Ok(facts), "{number}, looked up again");
        }
        // Google's drops one national prefix, and would drop another from its own output.
        let again = expected.split(' ').next().and_then(|number| number.parse().ok());
        if got != expected && Some(&got) != again.map(answer).as_ref() {
            wrong.push(format!("{number}: {got}, expected {expected}"));
        }
        let by_prefix = Region::of(number).map(|region| region.to_string());
        if by_prefix.unwrap_or_default() != region {
            wrong.push(format!("{number}: region by prefix, expected {region}"));
        }
    }
    (count, wrong)
}

// Google's Python implementation with metadata of the same version (9.0.42) agrees on all.
#[test]
fn every_regions_examples_are_told_as_google_tells_them() {
    assert_eq!(differences(EXAMPLES), (1_247, Vec::new()));
}

/// Intentional differences: without the national prefix six digits remain, which is no number here
/// (contract, section 4), so the number stays as written.
const KNOWN: [&str; 4] = [
    "+4307025: +4307025 AT 43 unknown false, expected +437025 AT 43 unknown false",
    "+4903791: +4903791 DE 49 unknown false, expected +493791 DE 49 unknown false",
    "+9803303: +9803303 IR 98 unknown false, expected +983303 IR 98 unknown false",
    "+9809092: +9809092 IR 98 unknown false, expected +989092 IR 98 unknown false",
];

#[test]
fn random_numbers_are_told_as_google_tells_them() {
    assert_eq!(differences(RANDOM), (20_000, KNOWN.map(str::to_owned).to_vec()));
}

// `find` checks regions in another order than the library. Tries everything the order could affect:
// the first five digits of every shared calling code.
#[test]
fn regions_of_shared_codes_are_the_librarys() {
    let util = &*rlibphonenumber::PHONE_NUMBER_UTIL;
    let plans = Plans::built_in();
    let mut wrong = Vec::new();
    for row in lines(CODES).filter(|row| row[1].contains(' ')) {
        let code: i32 = row[0].parse().unwrap();
        let length = if matches!(code, 1 | 7 | 39 | 44) { 10 } else { 9 };
        for head in 10_000..100_000_u64 {
            let national_number = head * 10_u64.pow(length - 5) + 4_567 % 10_u64.pow(length - 5);
            let parsed = rlibphonenumber::PhoneNumber {
                country_code: code,
                national_number,
                ..rlibphonenumber::PhoneNumber::default()
            };
            let theirs = (util.get_region_for_number(&parsed), util.get_number_type(&parsed));
            let ours = plans.find(code, &national_number.to_string());
            if (ours.place, ours.kind) != theirs {
                wrong.push(format!("+{code} {national_number}: {theirs:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn bad_numbers_are_refused_with_the_reason() {
    for (text, said) in [
        ("", "A phone number is missing."),
        (" \u{a0}\t", "A phone number is missing."),
        ("+1415555CALL", "holds U+0043 (C)"),
        ("+14155550100 ext. 12", "must be a plus sign followed by digits only"),
        ("+14155550100;ext=12", "must be a plus sign followed by digits only"),
        ("+14155550100#", "must be a plus sign followed by digits only"),
        ("+14155550100\0", "must be a plus sign followed by digits only"),
        ("4155550100", "must be a plus sign followed by digits only"),
        ("0014155550100", "must be a plus sign followed by digits only"),
        ("++14155550100", "holds U+002B (+)"),
        ("+1415-5550+100", "holds U+002B (+)"),
        ("+", "has 0 digits; 7 to 15 are allowed"),
        ("+123456", "has 6 digits; 7 to 15 are allowed"),
        ("+1415555010012345", "has 16 digits; 7 to 15 are allowed"),
        ("+0014155550100", "begins with a zero after the plus sign"),
        ("+1.415555e10", "scientific notation"),
        ("+9990000000", "+999 leads nowhere"),
        ("+2105550100", "+210 leads nowhere"),
        ("+1415555010", "The number has 9 digits after +1; numbers there have 10 digits."),
        ("+141555501000", "The number has 11 digits after +1; numbers there have 10 digits."),
        ("+37120000", "The number has 5 digits after +371; numbers there have 8 digits."),
        ("+4915", "has 4 digits; 7 to 15 are allowed"),
        (
            "+4412345678901",
            "The number has 11 digits after +44; numbers there have 7, 9 or 10 digits.",
        ),
        ("+8811234567", "The number has 7 digits after +881; numbers there have 9 or 10 digits."),
    ] {
        let error = NumberFacts::parse(text).expect_err(text).to_string();
        assert!(error.contains(said), "{text}: {error}");
        assert!(error.starts_with(char::is_uppercase) && error.ends_with('.'), "{error}");
    }
}

#[test]
fn facts_are_told_as_the_contract_says() {
    let facts = NumberFacts::parse(" +1 (415) 555-01.00 ").unwrap();
    let json = r#"{"e164":"+14155550100","region":"US","calling_code":1,"type":"fixed_line_or_mobile","valid":true}"#;
    assert_eq!(serde_json::to_string(&facts).unwrap(), json);
    assert_eq!(serde_json::from_str::<NumberFacts>(json).unwrap(), facts);
}

// A telephone must not have two spellings at the gate.
#[test]
fn a_national_prefix_is_dropped() {
    for (typed, number) in [
        ("+4407400738610", "+447400738610"),
        ("+114155550100", "+14155550100"),
        ("+5491145678901", "+5491145678901"),
        ("+54111545678901", "+5491145678901"),
        ("+5401123456789", "+541123456789"),
        // A double prefix: blocks and limits of one spelling cover the other.
        ("+2700155552700", "+27155552700"),
        ("+390612345678", "+390612345678"),
    ] {
        let facts = NumberFacts::parse(typed).unwrap();
        assert_eq!(facts.phone.to_string(), number);
        assert_eq!(NumberFacts::of(facts.phone), Ok(facts), "looked up again");
    }
}

#[test]
fn not_valid_is_an_answer() {
    for (number, region) in [("+10000000000", "US"), ("+441534960123", "JE"), ("+18761", "")] {
        match NumberFacts::parse(number) {
            Ok(facts) => {
                assert!(!facts.valid && facts.kind == NumberType::Unknown, "{facts:?}");
                assert_eq!(facts.region.as_str(), region);
            }
            Err(error) => assert_eq!(region, "", "{error}"),
        }
    }
}
