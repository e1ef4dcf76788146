use super::*;
use serde_json::json;

fn person(whom: &Whom, names: &[&str]) -> Person {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Person::new(whom, names, &Secret::new([7; 32]))
}

fn of_number(number: &str) -> Person {
    person(&Whom::Phone(number.parse().unwrap()), &[])
}

fn of_user(name: &str) -> Person {
    person(&Whom::User(name.to_owned()), &[])
}

#[test]
fn a_number_is_found_however_it_is_written() {
    let person = of_number("+14155552671");
    for text in [
        "+14155552671",
        "called 1-415-555-2671 twice",
        "(415) 555-2671",
        "415.555.2671",
        "0014155552671",
        "+1 (415) 555 2671, then nothing",
        "tel:+1-415-555-2671",
        "%2B14155552671",
        "of 14155552671 and +4915112345678",
        "+4915112345678 14155552671",
        "٤١٥٥٥٥٢٦٧١",
        "\u{ff0b}1[415]555_2671",
        "\u{ff0b}\u{200b}1~415 - 555 - 2671",
        "④①⑤ ⑤⑤⑤ ②⑥⑦①",
        "no route to %2B1%20415%20555%2D2671",
        "415     555     2671",
        "415&nbsp;555\\u00a02671",
        "415'555;2671",
        "415|555|2671",
    ] {
        let left = person.taken_out_of(text).unwrap_or_else(|| panic!("{text}"));
        assert!(left.contains(&person.handle), "{text}: {left}");
        assert!(!left.contains("2671") && person.taken_out_of(&left).is_none(), "{text}: {left}");
    }
    for other in
        ["+494155552671", "141555526710", "94155552671", "+1 415 555 2672", "", "415555267"]
    {
        assert_eq!(person.taken_out_of(other), None, "{other}");
    }
    let german = of_number("+4915112345678");
    for text in ["0151 12345678", "0151/12345678", "+49 (0)151 12345678", "0049 151 1234 5678"] {
        assert!(german.taken_out_of(text).is_some(), "{text}");
    }
}

#[test]
fn a_name_is_found_as_a_word_of_its_own() {
    let person = of_user(" Anna@Example.com");
    for text in [
        "anna@example.com",
        "ANNA@example.COM ",
        "user anna@example.com",
        "said anna@example.com.",
        "<anna@example.com>",
        "u=anna%40example.com&x=1",
        "Anna@example.com.ndjson",
        "anna@example.com.csv.gz",
    ] {
        let left = person.taken_out_of(text).unwrap_or_else(|| panic!("{text}"));
        assert!(!left.to_lowercase().contains("anna"), "{left}");
    }
    for other in ["joanna@example.com", "anna@example.com.au", "anna@example.co", "anna"] {
        assert_eq!(person.taken_out_of(other), None, "{other}");
    }
    let short = of_user("a");
    assert_eq!(short.taken_out_of("a"), Some(short.handle.clone()));
    assert_eq!(short.taken_out_of("User a"), Some(format!("user {}", short.handle)));
    assert_eq!(short.taken_out_of("a code was sent"), None, "a word of every sentence");
    let accented = of_user("Zoë Müller");
    assert!(accented.taken_out_of("by Zoe\u{308} Mu\u{308}ller").is_some());
}

#[test]
fn documents_lose_the_person_and_stay_documents() {
    let person = person(&Whom::User("anna".into()), &["+14155552671", "ann"]);
    let mut value = json!({
        "user": "Anna", "phone": "+1 415 555 2671", "digits": 14155552671_u64, "n": 4,
        "anna": ["ann", "else", { "deep": "user anna" }], "ok": true, "none": null
    });
    assert!(person.take_out_of(&mut value));
    let text = value.to_string().to_lowercase();
    assert!(!text.contains("ann") && !text.contains("2671"), "{text}");
    assert_eq!((&value["n"], &value["ok"]), (&json!(4), &json!(true)));
    let mut other = json!({ "user": "bob" });
    assert!(!person.take_out_of(&mut other));
}

#[test]
fn a_rule_of_the_number_goes_and_the_others_stay() {
    let person = of_number("+14155552671");
    let mut rules = json!({ "number_rules": [
        { "numbers": "+14155552671", "action": "deny", "reason": "x" },
        { "numbers": "+1415555xxxx", "action": "deny", "reason": "as of +14155552671" },
    ], "on_store_failure": "allow" });
    assert!(person.take_out_of_settings(&mut rules));
    let left = rules["number_rules"].as_array().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["reason"], format!("as of {}", person.handle));
}

#[test]
fn handles_are_keyed_and_say_nothing() {
    let one = of_user("Anna");
    assert_eq!(one.handle, of_user("anna ").handle);
    assert_eq!(one.handle.len(), 26);
    let other = Person::new(&Whom::User("anna".into()), vec![], &Secret::new([8; 32]));
    assert_ne!(one.handle, other.handle);
}

proptest::proptest! {
    #[test]
    fn nothing_panics_and_nothing_is_found_twice(text in ".{0,80}", name in ".{1,12}") {
        let person = person(&Whom::User(name), &["+14155552671"]);
        if let Some(left) = person.taken_out_of(&text) {
            proptest::prop_assert!(left.contains(&person.handle));
        }
    }
}

/// A name becomes a regular expression of Postgres, in which none of its characters may have a
/// special meaning.
#[test]
fn every_letter_of_a_name_stands_for_itself() {
    let pattern = of_user("a.b*(c|d)[e]{2}\\f$").pattern();
    let first = pattern.split('|').next().unwrap_or_default();
    assert!(first.starts_with("a\\.b\\*\\(c\\"), "{pattern}");
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => assert!(letters.next().is_some_and(|next| next.is_ascii_punctuation())),
            '|' => {}
            letter => assert!(letter.is_alphanumeric(), "{letter} in {pattern}"),
        }
    }
}
