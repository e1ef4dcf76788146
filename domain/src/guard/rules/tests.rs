//! Which gate settings are accepted, refused and how they are worded.

use super::*;
use crate::PhoneNumber;
use crate::gate::Verdict;
use crate::settings::Section as _;
use crate::workbook::Sight;
use proptest::prelude::*;
use serde_json::json;
use testkit::noon;

fn settings(document: serde_json::Value) -> Settings {
    serde_json::from_value(document).unwrap()
}

fn wrong(document: serde_json::Value) -> Vec<(String, String)> {
    let invalid = settings(document).check().unwrap_err();
    invalid.fields.into_iter().map(|error| (error.field, error.message)).collect()
}

#[test]
fn defaults_are_the_contracts() {
    let defaults = Settings::default();
    defaults.check().unwrap();
    let names: Vec<String> = defaults.limits.iter().map(Limit::name).collect();
    assert_eq!(
        names,
        [
            "5 per 10 min per number",
            "10 per 24 h per number",
            "20 per 1 h per block of 10,000 numbers",
            "10 per 1 h per IP address",
            "50 per 1 h per IP network",
            "10 per 1 h per user",
            "10 per 1 h per device",
        ]
    );
    assert_eq!(defaults.on_store_failure, OnStoreFailure::Allow);
    let denied: Vec<&str> = defaults
        .number_types
        .iter()
        .filter(|(_, rule)| rule.action == TypeAction::Deny)
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(denied, ["premium_rate", "shared_cost", "pager", "uan", "voicemail"]);
    assert_eq!(defaults.number_types[&NumberType::Voip].action, TypeAction::Monitor);
    // PUT accepts what GET returns.
    let document = serde_json::to_value(&defaults).unwrap();
    assert_eq!(settings(document), defaults);
    assert_eq!(settings(json!({})), defaults);
}

#[test]
fn values_have_bounds_and_errors_their_place() {
    for (document, field) in [
        (json!({ "limits": [{ "per": "number", "limit": 0, "window": 60 }] }), "limits.0.limit"),
        (json!({ "limits": [{ "per": "ip", "limit": 1, "window": 0 }] }), "limits.0.window"),
        (json!({ "limits": [{ "per": "ip", "limit": 1, "window": 86_401 }] }), "limits.0.window"),
        (json!({ "kill_switches": [{ "region": "ZZ" }] }), "kill_switches.0.region"),
        (
            json!({ "kill_switches": [{ "region": "US", "channel": "push" }] }),
            "kill_switches.0.channel",
        ),
        (
            json!({ "spend": { "caps": [{ "amount": "0", "window": 3600 }] } }),
            "spend.caps.0.amount",
        ),
        (json!({ "spend": { "caps": [{ "amount": "1", "window": 60 }] } }), "spend.caps.0.window"),
        (
            json!({ "spend": { "prices": [{ "to": "ZZ", "channel": "*", "amount": "1" }] } }),
            "spend.prices.0.to",
        ),
        (json!({ "trust": { "days": 0 } }), "trust.days"),
        (json!({ "trust": { "days": 91 } }), "trust.days"),
        (json!({ "user_message": { "language": "xx" } }), "user_message.language"),
        (json!({ "b2c": { "phone_claim": "" } }), "b2c.phone_claim"),
        (json!({ "b2c": { "channel": "email" } }), "b2c.channel"),
    ] {
        let found = wrong(document.clone());
        assert_eq!(found[0].0, field, "{document}");
    }
    for document in [
        json!({ "limits": [{ "per": "planet", "limit": 1, "window": 60 }] }),
        json!({ "spend": { "prices": [{ "to": "US", "channel": "*", "amount": "-1" }] } }),
        json!({ "spend": { "currency": "eur" } }),
        json!({ "number_rules": [{ "numbers": "+1x", "action": "deny" }] }),
        json!({ "number_types": { "satellite": { "action": "deny" } } }),
        json!({ "colour": "blue" }),
    ] {
        assert!(serde_json::from_value::<Settings>(document.clone()).is_err(), "{document}");
    }
}

#[test]
fn rules_that_overlap_are_both_named() {
    let found = wrong(json!({ "number_rules": [
        { "numbers": "+1876*", "action": "deny" },
        { "numbers": "+44*", "action": "deny" },
        { "numbers": "+1 876*", "action": "allow" },
    ] }));
    assert_eq!(found[0].0, "number_rules.2");
    assert_eq!(found[0].1, "number rules 1 and 3 are both for +1876*; remove one of them");
    let found = wrong(json!({ "limits": [
        { "per": "ip", "limit": 1, "window": 60 }, { "per": "ip", "limit": 2, "window": 60 },
    ] }));
    assert_eq!(found[0].1, "limits 1 and 2 are both for ip in 1 min; remove one of them");
    let found = wrong(json!({ "kill_switches": [{ "region": "JM" }, { "region": "JM" }] }));
    assert!(found[0].1.contains("kill switches 1 and 2"), "{found:?}");
}

#[test]
fn who_changed_a_rule_is_kept_and_cannot_be_claimed() {
    let before = Settings::default().signed(&Settings::default(), "ann", noon());
    assert!(before.limits.iter().all(|limit| limit.by.is_none()), "nobody changed them");
    let mut after = before.clone();
    after.limits[0].limit = 7;
    after.limits[1].by = Some("somebody else".into());
    after.kill_switches.push(KillSwitch {
        region: Any::One("JM".parse().unwrap()),
        channel: Any::All,
        until: None,
        mode: Mode::Enforce,
        reason: "pumping".into(),
        by: Some("nobody".into()),
        at: None,
    });
    let after = after.signed(&before, "bob", noon());
    assert_eq!(after.limits[0].by.as_deref(), Some("bob"));
    assert_eq!((after.limits[1].by.as_deref(), after.limits[1].at), (None, None));
    assert_eq!(after.kill_switches[0].by.as_deref(), Some("bob"));
    assert_eq!(after.kill_switches[0].at, Some(noon()));
    // Saved again by somebody else: no rule changes its author.
    assert_eq!(after.clone().signed(&after, "eve", noon()), after);
}

#[test]
fn tables_are_read_with_every_error_at_its_line() {
    let prices =
        read_prices("to,channel,amount\nUS,sms,0.0079\n+1876*,*,0.35\nDE,,0.07\n").unwrap();
    assert_eq!(prices.len(), 3);
    assert_eq!(
        (prices[1].to.to_string(), prices[1].amount.to_string()),
        ("+1876*".into(), "0.35".into())
    );
    assert_eq!(read_prices(&prices_csv(&prices)).unwrap(), prices);
    let semicolons = read_prices("\u{feff}'+1876*;voice;0,35").unwrap_err();
    assert_eq!(semicolons.fields[0].field, "line 1");
    let wrong = read_prices("US,sms,-1\nUS,sms,1\nXYZ,sms,1\nUS,sms,2\nUS,fax,1\nUS,sms,1,2\n");
    let lines: Vec<_> = wrong.unwrap_err().fields.into_iter().map(|error| error.field).collect();
    assert_eq!(lines, ["line 1", "line 3", "line 4", "line 5", "line 6"]);

    let text = "numbers,action,until,reason,mode\n'+1876*,deny,,pumping,shadow\n+14155550100,,,,\n";
    let rules = read_number_rules(text, NumberAction::Allow, "ours", noon()).unwrap();
    assert_eq!((rules[0].mode, rules[0].reason.as_str()), (Mode::Shadow, "pumping"));
    assert_eq!((rules[1].action, rules[1].reason.as_str()), (NumberAction::Allow, "ours"));
    let again = number_rules_csv(&rules);
    assert_eq!(read_number_rules(&again, NumberAction::Deny, "", noon()).unwrap(), rules);
    let list = read_number_rules("+14155550100\n+44*\n", NumberAction::Deny, "", noon()).unwrap();
    assert_eq!(list.len(), 2);
    let marked = "• +14155550100\n- +44*\n2. +49 (151)*\n";
    let marked = read_number_rules(marked, NumberAction::Deny, "", noon()).unwrap();
    let marked: Vec<String> = marked.iter().map(|rule| rule.numbers.to_string()).collect();
    assert_eq!(marked, ["+14155550100", "+44*", "+49151*"]);
    let modus = read_number_rules("numbers,modus\n+1417*,shadow", NumberAction::Deny, "", noon());
    assert!(modus.unwrap_err().to_string().contains("“modus” is not a column"));
    let twice = read_number_rules("+44*\n+44*", NumberAction::Deny, "", noon()).unwrap_err();
    assert!(twice.fields[0].message.contains("line 1"), "{twice}");
}

#[test]
fn a_rule_may_pass_numbers_that_are_not_valid() {
    let text =
        "numbers,action,until,reason,mode,even_invalid\n+1436*,allow,,new,,TRUE\n+44*,,,,,\n";
    let rules = read_number_rules(text, NumberAction::Allow, "", noon()).unwrap();
    assert_eq!(rules.iter().map(|rule| rule.even_invalid).collect::<Vec<_>>(), [true, false]);
    let again = number_rules_csv(&rules);
    assert_eq!(read_number_rules(&again, NumberAction::Deny, "", noon()).unwrap(), rules);
    let said = rules[0].sentence(Sight::Whole);
    assert_eq!(said, "Numbers that begin with +1436 are allowed, valid or not.");
    let ends = NumberRule { until: Some(noon()), ..rules[0].clone() };
    let said = ends.sentence(Sight::Whole);
    assert!(said.ends_with("are allowed until 20 Nov 2026, 12:00 UTC, valid or not."), "{said}");
    // A deny rule applies to valid and invalid numbers.
    let deny = "+1436*,deny,,,,true";
    let wrong_csv = read_number_rules(deny, NumberAction::Deny, "", noon()).unwrap_err();
    assert!(wrong_csv.to_string().contains("even_invalid"), "{wrong_csv}");
    let rule = json!({ "numbers": "+1436*", "action": "deny", "even_invalid": true });
    let wrong = wrong(json!({ "number_rules": [rule] }));
    assert_eq!(wrong[0].0, "number_rules.0.even_invalid");
    let typo = read_number_rules("+1436*,allow,,,,yes", NumberAction::Deny, "", noon());
    assert!(typo.unwrap_err().to_string().contains("even_invalid"));
}

#[test]
fn numbers_are_whole_or_begin_alike() {
    assert!("+44 (0)7400*".parse::<Numbers>().unwrap_err().contains("leave (0) out"));
    assert_eq!("\u{200e}+1 876\u{2011}5*".parse::<Numbers>().unwrap().to_string(), "+18765*");
    let prefix: Numbers = "+1 (876)*".parse().unwrap();
    assert_eq!((prefix.to_string(), prefix.length()), ("+1876*".into(), 4));
    for (phone, holds) in [("+18765551234", true), ("+14155550100", false), ("+1876555", true)] {
        assert_eq!(prefix.hold(phone.parse().unwrap()), holds, "{phone}");
    }
    let one: Numbers = "+14155550100".parse().unwrap();
    assert!(one.hold("+14155550100".parse().unwrap()) && one.length() > prefix.length());
    assert_eq!(one.masked(), "+14155••••00");
    assert_eq!("+1415555*".parse::<Numbers>().unwrap().masked(), "+14155••*");
    for wrong in ["", "*", "+*", "+0*", "1876*", "+18a6*", "+123456789012345*", "+18"] {
        assert!(wrong.parse::<Numbers>().is_err(), "{wrong}");
    }
}

#[test]
fn amounts_are_exact() {
    for (text, shown, nano) in [
        ("0.0450", "0.045", 45_000_000),
        ("1", "1.00", 1_000_000_000),
        ("0", "0.00", 0),
        ("0.000000001", "0.000000001", 1),
        ("1000000000", "1000000000.00", 1_000_000_000_000_000_000),
    ] {
        let amount: Amount = text.parse().unwrap();
        assert_eq!((amount.to_string().as_str(), amount.nano()), (shown, nano));
    }
    for wrong in ["", "-1", "1e3", "0.0000000001", "1000000001", "1,5", "EUR", "+1"] {
        assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
    }
}

#[test]
fn users_read_their_own_language() {
    let mut texts = UserTexts { help_desk: "Call 100.".into(), ..UserTexts::default() };
    texts.texts.insert(
        "de".into(),
        Texts {
            deny: "Nein. {help_desk}".into(),
            delay: "In {minutes}.".into(),
            challenge: "?".into(),
        },
    );
    let read = |accept: &str, verdict, wait| texts.for_user(verdict, wait, accept).text;
    assert_eq!(read("de-AT, en;q=0.5", Verdict::Deny, None), "Nein. Call 100.");
    assert_eq!(read("fr, de;q=0.8, en;q=0.9", Verdict::Deny, None).split(' ').next(), Some("We"));
    assert_eq!(read("DE", Verdict::Delay, Some(61)), "In 2 Minuten.");
    assert_eq!(read("de", Verdict::Delay, Some(60)), "In 1 Minute.");
    assert_eq!(read("xx;q=oops,,;", Verdict::Deny, None).split(' ').next(), Some("We"));
    assert_eq!(read("de", Verdict::Allow, None), "");
}

#[test]
fn rules_are_sentences() {
    let limit = Limit::new(Dimension::Number, 5, 600);
    assert_eq!(limit.sentence(), "5 codes in 10 min for one number; then delayed.");
    let one = Limit { action: LimitAction::Deny, ..Limit::new(Dimension::All, 1, 90) };
    assert_eq!(one.sentence(), "1 code in 90 s in total; then refused.");
    let rules = read_number_rules("+1876*,deny", NumberAction::Deny, "", noon()).unwrap();
    assert_eq!(rules[0].sentence(Sight::Whole), "Numbers that begin with +1876 are refused.");
    assert_eq!(duration(3_600), "1 h");
    assert_eq!((duration(5_400), duration(61)), ("90 min".into(), "61 s".into()));
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(text in "[-+*a-zA-Z0-9 ,;\t\n\"'.]{0,200}") {
        let _ = read_prices(&text);
        if let Ok(rules) = read_number_rules(&text, NumberAction::Deny, "", noon()) {
            let again = number_rules_csv(&rules);
            prop_assert_eq!(read_number_rules(&again, NumberAction::Allow, "", noon()), Ok(rules));
        }
    }

    #[test]
    fn a_beginning_holds_what_begins_so(digits in 1_000_000_u64..999_999_999_999_999, cut in 1_usize..14) {
        let text = digits.to_string();
        let phone = PhoneNumber::from_digits(digits).unwrap();
        let cut = cut.min(text.len() - 1);
        let prefix: Numbers = format!("+{}*", &text[..cut]).parse().unwrap();
        prop_assert!(prefix.hold(phone));
        prop_assert_eq!(prefix.to_string().parse::<Numbers>(), Ok(prefix));
    }

    #[test]
    fn amounts_read_back(nano in 0_i64..1_000_000_000_000_000_000) {
        let amount = Amount::from_nano(nano);
        prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
    }
}
