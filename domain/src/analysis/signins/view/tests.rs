use super::*;
use crate::signins::Cursor;
use crate::{Channel, Kind, Reason};

fn now() -> DateTime<Utc> {
    crate::period::parse_time("2026-11-20T12:00:00Z").unwrap()
}

fn key() -> HandleKey {
    HandleKey::new(&[3; 32])
}

fn view(pairs: &[(&str, &str)]) -> View {
    View::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

#[test]
fn what_was_typed_becomes_a_handle() {
    let view = view(&[("user", " Anna@Example.com "), ("number", "+49 151 1234-5678")]);
    let asked = view.ask(&key(), Sight::Whole, now());
    assert_eq!(asked.invalid, Invalid::default());
    assert_eq!(asked.filter.user.as_deref(), Some("anna@example.com"));
    assert_eq!(asked.settled.text("user"), key().user("anna@example.com"));
    assert!(asked.settled.text("number").starts_with("n_"));
    // The settled query selects the same and does not change again.
    let again = asked.settled.ask(&key(), Sight::Masked, now());
    assert_eq!((&again.filter, &again.settled), (&asked.filter, &asked.settled));
}

#[test]
fn an_auditor_names_numbers_by_handles_alone() {
    let typed = view(&[("number", "+4915112345678")]);
    let asked = typed.ask(&key(), Sight::Masked, now());
    assert_eq!(asked.filter.phone, None);
    assert!(asked.is_unsure() && asked.invalid.of("number").is_some());
    assert_eq!(asked.settled.text("number"), "");
}

#[test]
fn every_field_is_read() {
    let asked = view(&[
        ("ip", "[2001:db8::1]:443"),
        ("channel", "sms"),
        ("outcome", "failed"),
        ("region", "de"),
        ("flow", "B2C_1A_sign'in%"),
        ("reason", "busy"),
        ("range", "7d"),
        ("unknown", "x"),
    ])
    .ask(&key(), Sight::Whole, now());
    assert_eq!(asked.invalid, Invalid::default());
    let filter = asked.filter;
    assert_eq!(filter.ip, "2001:db8::1".parse().ok());
    assert_eq!((filter.channel, filter.outcome), (Some(Channel::Sms), Some(Kind::Failed)));
    assert_eq!((filter.region, filter.reason), ("DE".parse().ok(), Some(Reason::Busy)));
    assert_eq!(filter.flow.as_deref(), Some("B2C_1A_sign'in%"));
    assert_eq!(filter.period.length(), Duration::days(7));
}

#[test]
fn what_cannot_be_read_is_said_and_left_out() {
    let foreign = HandleKey::new(&[4; 32]);
    let phone = "+4915112345678".parse().unwrap();
    for (field, value) in [
        ("user", foreign.user("anna")),
        ("user", key().number(phone)),
        ("user", "a\0b".to_owned()),
        ("user", "x".repeat(321)),
        ("user", "x".repeat(10_240)),
        ("number", foreign.number(phone)),
        ("number", key().user("anna")),
        ("number", "4915112345678".to_owned()),
        ("number", "' or 1=1".to_owned()),
        ("ip", "198.51.100".to_owned()),
        ("channel", "pigeon".to_owned()),
        ("outcome", "Sent".to_owned()),
        ("region", "d".to_owned()),
        ("flow", "\u{7}".to_owned()),
        ("reason", "because".to_owned()),
    ] {
        let asked = view(&[(field, &value)]).ask(&key(), Sight::Whole, now());
        assert!(asked.invalid.of(field).is_some(), "{field} {value:.30}");
        assert!(asked.is_unsure());
        assert_eq!(asked.filter, Filter::all(asked.filter.period), "{field} {value:.30}");
    }
    let asked = view(&[("range", "6m"), ("before", "x")]).ask(&key(), Sight::Whole, now());
    assert!(!asked.is_unsure() && asked.invalid.fields.len() == 2);
    assert_eq!(asked.place, PageStart::Newest);
}

#[test]
fn links_keep_what_they_do_not_change() {
    let id = uuid::Uuid::from_u128(7);
    let cursor = Cursor { time: now(), id };
    let here = view(&[("range", "7d"), ("channel", "sms"), ("before", &cursor.to_string())]);
    assert_eq!(here.ask(&key(), Sight::Whole, now()).place, PageStart::Before(cursor));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let kept = [pair("channel", "voice"), pair("range", "7d")];
    assert_eq!(here.with("channel", "voice").pairs(), kept);
    let at = here.at(PageStart::After(cursor)).pairs();
    assert_eq!(at.last(), Some(&pair("after", &cursor.to_string())));
    assert_eq!(here.with_range("30d").pairs(), [pair("channel", "sms")]);
    let custom = view(&[("range", "7d"), ("from", "2020-12-01")]);
    assert_eq!((custom.named_range(), custom.pairs().len()), (None, 1));
}
