use super::*;
use chrono::TimeDelta;

fn now() -> DateTime<Utc> {
    crate::period::parse_time("2026-11-21T15:00:00Z").unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    crate::period::parse_time(text).unwrap()
}

fn key() -> HandleKey {
    HandleKey::new(&[1; 32])
}

fn facts() -> Facts {
    Facts::of(Subject::User { name: "anna@example.com".into(), others: vec![] })
}

fn tries(outcomes: &[(Kind, Option<Reason>)]) -> Vec<AttemptFact> {
    let one = |(at, (outcome, reason)): (i64, &(Kind, Option<Reason>))| AttemptFact {
        time: now() - TimeDelta::minutes(at),
        outcome: *outcome,
        reason: *reason,
    };
    (1..).zip(outcomes).map(one).collect()
}

fn texts(facts: &Facts) -> Vec<String> {
    sentences(facts, now()).into_iter().map(|sentence| sentence.text).collect()
}

#[test]
fn a_block_says_since_when_by_whom_why_and_until_when() {
    let block = BlockFact {
        whom: "anna@example.com".into(),
        only_channel: None,
        since: at("2026-11-21T14:02:00Z"),
        until: Some(at("2027-02-19T14:02:00Z")),
        by: "api key".into(),
        reason: "a fraud report".into(),
        auto: true,
    };
    let manual = BlockFact {
        only_channel: Some(Channel::Email),
        since: at("2026-11-01T00:00:00Z"),
        until: None,
        by: "lead@example.com".into(),
        reason: "asked for it.".into(),
        auto: false,
        ..block.clone()
    };
    let said = sentences(&Facts { blocks: vec![block, manual], ..facts() }, now());
    assert_eq!(
        said[0].text,
        "anna@example.com is blocked since 14:02 (by auto-block after a fraud report) until 19 Feb 2027."
    );
    assert_eq!(
        said[1].text,
        "anna@example.com is offered e-mail only since 1 Nov 2026 (by lead@example.com: asked for it) until somebody unblocks."
    );
    assert_eq!((said[0].tone, said.len()), (Tone::Stops, 3));
}

#[test]
fn attempts_are_counted_with_their_reasons() {
    use Kind::{Expired, Failed, Refused, Requested, Verified};
    let busy = (Failed, Some(Reason::Busy));
    let hung_up = (Failed, Some(Reason::HungUp));
    for (outcomes, said) in [
        (vec![], "No attempt of this name in the last 90 days."),
        (vec![busy], "The only attempt of this name in 24 hours failed: line busy."),
        (vec![(Verified, None)], "The only attempt of this name in 24 hours was verified."),
        (
            vec![(Requested, None)],
            "The only attempt of this name in 24 hours has not been answered yet.",
        ),
        (
            vec![busy, hung_up, busy, (Verified, None), busy],
            "Of the last 5 attempts of this name in 24 hours 4 failed: line busy (3), hung up \
             (1); 1 was verified.",
        ),
        (
            vec![(Expired, None), busy],
            "Of the last 2 attempts of this name in 24 hours all failed: expired (1), line busy \
             (1).",
        ),
        (
            vec![(Refused, None), (Refused, None), (Verified, None)],
            "Of the last 3 attempts of this name in 24 hours none failed; 1 was verified; 2 were refused by a rule here.",
        ),
    ] {
        let said_of = texts(&Facts { tries: tries(&outcomes), ..facts() });
        assert_eq!(said_of[1], said);
    }
    let old = AttemptFact { time: now() - TimeDelta::days(3), outcome: Failed, reason: None };
    let said = texts(&Facts { tries: vec![old], ..facts() });
    assert_eq!(said[1], "No attempt of this name in 24 hours; the last was 3 days ago and failed.");
}

#[test]
fn refusals_of_the_gate_say_why_and_until_when() {
    let refusal = |minutes, message: &str, until: Option<i64>| RefusalFact {
        time: now() - TimeDelta::minutes(minutes),
        message: message.into(),
        until: until.map(|minutes| now() + TimeDelta::minutes(minutes)),
    };
    let refusals = vec![
        refusal(2, "6 codes for this number in 10 min; 5 are allowed.", Some(8)),
        refusal(30, "11 codes from this address in 1 h; 10 are allowed.", Some(-5)),
        refusal(60, "Codes by SMS to Jamaica (JM) are not allowed.", None),
    ];
    let said = sentences(&Facts { refusals, ..facts() }, now());
    let said: Vec<_> = said[2..].iter().map(|one| (one.tone, one.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (
                Tone::Stops,
                "The gate refused a code 2 minutes ago: 6 codes for this number in 10 min; 5 are \
                 allowed. The next code can be requested at 15:08."
            ),
            (
                Tone::Fact,
                "The gate refused a code 30 minutes ago: 11 codes from this address in 1 h; 10 \
                 are allowed. The wait ended 5 minutes ago."
            ),
            (
                Tone::Stops,
                "The gate refused a code 1 hour ago: Codes by SMS to Jamaica (JM) are not allowed."
            ),
        ]
    );
}

#[test]
fn the_newest_attempt_decides_whether_codes_are_stopped() {
    let tone = |outcomes: &[(Kind, Option<Reason>)]| {
        sentences(&Facts { tries: tries(outcomes), ..facts() }, now())[1].tone
    };
    assert_eq!(tone(&[(Kind::Failed, None), (Kind::Verified, None)]), Tone::Stops);
    assert_eq!(tone(&[(Kind::Verified, None), (Kind::Failed, None)]), Tone::Fact);
}

#[test]
fn numbers_names_reports_and_bypasses_are_told() {
    let verified = |number: &str, last| VerifiedFact { number: number.into(), last };
    let bypass = BypassFact {
        whom: "anna@example.com".into(),
        until: at("2026-11-21T16:30:00Z"),
        by: "lead@example.com".into(),
        reason: "travels".into(),
    };
    let report = ReportFact { time: now() - TimeDelta::hours(5), blocked: true, handled: false };
    let all = Facts {
        subject: Subject::User {
            name: "anna@example.com".into(),
            others: vec!["a".into(), "b".into(), "c".into()],
        },
        bypasses: vec![bypass],
        verified: vec![
            verified("+4915••••12", Some(now() - TimeDelta::days(3))),
            verified("+4915••••13", None),
        ],
        reports: vec![report, report],
        ..facts()
    };
    assert_eq!(
        texts(&all),
        [
            "A one-time bypass of anna@example.com is open until 16:30 (by lead@example.com: travels).",
            "anna@example.com is not blocked, and the numbers are not blocked either.",
            "anna@example.com is also known as a, b and c.",
            "No attempt of this name in the last 90 days.",
            "The number +4915••••12 was last verified 3 days ago.",
            "The number +4915••••13 was not verified in the last 90 days.",
            "A sign-in was reported as fraud 5 hours ago, the newest of 2 reports; the user was blocked for it.",
        ]
    );
    let ip = Facts {
        subject: Subject::Ip("192.0.2.1".parse().unwrap()),
        users: vec!["anna".into(), "bob".into()],
        ..facts()
    };
    assert_eq!(
        texts(&ip),
        [
            "192.0.2.1 is not blocked, and neither are the users recently seen from it.",
            "No attempt from this address in the last 90 days.",
            "Users seen: anna and bob.",
        ]
    );
}

#[test]
fn what_is_typed_is_told_apart() {
    let phone: PhoneNumber = "+4915112345678".parse().unwrap();
    let id = Uuid::from_u128(7);
    for (text, wanted) in [
        ("  ", SearchTerm::Nothing),
        (&*key().user("Anna"), SearchTerm::User("anna".into())),
        (&*key().number(phone), SearchTerm::Number(phone)),
        (" +49 151 1234-5678 ", SearchTerm::Number(phone)),
        ("2001:db8::1", SearchTerm::Ip("2001:db8::1".parse().unwrap())),
        ("192.0.2.1", SearchTerm::Ip("192.0.2.1".parse().unwrap())),
        ("::ffff:192.0.2.1", SearchTerm::Ip("192.0.2.1".parse().unwrap())),
        ("[2001:db8::1]:443", SearchTerm::Ip("2001:db8::1".parse().unwrap())),
        ("'+49 151 12345678", SearchTerm::Number(phone)),
        ("tel:+4915112345678", SearchTerm::Number(phone)),
        (&*id.to_string(), SearchTerm::Id(id)),
        ("Anna@Example.com", SearchTerm::Text("Anna@Example.com".into())),
        ("o'hara%_", SearchTerm::Text("o'hara%_".into())),
        ("+anna", SearchTerm::Text("+anna".into())),
        ("12345", SearchTerm::Text("12345".into())),
    ] {
        assert_eq!(read(text, &key(), Sight::Whole), Ok(wanted), "{text}");
    }
    let foreign = HandleKey::new(&[2; 32]).user("anna");
    let long = "x".repeat(321);
    for (text, code) in [
        ("0151 12345678", "invalid_phone"),
        ("+49", "invalid_phone"),
        ("+0151 1234567", "invalid_phone"),
        ("+1415555CALL", "invalid_phone"),
        ("+14155550100 ext. 12", "invalid_phone"),
        ("+1415555010012345", "invalid_phone"),
        (&*foreign, "invalid_value"),
        (&*long, "too_long"),
        ("a\0b", "invalid_value"),
    ] {
        let refused = read(text, &key(), Sight::Whole).unwrap_err();
        assert_eq!(refused.fields[0].code.as_str(), code, "{text}");
    }
}

#[test]
fn an_auditor_names_numbers_by_handles_alone() {
    let phone: PhoneNumber = "+4915112345678".parse().unwrap();
    for typed in ["+4915112345678", "0049 151 12345678", "015112345678", "+49151123x"] {
        let refused = read(typed, &key(), Sight::Masked).unwrap_err();
        assert_eq!(refused.fields[0].code, crate::Fault::Forbidden);
    }
    assert_eq!(read(&key().number(phone), &key(), Sight::Masked), Ok(SearchTerm::Number(phone)));
}

fn looked(number: &str, sight: Sight) -> (String, Option<String>) {
    let phone = number.parse().unwrap();
    let looked = LookedUpNumber::new(phone, crate::numbers::NumberFacts::of(phone), sight);
    let facts = looked.facts().into_iter().map(|(name, value)| format!("{name}: {value}"));
    (facts.collect::<Vec<_>>().join("; "), looked.wrong())
}

#[test]
fn a_number_is_looked_at() {
    for (number, facts, wrong) in [
        (
            "+18765551234",
            "Region: Jamaica (JM), +1; Type: Mobile; Valid: Yes; \
             Block of numbers: +1876555xxxx",
            None,
        ),
        (
            "+4401534960123",
            "Region: Jersey (JE), +44; Type: Unknown type; Valid: No, but possible by its length; \
             Block of numbers: +44153496xxxx",
            Some(
                "The number is not valid: its length is possible for numbers of +44, but no such \
                 number is assigned in Jersey.",
            ),
        ),
        (
            "+1415555010",
            "Valid: No, not possible either; Block of numbers: +141555xxxx",
            Some("The number has 9 digits after +1; numbers there have 10 digits."),
        ),
        (
            "+9991234567",
            "Valid: No, not possible either; Block of numbers: +999123xxxx",
            Some(
                "No calling code is assigned that the number could begin with: +999 leads nowhere.",
            ),
        ),
        (
            "+870773111632",
            "Region: No country (001), +870; Type: Mobile; Valid: Yes; \
             Block of numbers: +87077311xxxx",
            None,
        ),
    ] {
        assert_eq!(looked(number, Sight::Whole), (facts.to_owned(), wrong.map(str::to_owned)));
        let (masked, _) = looked(number, Sight::Masked);
        let block = facts.rsplit(' ').next().unwrap();
        assert!(!masked.contains(&block[..block.len() - 4]), "{masked}");
    }
    let phone = "+1415555010".parse().unwrap();
    let known = crate::numbers::NumberFacts::of(phone);
    let looked = Some(LookedUpNumber::new(phone, known, Sight::Whole));
    let subject = Subject::Number { number: phone.to_string() };
    let said = &sentences(&Facts { looked, ..Facts::of(subject) }, now())[0];
    assert_eq!(said.tone, Tone::Stops);
    assert!(said.text.starts_with("The number has 9 digits after +1"), "{}", said.text);
}
