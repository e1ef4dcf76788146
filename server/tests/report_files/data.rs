//! A store with some hundred events, whose texts are hard to write in some formats.

use crate::common::api::Api;
use crate::common::{TestRequest, TestServer};
use chrono::TimeDelta;
use domain::audit::{Activity, By, Change};
use domain::keys::KeyName;
use engine::keys::NewKey;
use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;
use uuid::Uuid;

/// A range that contains every event.
pub const QUERY: &str = "from=2026-11-01T00:00:00Z&to=2026-11-21T00:00:00Z";

/// Digits that no reader of masks may find.
pub const HIDDEN: &str = "5550177";

const TEXTS: &[&str] = &[
    "quotes \" and ' and, commas; and more",
    "=1+1",
    "+SUM(A1:A9)",
    "-2",
    "@cmd",
    "0012",
    "1e5",
    "TRUE",
    "2026-11-20",
    "' leads",
    "https://example.com/a?b=c&d=%20#e",
    "{\"json\": [1, 2]}",
    "Ελένη Παπαδοπούλου",
    "Наталья Щербакова",
    "محمد بن سلمان",
    "שרה כהן",
    "山田太郎",
    "a party 🎉 for everybody",
    "e\u{301}t\u{e9}",
    "Nguyễn Thị Ánh",
    "<b>bold</b> &amp; more",
];

/// Longer than any line.
fn long() -> String {
    "unbroken".repeat(30) + &" and with spaces".repeat(15)
}

fn event(at: usize) -> Value {
    let text = TEXTS[at % TEXTS.len()];
    let kinds = ["failed", "sent", "verified", "blocked", "undelivered", "expired", "requested"];
    let kind = kinds[at % kinds.len()];
    let minutes = i64::try_from(at).unwrap() * 97;
    let time = noon() - TimeDelta::days(1) - TimeDelta::minutes(minutes % 20_000);
    let mut event = json!({
        "id": format!("e{at}"),
        "source": "test",
        "time": time.to_rfc3339(),
        "kind": kind,
        "journey": format!("journey-{}", at / 2),
        "user": format!("{}{}", TEXTS[at * 7 % TEXTS.len()], at % 5),
        "flow": TEXTS[at * 3 % TEXTS.len()],
        "phone": format!("+1415555{:04}", 100 + at % 90),
        "channel": (["sms", "voice", "whatsapp"][at % 3]),
        "ip": if at.is_multiple_of(4) { format!("2001:db8:0:{at:x}::1") } else { format!("203.0.113.{}", at % 250) },
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
        "carrier": "310-260",
        "cost": {"amount": "0.0300", "currency": (["EUR", "USD"][at % 2])},
        "extra": {"operation": text},
    });
    if matches!(kind, "failed" | "blocked" | "undelivered" | "expired") {
        event["reason_text"] = if at == 0 { long().into() } else { text.into() };
    }
    event
}

pub async fn key(api: &Api, name: &str, scopes: &[&str]) -> String {
    let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
    let new = NewKey::new(KeyName::parse(name).unwrap(), scopes);
    engine::keys::create(&api.site.db, &By::command(), new).await.unwrap().reveal()
}

async fn post(api: &Api, path: &str, body: &Value) -> Value {
    let answer = api.post(path, "application/json", body.to_string().into_bytes()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.json
}

pub async fn filled(pool: PgPool) -> Api {
    let api = Api::start(pool, &["events:write", "reports:write", "admin"]).await;
    let events: Vec<_> = (0..300).map(event).collect();
    let answer = post(&api, "/api/v1/events", &json!(events)).await;
    assert_eq!(answer["accepted"], 300, "{answer}");
    // An event with its required members only.
    let bare = json!({"id": "bare", "time": "2026-11-18T00:00:00Z", "kind": "failed"});
    post(&api, "/api/v1/events", &bare).await;

    let change = json!({ "allow_user_reports": true, "auto_block": true });
    let document = api.site.changed("fraud-alerts", change).await;
    api.site.save("fraud-alerts", document).await;
    for (at, text) in TEXTS.iter().enumerate() {
        let report = json!({
            "id": format!("r{at}"), "user": format!("{text}-{at}"), "channel": "push",
            "phone": format!("+1415{HIDDEN}"), "ip": "203.0.113.9", "flow": text, "note": text,
            "time": "2026-11-20T08:00:00Z",
        });
        post(&api, "/api/v1/fraud-reports", &report).await;
    }
    let block =
        json!({"kind": "number", "value": format!("+1415{HIDDEN}"), "reason": "=cmd, \"x\""});
    post(&api, "/api/v1/blocks", &block).await;
    // An entry that is far longer than a page of a document.
    let words: Vec<_> = (0..900).map(|n| format!("word {n} of a long list")).collect();
    let change = Change::new(Activity::SettingsChanged, format!("number +1415{HIDDEN}"))
        .after(json!({ "long": words.join(", "), "number": format!("+1415{HIDDEN}") }));
    api.site.db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    api
}

/// An hour later: known attempts end differently, new ones come before and after them, a block ends
/// and a report is handled.
pub async fn later(api: &Api) {
    let hour = noon() + TimeDelta::hours(1);
    let later = TestServer::at(api.site.db.read().clone(), hour).await;
    let mut events: Vec<_> = (0..40)
        .map(|at| {
            let mut event = event(at * 3);
            event["id"] = format!("later{at}").into();
            event["kind"] = "reported".into();
            event["reason_text"] = "came-later".into();
            event
        })
        .collect();
    events.push(json!({"id": "x", "time": "2026-11-19T00:00:00Z", "kind": "blocked",
        "flow": "came-later", "phone": "+14155550999", "channel": "sms", "ip": "192.0.2.1"}));
    let key = key(api, "later", &["events:write"]).await;
    let ask = TestRequest::new(Method::POST, "/api/v1/events").key(&key).json(&json!(events));
    later.ask(ask).await.ok();

    let report: Uuid = later.value("select id from fraud_report limit 1").await;
    let by = By::account("anna@example.com", [127, 0, 0, 1].into());
    engine::fraud_alerts::mark_handled(&later.db, &by, report, "spoke to them").await.unwrap();
    sqlx::query("update block set ended = $1, ended_by = 'x', end_reason = 'y' where id in (select id from block limit 2)")
        .bind(hour)
        .execute(later.db.read())
        .await
        .unwrap();
}
