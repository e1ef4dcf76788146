//! Fuzz targets: each parses bytes as a door would and checks the result.

use chrono::{DateTime, Utc};
use domain::accounts::{knows, with_mark};
use domain::blocks::{BlockFields, BlockKind, NewBlock, NewBypass, Target, read_list};
use domain::countries::language_file::LanguageFile;
use domain::gate::DecisionRequest;
use domain::handles::HandleKey;
use domain::keys::{ApiKey, KeyName, parse_scopes};
use domain::network::Network;
use domain::reports::{Question, Report};
use domain::rules::{NumberAction, number_rules_csv, prices_csv, read_number_rules, read_prices};
use domain::settings::Section as _;
use domain::signins::{Cursor, View};
use domain::sources::neutral;
use domain::sources::{Dates, azure};
use domain::workbook::Sight;
use domain::{Event, Period, PhoneNumber, Source};
use serde::Deserialize as _;
use std::borrow::Cow;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

fn json(bytes: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(bytes).ok()
}

fn link_key() -> HandleKey {
    HandleKey::new(&[7; 32])
}

pub fn neutral(bytes: &[u8]) {
    let source: Source = "app".parse().unwrap();
    let Ok(event) = neutral::parse(bytes, &source, now()) else { return };
    let again = neutral::to_line(&event);
    let read: Event = neutral::parse(again.as_bytes(), &source, now()).unwrap();
    assert_eq!(read, event, "{again}");
}

pub fn azure(bytes: &[u8]) {
    if let Err(error) = azure::parse(bytes, now()) {
        assert!(!error.message.is_empty());
    }
    // As the rows of a table are read.
    let Some(object) = json(bytes).map(serde_json::Value::Object) else { return };
    let Ok(record) = azure::Record::deserialize(&object) else { return };
    if let Err(error) =
        record.recognised().and_then(|record| record.read(None, Dates::default(), now()))
    {
        assert!(!error.message.is_empty());
    }
}

pub fn language_file(bytes: &[u8]) {
    match LanguageFile::parse(bytes) {
        Ok(file) => {
            let regions = file.regions();
            let edited = file.edit(&regions);
            let again = LanguageFile::parse(edited.as_bytes()).unwrap();
            assert!(again.overrides());
            assert_eq!(again.regions(), regions);
            let fewer = regions.into_iter().skip(1).collect();
            let edited = again.edit(&fewer);
            assert_eq!(LanguageFile::parse(edited.as_bytes()).unwrap().regions(), fewer);
        }
        Err(error) => assert!(error.to_string().len() < 4_096),
    }
}

pub fn csv_rules(bytes: &[u8]) {
    let read = read_number_rules(&text(bytes), NumberAction::Deny, "why", now());
    if let Ok(rules) = read {
        let again = read_number_rules(&number_rules_csv(&rules), NumberAction::Allow, "", now());
        let numbers = |rules: &[domain::rules::NumberRule]| {
            rules.iter().map(|rule| (rule.numbers, rule.action)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&again.unwrap()), numbers(&rules));
    }
}

pub fn csv_prices(bytes: &[u8]) {
    if let Ok(prices) = read_prices(&text(bytes)) {
        assert_eq!(read_prices(&prices_csv(&prices)).unwrap(), prices);
    }
}

pub fn block_list(bytes: &[u8]) {
    let fields = BlockFields { reason: "why", ..BlockFields::default() };
    let list = read_list(&text(bytes), fields, now());
    for (.., NewBlock { target, .. }) in &list.good {
        assert_eq!(&Target::parse(target.kind(), target.value()).unwrap(), target);
        assert!(
            target.value_text(Sight::Masked).chars().count() <= target.value().chars().count() * 2
        );
    }
    for kind in BlockKind::ALL {
        let _ = Target::parse(*kind, &text(bytes));
    }
}

pub fn phone(bytes: &[u8]) {
    let text = text(bytes);
    let masked = domain::mask::masked(&text, None);
    assert!(masked.len() <= text.len() * 4);
    let Ok(phone) = text.parse::<PhoneNumber>() else { return };
    assert_eq!(phone.to_string().parse(), Ok(phone));
    assert!(phone.masked().chars().filter(|letter| *letter == '•').count() >= 4);
    if let Ok(facts) = domain::numbers::NumberFacts::of(phone) {
        let again = domain::numbers::NumberFacts::of(facts.phone).unwrap();
        assert_eq!((again.phone, again.region), (facts.phone, facts.region));
    }
}

fn key_text(text: &str) {
    if let Some(key) = ApiKey::parse(text) {
        assert!(text.starts_with("tw_") && key.id.len() == 12);
    }
}

fn key_names(text: &str) {
    if let Ok(name) = KeyName::parse(text) {
        assert_eq!(KeyName::parse(name.as_str()), Ok(name));
    }
    let _ = parse_scopes(text);
}

pub fn cursor(bytes: &[u8]) {
    if let Ok(cursor) = text(bytes).parse::<Cursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
}

pub fn handle(bytes: &[u8]) {
    // Handles need the key, so one that parses is ours.
    if let Ok(handle) = link_key().read(&text(bytes)) {
        let again = match &handle {
            domain::handles::Handle::Number(phone) => link_key().number(*phone),
            domain::handles::Handle::User(user) => link_key().user(user),
        };
        assert_eq!(again, text(bytes).trim());
    }
}

pub fn query(bytes: &[u8]) {
    let pairs = pairs(bytes);
    for sight in [Sight::Whole, Sight::Masked] {
        let asked = View::read(pairs.clone()).ask(&link_key(), sight, now());
        assert!(asked.filter.period.from < asked.filter.period.to);
        let again = View::read(asked.settled.pairs()).ask(&link_key(), sight, now());
        assert_eq!(again.filter.phone, asked.filter.phone);
    }
    let given = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| &**value);
    let _ = Period::read(given("range"), given("from"), given("to"), now());
}

pub fn captcha(bytes: &[u8]) {
    let phone = "+14155550100".parse().unwrap();
    assert!(domain::captcha::verify(&[1; 32], phone, &text(bytes), now()).is_err());
}

pub fn decision(bytes: &[u8]) {
    let Some(json) = json(bytes) else { return };
    let refusals = [
        DecisionRequest::read(&json, true, now()).err(),
        domain::fraud_alerts::NewReport::read(&json, now()).err(),
        NewBlock::read_json(&json, now()).err(),
        NewBypass::read_json(&json).err(),
        domain::captcha::Question::read(&json).err(),
        domain::notify::NewRecipient::read(&json).err(),
        domain::notify::RecipientChange::read(&json).err(),
    ];
    assert!(refusals.iter().flatten().all(|invalid| !invalid.fields.is_empty()));
}

pub fn report(bytes: &[u8]) {
    let pairs = pairs(bytes);
    for report in ["attempts", "failures-by-ip", "conversion", "audit"] {
        let report: Report = report.parse().unwrap();
        let _ = Question::read(report, &pairs, &link_key(), Sight::Masked, now());
    }
}

pub fn settings(bytes: &[u8]) {
    if let Ok(rules) = serde_json::from_slice::<domain::rules::Settings>(bytes) {
        let _ = rules.check();
    }
    if let Ok(countries) = serde_json::from_slice::<domain::countries::Settings>(bytes) {
        let _ = countries.check();
    }
}

pub fn network(bytes: &[u8]) {
    if let Ok(network) = text(bytes).parse::<Network>() {
        assert_eq!(network.to_string().parse(), Ok(network));
    }
}

pub fn time(bytes: &[u8]) {
    // Years before 0 parse, to be refused by the callers' range checks, and are written
    // differently.
    if let Ok(time) = domain::period::parse_time(&text(bytes))
        && time.timestamp() >= -62_167_219_200
    {
        assert_eq!(domain::period::parse_time(&time.to_rfc3339()), Ok(time));
    }
}

pub fn key(bytes: &[u8]) {
    let text = text(bytes);
    key_text(&text);
    key_names(&text);
}

/// The cookie that recognises a browser; session cookies are only compared by hash.
pub fn cookie(bytes: &[u8]) {
    let (text, key, account) = (text(bytes), [7; 32], uuid::Uuid::from_u128(1));
    assert!(!knows(&text, &key, account, "nobody made this mark"));
    let marks = with_mark(&text, &key, account, "hash");
    assert!(knows(&marks, &key, account, "hash"));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(marks.bytes().all(fits) && marks.len() < 200, "{marks}");
    assert_eq!(with_mark(&marks, &key, account, "hash"), marks);
}
