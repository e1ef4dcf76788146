//! Valid, invalid and generated files.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

mod forms;

const SAMPLE: &str = include_str!("../../../../../testdata/countries/override-en.json");

fn regions(codes: &[&str]) -> BTreeSet<Region> {
    codes.iter().map(|code| code.parse().unwrap()).collect()
}

fn parse(text: &str) -> LanguageFile {
    LanguageFile::parse(text.as_bytes()).unwrap()
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    LanguageFile::parse(bytes.as_ref()).unwrap_err().to_string()
}

/// The codes and names of a file's list in order, parsed independently of the code under test.
fn list_of(text: &str) -> Vec<(String, String)> {
    let file: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let rows = file["LocalizedStrings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["StringId"] == "countryList").unwrap();
    assert_eq!(row["Override"], true);
    pairs(row["Value"].as_str().unwrap())
}

/// The members of an object of strings whose only escapes are quotes, in order.
fn pairs(object: &str) -> Vec<(String, String)> {
    let inner = object.trim().strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let mut words = Vec::new();
    let mut rest = inner;
    while let Some(start) = rest.find('"') {
        let from = &rest[start..];
        let mut words_of = serde_json::Deserializer::from_str(from).into_iter::<String>();
        words.push(words_of.next().unwrap().unwrap());
        rest = &from[words_of.byte_offset()..];
    }
    words.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn codes(pairs: &[(String, String)]) -> Vec<&str> {
    pairs.iter().map(|(code, _)| code.as_str()).collect()
}

/// A file of one row with these members.
fn with_row(members: &str) -> String {
    format!("{{\"LocalizedStrings\": [{{{members}}}]}}")
}

fn with_value(value: &str) -> String {
    let value = Value::from(value);
    with_row(&format!("\"StringId\": \"countryList\", \"Override\": true, \"Value\": {value}"))
}

#[test]
fn the_sample_is_read() {
    let file = parse(SAMPLE);
    let listed: Vec<_> =
        file.list().into_iter().map(|one| (one.region.to_string(), one.name)).collect();
    let expected = [
        ("US", "United States"),
        ("GB", "United Kingdom"),
        ("DE", "Germany"),
        ("CI", "Côte d'Ivoire"),
    ];
    assert_eq!(listed, expected.map(|(code, name)| (code.to_owned(), name.to_owned())));
    assert_eq!(file.placeholder(), Some("Country/Region"));
    assert!(file.overrides());
    assert_eq!(file.row(), 2);
}

#[test]
fn the_sample_unchanged_is_the_sample() {
    let file = parse(SAMPLE);
    assert_eq!(file.edit(&file.regions()), SAMPLE);
    let mut with_world = file.regions();
    with_world.insert(Region::WORLD);
    assert_eq!(file.edit(&with_world), SAMPLE, "001 is no country");
}

#[test]
fn only_the_list_of_the_sample_changes() {
    let edited = parse(SAMPLE).edit(&regions(&["CI", "GB", "FR", "AT"]));
    let (before, after): (Vec<_>, Vec<_>) =
        (SAMPLE.split('\n').collect(), edited.split('\n').collect());
    assert_eq!(before.len(), after.len());
    let changed: Vec<_> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
    let list = before.iter().position(|line| line.contains("DEFAULT")).unwrap();
    assert_eq!(changed, [list]);
    assert_eq!(
        after[list].trim(),
        "\"Value\": \"{\\\"DEFAULT\\\":\\\"Country/Region\\\",\\\"GB\\\":\\\"United Kingdom\\\",\
         \\\"CI\\\":\\\"Côte d'Ivoire\\\",\\\"AT\\\":\\\"Austria\\\",\\\"FR\\\":\\\"France\\\"}\""
    );
    assert_eq!(parse(&edited).regions(), regions(&["CI", "GB", "FR", "AT"]));
}

#[test]
fn override_is_switched_on_and_the_list_left() {
    let off = SAMPLE.replacen("\"Override\": true", "\"Override\": false", 1);
    let file = parse(&off);
    assert!(!file.overrides());
    assert_eq!(file.edit(&file.regions()), SAMPLE);
    for odd in ["null", "\"true\"", "0", "{\"a\": [true]}"] {
        let odd = SAMPLE.replacen("\"Override\": true", &format!("\"Override\": {odd}"), 1);
        assert_eq!(parse(&odd).edit(&parse(&odd).regions()), SAMPLE);
    }
}

#[test]
fn override_is_added_where_it_lacks() {
    let value = "\"{\\\"DEFAULT\\\":\\\"Land\\\",\\\"US\\\":\\\"USA\\\"}\"";
    // Some pages write `Overrides`, which is ignored.
    let lacking = format!(
        "{{\"LocalizedStrings\" :[\r\n\t{{\"StringId\" : \"countryList\",\r\n\t \"Overrides\" : true,\
         \r\n\t \"Value\" : {value}}}]}}"
    );
    let file = parse(&lacking);
    assert!(!file.overrides());
    let new = "\"Override\" : true,\r\n\t \"Value\" : ";
    assert_eq!(file.edit(&regions(&["US"])), lacking.replacen("\"Value\" : ", new, 1));
    let first =
        format!("{{\"LocalizedStrings\":[{{\"Value\":{value},\"StringId\":\"countryList\"}}]}}");
    let edited = parse(&first).edit(&regions(&["US"]));
    assert_eq!(edited, first.replacen("\"Value\":", "\"Override\":true,\"Value\":", 1));
    assert!(parse(&edited).overrides());
}

#[test]
fn marks_line_ends_and_escapes_stay() {
    let dos = format!("\u{feff}{}\r\n", SAMPLE.replace('\n', "\r\n"));
    assert_eq!(parse(&dos).edit(&parse(&dos).regions()), dos);
    let edited = parse(&dos).edit(&regions(&["US"]));
    assert!(edited.starts_with("\u{feff}{\r\n") && edited.ends_with("}\r\n"));
    assert_eq!(codes(&list_of(&edited)), ["DEFAULT", "US"]);

    // A file in pure ASCII stays ASCII, however it escapes.
    let ascii = SAMPLE.replace('ô', "\\u00F4").replace("Phone Number", "Phone \\u2116 \\/ \\u0041");
    assert!(ascii.is_ascii());
    let file = parse(&ascii);
    assert_eq!(file.edit(&file.regions()), ascii);
    let edited = file.edit(&regions(&["CI", "DE"]));
    assert!(edited.is_ascii() && edited.contains("C\\u00f4te d'Ivoire"), "{edited}");
    assert!(edited.contains("Phone \\u2116 \\/ \\u0041"));
    assert_eq!(list_of(&edited)[2].1, "Côte d'Ivoire");
}

#[test]
fn names_with_quotes_and_signs_survive() {
    let name = "A \"b\" \\ / \u{7}\u{2028}😀</script>";
    let value = json!({"DEFAULT": name, "US": name, "DE": "x"}).to_string();
    for text in [with_value(&value), with_value(&value).replace('😀', "\\uD83D\\ude00")] {
        let file = parse(&text);
        let edited = parse(&file.edit(&regions(&["US", "FR"])));
        assert_eq!(edited.placeholder(), Some(name));
        assert_eq!(edited.list()[0].name, name);
        assert_eq!(edited.regions(), regions(&["US", "FR"]));
    }
}

#[test]
fn the_first_line_stays_where_it_was_or_away() {
    let middle = with_value("{\"US\": \"U\", \"DEFAULT\": \"D\", \"DE\": \"G\"}");
    let edited = parse(&middle).edit(&regions(&["US", "DE", "FR"]));
    assert_eq!(codes(&list_of(&edited)), ["US", "DEFAULT", "DE", "FR"]);
    let without = with_value("{\"US\": \"U\"}");
    assert_eq!(parse(&without).placeholder(), None);
    assert_eq!(codes(&list_of(&parse(&without).edit(&regions(&["FR"])))), ["FR"]);
    assert_eq!(codes(&list_of(&parse(&middle).edit(&regions(&[])))), ["DEFAULT"]);
}

#[test]
fn territories_without_numbers_may_stand_in_a_file() {
    let text = with_value("{\"DEFAULT\": \"D\", \"AQ\": \"Antarctica\", \"XK\": \"Kosovo\"}");
    let file = parse(&text);
    assert_eq!(file.regions(), regions(&["AQ", "XK"]));
    assert_eq!(file.edit(&file.regions()), text);
}

#[test]
fn a_new_file_is_one() {
    let wanted = regions(&["US", "GB", "AX", "AF", "001"]);
    let text = new_file(&wanted);
    let list = list_of(&text);
    assert_eq!(codes(&list), ["DEFAULT", "AF", "AX", "GB", "US"]);
    assert_eq!(list[0].1, "Country/Region");
    assert_eq!(list[2].1, "Åland Islands");
    let file = parse(&text);
    assert_eq!(file.regions(), regions(&["US", "GB", "AX", "AF"]));
    assert_eq!(file.edit(&wanted), text);
    let value: Value = serde_json::from_str(&text).unwrap();
    let row = &value["LocalizedStrings"][0];
    assert_eq!((&row["ElementType"], &row["ElementId"]), (&json!("UxElement"), &json!(null)));
    assert_eq!(value["LocalizedCollections"], json!([]));
}

#[test]
fn what_is_no_language_file_is_refused_with_why_and_where() {
    let sample = "\"StringId\":\"countryList\",\"Value\":\"{}\"";
    for (text, words) in [
        ("", &["not JSON", "line 1, column 0"][..]),
        ("{\n  \"LocalizedStrings\": [,]\n}", &["not JSON", "line 2, column 24"]),
        ("{} x", &["not JSON", "line 1, column 4"]),
        ("{\"LocalizedStrings\": []", &["not JSON", "line 1, column 23"]),
        ("<xml/>", &["not JSON", "line 1, column 1"]),
        ("[]", &["not a language file", "LocalizedStrings"]),
        ("null", &["not a language file"]),
        ("{}", &["not a language file"]),
        ("{\"LocalizedStrings\": {}}", &["not a language file"]),
        ("{\"localizedStrings\": []}", &["not a language file"]),
        ("{\"LocalizedStrings\": []}", &["no list of countries", "countryList"]),
        ("{\"LocalizedStrings\": [1, null, \"countryList\", []]}", &["no list of countries"]),
        (&with_row("\"StringId\": \"number_label\""), &["no list of countries"]),
        (&with_row("\"StringId\": [\"countryList\"]"), &["no list of countries"]),
        (
            &format!("{{\"LocalizedStrings\": [{{{sample}}}, {{}}, {{{sample}}}]}}"),
            &["more than one list", "rows 1 and 3"],
        ),
        (
            &format!("{{\"LocalizedStrings\": [{{{sample}}}],\n \"LocalizedStrings\": []}}"),
            &["LocalizedStrings appears twice", "line 2"],
        ),
        (&with_row(&format!("{sample}, \"Value\": 1")), &["Value appears twice", "row 1"]),
        (&with_row(&format!("{sample}, \"StringId\": 1")), &["StringId appears twice", "row 1"]),
        (
            &with_row(&format!("{sample}, \"Override\": true, \"\\u004fverride\": 1")),
            &["Override appears twice", "row 1"],
        ),
        (&with_row("\"StringId\": \"countryList\""), &["row 1", "no Value"]),
    ] {
        let said = refused(text);
        assert!(words.iter().all(|word| said.contains(word)), "{text}: {said}");
    }
}

#[test]
fn a_value_that_is_no_list_is_refused_with_why_and_where() {
    for value in ["{}", "null", "1", "[\"US\"]", "{\"US\": \"United States\"}", "\"\\ud800\""] {
        let text = with_row(&format!("\"StringId\": \"countryList\",\n\"Value\": {value}"));
        let said = refused(&text);
        assert!(said.contains("row 1") && said.contains("line 2"), "{value}: {said}");
    }
    for (value, words) in [
        ("", &["not JSON", "line 1, column 0"][..]),
        ("United States", &["not JSON", "line 1, column 1"]),
        ("{\"US\": \"x\",\n}", &["not JSON", "line 2, column 1"]),
        ("[\"US\"]", &["JSON object of region codes"]),
        ("\"US\"", &["JSON object of region codes"]),
        ("{\"US\": true}", &["the name of \"US\" must be a text"]),
        ("{\"DEFAULT\": null}", &["the name of \"DEFAULT\" must be a text"]),
        ("{\"US\": \"x\", \"ZZ\": \"y\"}", &["\"ZZ\"", "is no region code"]),
        ("{\"us\": \"x\", \"USA\": \"y\"}", &["\"us\", \"USA\"", "are no region code"]),
        ("{\"001\": \"x\"}", &["\"001\"", "no region code"]),
        ("{\"default\": \"x\"}", &["\"default\"", "no region code"]),
        ("{\"\": \"x\"}", &["\"\"", "no region code"]),
        ("{\"US\": \"x\", \"GB\": \"y\", \"US\": \"x\"}", &["names US more than once"]),
        ("{\"DEFAULT\": \"x\", \"DEFAULT\": \"y\"}", &["names DEFAULT more than once"]),
    ] {
        let said = refused(with_value(value));
        assert!(words.iter().all(|word| said.contains(word)), "{value}: {said}");
        assert!(said.contains("row 1"), "{said}");
    }
    let many: Vec<String> = (0..400).map(|at| format!("\"{at:0400}\": \"x\"")).collect();
    let said = refused(with_value(&format!("{{{}}}", many.join(","))));
    assert!(said.len() < 600 && said.contains("and 390 more"), "{said}");
}

#[test]
fn files_of_other_encodings_and_sizes_are_refused() {
    let padded = |size: usize| format!("{}{}", SAMPLE, " ".repeat(size - SAMPLE.len()));
    assert!(LanguageFile::parse(padded(LIMIT).as_bytes()).is_ok());
    for size in [LIMIT + 1, 20_000_000] {
        let said = refused(padded(size));
        assert!(said.contains(&size.to_string()) && said.contains("1 MiB"), "{said}");
    }
    let utf16: Vec<u8> = SAMPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused([b"\xff\xfe".as_slice(), &utf16].concat()).contains("UTF-16"));
    let latin: Vec<u8> = SAMPLE.chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert!(refused(latin).contains("not UTF-8: line 15"));
    assert!(refused([0; 64]).contains("not JSON"));
    assert!(refused("\u{feff}\u{feff}{}").contains("not JSON"));
    // Deep nesting must not overflow the stack.
    let deep = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
    assert!(refused(&deep).contains("not a language file"));
    let beside = SAMPLE.replacen('{', &format!("{{\"x\": {deep},"), 1);
    assert_eq!(parse(&beside).edit(&parse(&beside).regions()), beside);
    let inside = with_value(&format!("{{\"US\": {deep}}}"));
    assert!(refused(inside).contains("row 1"));
}

fn some_regions() -> impl Strategy<Value = BTreeSet<Region>> {
    let known = ["US", "GB", "DE", "FR", "CI", "AX", "JM", "KZ", "RU", "XK", "BL", "BO", "TR"];
    prop::collection::btree_set(prop::sample::select(known.to_vec()), 0..=known.len())
        .prop_map(|codes| codes.into_iter().map(|code| code.parse().unwrap()).collect())
}

proptest! {
    #[test]
    fn any_file_unchanged_is_itself_and_changed_differs_in_the_list_alone(
        seed: u64,
        was in some_regions(),
        wanted in some_regions(),
        on: bool,
    ) {
        let made = forms::file(seed, &was, on);
        let file = parse(&made.text());
        prop_assert_eq!(file.overrides(), on);
        let listed: Vec<_> = file.list().iter().map(|one| one.region).collect();
        prop_assert_eq!(&listed, &made.order);
        if on {
            prop_assert_eq!(file.edit(&was), made.text());
        }

        let edited = file.edit(&wanted);
        // Everything around the two values is unchanged.
        let mut rest = edited.as_str();
        let mut found = Vec::new();
        for (at, piece) in made.around.iter().enumerate() {
            let start = if at == 0 {
                prop_assert!(rest.starts_with(piece.as_str()));
                0
            } else if at + 1 == made.around.len() {
                prop_assert!(rest.ends_with(piece.as_str()));
                rest.len() - piece.len()
            } else {
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
                prop_assert!(values.next().unwrap().is_ok());
                let end = values.byte_offset();
                prop_assert!(rest[end..].starts_with(piece.as_str()));
                end
            };
            if at > 0 {
                found.push(rest[..start].to_owned());
            }
            rest = &rest[start + piece.len()..];
        }
        let (value, switch) = if made.value_first { (0, 1) } else { (1, 0) };
        prop_assert_eq!(&found[switch], "true");
        if wanted == was {
            prop_assert_eq!(&found[value], &made.value, "a list that stays is left as written");
        }
        // The list holds the wanted regions: old ones in their order, then new ones.
        let list = pairs(&serde_json::from_str::<String>(&found[value]).unwrap());
        let kept: Vec<_> = made.order.iter().filter(|one| wanted.contains(one)).collect();
        let expected: Vec<_> = kept.iter().map(ToString::to_string).collect();
        let regions: Vec<_> = codes(&list).into_iter().filter(|code| *code != "DEFAULT").collect();
        prop_assert_eq!(&regions[..expected.len()], &expected[..]);
        prop_assert_eq!(list.len() - regions.len(), 1, "one first line");
        let new: BTreeSet<Region> = regions.iter().map(|code| code.parse().unwrap()).collect();
        prop_assert_eq!(&new, &wanted);
        prop_assert_eq!(regions.len(), wanted.len());
        for (code, name) in &list {
            if let Some(before) = made.names.get(code.as_str()) {
                prop_assert_eq!(name, before);
            }
        }
        // The result can be parsed again, and a second edit changes nothing.
        let again = parse(&edited);
        prop_assert_eq!(again.edit(&wanted), edited);
    }

    #[test]
    fn no_bytes_make_it_fall_over(mut bytes: Vec<u8>, at in 0..SAMPLE.len(), cut in 0..SAMPLE.len()) {
        let _ = LanguageFile::parse(&bytes);
        // The same with bytes in the middle of a file, and with a truncated file.
        let mut broken = SAMPLE.as_bytes().to_vec();
        broken.truncate(cut.max(at));
        bytes.truncate(8);
        broken.splice(at.min(broken.len()).., bytes);
        let _ = LanguageFile::parse(&broken);
    }

    #[test]
    fn one_sign_changed_anywhere_is_refused_or_kept(at in 0..SAMPLE.len(), sign in "[ -~\\n]") {
        prop_assume!(SAMPLE.is_char_boundary(at) && SAMPLE.is_char_boundary(at + 1));
        let text = format!("{}{sign}{}", &SAMPLE[..at], &SAMPLE[at + 1..]);
        if let Ok(file) = LanguageFile::parse(text.as_bytes()) {
            let edited = file.edit(&file.regions());
            if file.overrides() {
                prop_assert_eq!(&edited, &text);
            }
            let again = LanguageFile::parse(edited.as_bytes()).unwrap();
            prop_assert!(again.overrides());
            prop_assert_eq!(again.list(), file.list());
        }
    }
}
