use super::*;
use crate::Channel;
use crate::Cost;
use crate::period::parse_time;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize as _;
use serde_json::json;
use std::net::IpAddr;

fn now() -> DateTime<Utc> {
    parse_time("2026-11-20T09:30:00Z").unwrap()
}

fn key() -> Source {
    "shop".parse().unwrap()
}

/// A valid event with some fields replaced; `null` removes one.
fn with(changes: Value) -> Value {
    let mut event = json!({
        "id": "1", "time": "2026-11-20T09:00:00Z", "kind": "failed",
        "phone": "+1 (415) 555-0100", "channel": "voice",
    });
    for (name, value) in changes.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

/// Reads an event from parsed JSON instead of its text.
pub(crate) fn from_value(
    json: &Value,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<Event, Rejection> {
    Record::deserialize(json)?.event(source, now)
}

pub(crate) fn to_json(event: &Event) -> Value {
    serde_json::from_str(&to_line(event)).unwrap()
}

fn read(event: &Value) -> Result<Event, Rejection> {
    let parsed = parse(event.to_string().as_bytes(), &key(), now());
    assert_eq!(parsed, from_value(event, &key(), now()));
    parsed
}

#[test]
fn a_name_given_twice_is_refused_whatever_it_holds() {
    let names: Vec<&str> = record::FIELDS.split(", ").collect();
    assert_eq!(names.len(), 19);
    for name in names {
        for value in ["null", "\"a\"", "{}", "1"] {
            let text = format!(r#"{{"{name}": null, "id": "1", "{name}": {value}}}"#);
            let rejection = parse(text.as_bytes(), &key(), now()).unwrap_err();
            assert_eq!((rejection.code, &*rejection.field), (Fault::Duplicate, name), "{text}");
        }
    }
    for (text, name) in [
        (r#"{"id": "1", "\u0069d": "2"}"#, "id"),
        (r#"{"id": "1", "extra": {"a": [{"b": 1, "b": 1}]}}"#, "b"),
        (r#"{"id": "1", "cost": {"amount": "1", "amount": "2", "currency": "EUR"}}"#, "amount"),
    ] {
        let rejection = parse(text.as_bytes(), &key(), now()).unwrap_err();
        assert_eq!((rejection.code, &*rejection.field), (Fault::Duplicate, name), "{text}");
    }
}

#[test]
fn reads_every_field() {
    let event = read(&with(json!({
        "source": "twilio", "journey": "j", "user": "u@example.com", "device": "d", "flow": "f",
        "app": "a", "ip": "::ffff:192.0.2.1", "user_agent": "++++", "reason_text":
        "The phone number entered is invalid.", "provider_ref": "SM1", "carrier": "262-01",
        "cost": {"amount": "0.0300", "currency": "EUR"}, "extra": {"label": "normal"},
    })))
    .unwrap();
    assert_eq!(event.source.as_str(), "twilio");
    assert_eq!(event.phone.unwrap().to_string(), "+14155550100");
    assert_eq!(event.channel, Some(Channel::Voice));
    assert_eq!(event.ip.unwrap().to_string(), "192.0.2.1");
    assert_eq!(event.user_agent.as_deref(), Some("++++"));
    assert_eq!(event.reason, Some(Reason::NumberInvalid));
    assert_eq!(event.cost.as_ref().unwrap().amount.to_string(), "0.0300");
    assert_eq!(event.extra["label"], "normal");
    let blank = read(&with(json!({
        "source": null, "journey": "", "user": " ", "ip": "", "reason": "", "cost": null,
        "extra": null, "phone": "", "channel": "",
    })))
    .unwrap();
    assert_eq!((blank.source, blank.journey, blank.phone), (key(), None, None));
    let untold = read(&with(json!({"ip": "unknown, 10.0.0.6"}))).unwrap();
    assert_eq!((untold.ip, &untold.extra["ip_raw"]), (None, &json!("unknown, 10.0.0.6")));
}

#[test]
fn reasons_are_derived_for_what_failed() {
    let words = json!({"reason_text": "MFA denied; Fraud Code Entered"});
    for (kind, expected) in [
        ("failed", Some(Reason::UserReportedFraud)),
        ("denied", Some(Reason::UserReportedFraud)),
        ("reported", Some(Reason::UserReportedFraud)),
        ("sent", None),
    ] {
        let mut event = with(words.clone());
        event["kind"] = kind.into();
        assert_eq!(read(&event).unwrap().reason, expected, "{kind}");
    }
    assert_eq!(read(&with(json!({}))).unwrap().reason, None);
    let given = with(json!({"reason": "busy", "reason_text": "user is blocked"}));
    assert_eq!(read(&given).unwrap().reason, Some(Reason::Busy));
}

#[test]
fn says_what_is_wrong() {
    let long = |count: usize| "ä".repeat(count);
    let mut deep = json!(1);
    for _ in 0..30 {
        deep = json!([deep]);
    }
    for (changes, code, field) in [
        (json!({"id": null}), "required", "id"),
        (json!({"id": 17}), "invalid_type", "id"),
        (json!({"id": long(201)}), "too_long", "id"),
        (json!({"id": "a\u{0}b"}), "invalid_value", "id"),
        (json!({"source": long(65)}), "invalid_value", "source"),
        (json!({"time": null}), "required", "time"),
        (json!({"time": 1_600_000_000}), "invalid_type", "time"),
        (json!({"time": "yesterday"}), "invalid_time", "time"),
        (json!({"time": "0001-01-01T00:00:00Z"}), "time_out_of_range", "time"),
        (json!({"time": "9999-12-31T23:59:59Z"}), "time_out_of_range", "time"),
        (json!({"kind": ""}), "required", "kind"),
        (json!({"kind": "send"}), "invalid_choice", "kind"),
        (json!({"journey": long(201)}), "too_long", "journey"),
        (json!({"user": long(321)}), "too_long", "user"),
        (json!({"device": ["d"]}), "invalid_type", "device"),
        (json!({"phone": "9.99E+10"}), "invalid_phone", "phone"),
        (json!({"phone": "415 555 0100"}), "invalid_phone", "phone"),
        (json!({"phone": 14155550100_u64}), "invalid_type", "phone"),
        (json!({"channel": null}), "required", "channel"),
        (json!({"channel": "call"}), "invalid_choice", "channel"),
        (json!({"ip": "203.0.113"}), "invalid_ip", "ip"),
        (json!({"user_agent": long(2_049)}), "too_long", "user_agent"),
        (json!({"reason": "bad luck"}), "invalid_choice", "reason"),
        (json!({"reason_text": long(501)}), "too_long", "reason_text"),
        (json!({"extra": []}), "invalid_type", "extra"),
        (json!({"extra": {"a": "x".repeat(16_384)}}), "too_large", "extra"),
        (json!({"extra": {"a": ["\u{0}"]}}), "invalid_value", "extra"),
        (json!({"extra": {"\u{0}": 1}}), "invalid_value", "extra"),
        (json!({"extra": {"a": [deep]}}), "invalid_json", "extra"),
        (json!({"usr": "u"}), "unknown_field", "usr"),
    ] {
        let refusal = read(&with(changes.clone())).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.field.as_str()), (code, field), "{changes}");
        assert!(!refusal.message.contains("415"), "{}", refusal.message);
    }
    let scientific = read(&with(json!({"phone": "9.99E+10"}))).unwrap_err().message;
    assert!(scientific.contains("spreadsheet"), "{scientific}");
    assert!(read(&with(json!({"extra": {"a": deep}}))).is_ok());
    assert!(read(&with(json!({"id": long(200), "user": long(320)}))).is_ok());
    for (bad, fault) in [
        ("", Fault::InvalidJson),
        ("{", Fault::InvalidJson),
        (r#"{"id":"\ud800"}"#, Fault::InvalidJson),
        ("[]", Fault::InvalidType),
        ("1", Fault::InvalidType),
        ("\"text\"", Fault::InvalidType),
    ] {
        assert_eq!(parse(bad.as_bytes(), &key(), now()).unwrap_err().code, fault, "{bad}");
    }
}

/// Any JSON, not too deep.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths: exact in any float parser.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(".{0,8}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[^\u{0}\\s][^\u{0}]{{0,{longest}}}")).unwrap()
}

prop_compose! {
    fn an_event()(
        (id, source, kind, micros) in
            (text(199), "[a-z]{1,64}", 0..Kind::ALL.len(), 946_684_800_000_000_i64..1_795_000_000_000_000),
        (journey, user, flow, user_agent) in
            (option::of(text(60)), option::of(text(60)), option::of(text(60)), option::of(text(200))),
        (phone, channel, ip, reason) in (
            option::of(1_000_000_u64..999_999_999_999_999), 0..Channel::ALL.len(),
            option::of(any::<IpAddr>()), option::of(0..Reason::ALL.len()),
        ),
        (reason_text, cents, scale, label) in
            (option::of(text(60)), option::of(0_i64..1_000_000), 0_u32..9, option::of("[^\u{0}]{0,20}")),
    ) -> Event {
        let kind = Kind::ALL[kind];
        Event {
            source: source.parse().unwrap(),
            id,
            time: DateTime::from_timestamp_micros(micros).unwrap(),
            kind,
            journey: journey.clone(),
            user,
            device: journey.clone(),
            flow,
            app: None,
            // Parsed as everywhere: a national prefix is dropped.
            phone: phone.map(|digits| format!("+{digits}").parse().unwrap()),
            channel: phone.map(|_| Channel::ALL[channel]),
            ip: ip.map(|ip| ip.to_canonical()),
            user_agent,
            reason: reason
                .map(|at| Reason::ALL[at])
                .or(derived_reason(kind, reason_text.as_deref())),
            reason_text,
            provider_ref: journey.clone(),
            carrier: journey.map(|_| "234-15".to_owned()),
            cost: cents.map(|cents| Cost {
                amount: Decimal::new(cents, scale),
                currency: "EUR".to_owned(),
            }),
            extra: label.map(|label| ("label".to_owned(), label.into())).into_iter().collect(),
        }
    }
}

/// Price and network are secondary: unreadable ones are kept and cause no refusal.
#[test]
fn side_values_never_cost_the_event() {
    for (cost, read) in [
        (json!({"amount": "0.0075", "currency": "EUR"}), Some("0.0075 EUR")),
        // Twilio reports prices as negative amounts.
        (json!({"amount": "-0.0075", "currency": "usd"}), Some("0.0075 USD")),
        (json!({"amount": 0.03, "currency": " Eur "}), Some("0.03 EUR")),
        (json!({"amount": 3, "currency": "EUR", "unit": "message"}), Some("3 EUR")),
        (json!({"amount": "0.00750000000000", "currency": "EUR"}), Some("0.0075 EUR")),
        (json!({"amount": 1e-7, "currency": "EUR"}), Some("0.0000001 EUR")),
        (json!({"amount": null, "currency": null}), None),
        (json!({"amount": "", "currency": "EUR"}), None),
        (json!(null), None),
        (json!(""), None),
    ] {
        let event = read_ok(json!({"cost": cost.clone()}));
        let told = event.cost.map(|cost| format!("{} {}", cost.amount, cost.currency));
        assert_eq!(told.as_deref(), read, "{cost}");
        assert!(event.extra.is_empty(), "{cost}: {:?}", event.extra);
    }
    for cost in [
        json!("0.03"),
        json!(0.03),
        json!([]),
        json!({"amount": "1_0", "currency": "EUR"}),
        json!({"amount": "free", "currency": "EUR"}),
        json!({"amount": "1", "currency": "euro"}),
        json!({"amount": "1"}),
        json!({"amount": "1".repeat(40), "currency": "EUR"}),
        json!({"amount": "\u{0}", "currency": "EUR"}),
        json!({"amount": "x".repeat(20_000), "currency": "EUR"}),
    ] {
        let event = read_ok(json!({"cost": cost.clone()}));
        assert_eq!(event.cost, None, "{cost}");
        assert!(event.extra["cost_raw"].as_str().unwrap().len() <= 800, "{cost}");
    }
    for (carrier, read) in [
        ("23415", Some("234-15")),
        ("234-15", Some("234-15")),
        ("234 15", Some("234-15")),
        ("310 004", Some("310-004")),
        ("310004", Some("310-004")),
        ("262_01", Some("262-01")),
        ("Vodafone UK", None),
        ("2341", None),
        ("2341567", None),
        ("12-345", None),
    ] {
        let event = read_ok(json!({"carrier": carrier}));
        assert_eq!(event.carrier.as_deref(), read, "{carrier}");
        let kept = event.extra.get("carrier_raw").and_then(Value::as_str);
        assert_eq!(kept, read.is_none().then_some(carrier), "{carrier}");
    }
    assert_eq!(read_ok(json!({"carrier": 23_415})).carrier.as_deref(), Some("234-15"));
    for other in [json!(true), json!(["234-15"]), json!("a\u{0}b"), json!("x".repeat(400))] {
        let event = read_ok(json!({"carrier": other}));
        assert!(!event.extra["carrier_raw"].as_str().unwrap().contains('\0'));
    }
}

fn read_ok(changes: Value) -> Event {
    from_value(&with(changes), &key(), now()).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_reads_back(event in an_event()) {
        let json = to_json(&event);
        prop_assert_eq!(from_value(&json, &key(), now()), Ok(event.clone()));
        let line = to_line(&event);
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(parse(line.as_bytes(), &key(), now()), Ok(event));
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &key(), now());
    }

    #[test]
    fn no_json_panics(
        json in any_json(),
        field in "id|source|time|kind|journey|phone|channel|ip|reason|cost|extra|amount|currency",
        inner in any_json(),
    ) {
        let _ = from_value(&json, &key(), now());
        let _ = read(&with(json!({field: inner})));
    }
}
