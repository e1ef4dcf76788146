//! Writes one number in nine spellings into every free field, through the doors.

use super::common::{TestRequest, TestResponse, TestServer, get, post};
use domain::audit::By;
use domain::roles::{Role, Scope};
use engine::settings::{ExpectedVersion, save_document};
use engine::work::Progress as Step;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tokio_util::sync::CancellationToken;

/// The number.
pub const NUMBER: &str = "+4915735598701";

/// The same number as people, programs and spreadsheets write it.
pub const SPELLINGS: [&str; 9] = [
    "+4915735598701",
    "004915735598701",
    "+49\u{a0}1573\u{a0}559\u{2009}8701",
    "(01573) 559-87-01",
    "01573/5598701",
    "0157.3559.8701",
    "tel:+49\u{2011}1573\u{2013}5598701",
    "+\u{664}\u{669}\u{661}\u{665}\u{667}\u{663}\u{665}\u{665}\u{669}\u{668}\u{667}\u{660}\u{661}",
    "0\u{200b}1573\u{2060}55\u{ad}98\u{200d}701",
];

pub const ADMIN: &str = "admin@example.com";
/// An e-mail address may begin with a number.
pub const LEAD: &str = "015735598701@example.com";
pub const AUDITOR: &str = "auditor@example.com";

/// The server, and the sessions of its accounts.
pub struct Seeded {
    pub site: TestServer,
    pub admin: String,
    pub lead: String,
    pub auditor: String,
    /// A key named after the number, of every scope that writes.
    key: String,
}

fn ok(what: &str, answer: &TestResponse) -> Value {
    assert!(answer.status.is_success(), "{what}: {} {}", answer.status, answer.text);
    answer.json.clone()
}

impl Seeded {
    async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        let answer = self.site.ask(TestRequest::new(method, path).key(&self.key).json(body)).await;
        ok(path, &answer)
    }

    async fn set(&self, section: &str, change: Value) {
        let kind = domain::settings::section(section).unwrap();
        let document = self.site.changed(section, change).await;
        let by = By::account(LEAD, [198, 51, 100, 7].into()).fresh(true);
        save_document(&self.site.db, &by, kind, ExpectedVersion::Any, document).await.unwrap();
    }

    /// Sends a form of the console, which must not fail; its answer.
    async fn form(&self, function: &str, fields: &[(&str, &str)]) -> TestResponse {
        let path = format!("/_fn/{function}");
        let answer = self.site.ask(post(&path, fields).cookie(&self.lead)).await;
        assert!(answer.status.as_u16() < 400, "{function}: {} {}", answer.status, answer.text);
        answer
    }

    /// One value of the store.
    pub async fn one(&self, sql: &'static str) -> String {
        self.site.value(sql).await
    }

    /// A column of the store.
    pub async fn all(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(self.site.db.read()).await.unwrap()
    }
}

/// Fills a server.
pub async fn seed(site: TestServer) -> Seeded {
    let admin = site.member(ADMIN, Role::Admin).await;
    let lead = site.member(LEAD, Role::SecurityLead).await;
    let auditor = site.member(AUDITOR, Role::Auditor).await;
    let scopes = [
        Scope::EventsWrite,
        Scope::DecisionsWrite,
        Scope::ReportsWrite,
        Scope::Read,
        Scope::Numbers,
        Scope::Admin,
    ];
    let key = site.key(SPELLINGS[4], &scopes).await;
    let seeded = Seeded { site, admin, lead, auditor, key };
    settings(&seeded).await;
    for (at, text) in SPELLINGS.iter().enumerate() {
        events(&seeded, at, text).await;
        reports(&seeded, at, text).await;
        blocks(&seeded, at, text).await;
    }
    forms(&seeded).await;
    notifications(&seeded).await;
    imports(&seeded).await;
    strangers(&seeded).await;
    seeded
}

async fn settings(seeded: &Seeded) {
    seeded.set("fraud-alerts", json!({ "allow_user_reports": true, "auto_block": true })).await;
    let named = |turn: usize| -> Value {
        let pairs = SPELLINGS.iter().enumerate().map(|(at, text)| {
            let name = format!("name {at} {}", SPELLINGS[(at + turn) % SPELLINGS.len()]);
            ((*text).to_owned(), Value::from(name))
        });
        Value::Object(pairs.take(5).collect())
    };
    seeded.set("names", json!({ "flows": named(1), "apps": named(2) })).await;
    let rules: Vec<Value> = SPELLINGS
        .iter()
        .enumerate()
        .map(|(at, text)| json!({ "numbers": format!("+4915735598{at}*"), "action": "allow", "reason": text }))
        .chain([
            json!({ "numbers": NUMBER, "action": "deny", "reason": SPELLINGS[3] }),
            json!({ "numbers": "+491573559*", "action": "deny", "reason": SPELLINGS[5], "mode": "shadow" }),
        ])
        .collect();
    seeded.set("rules", json!({ "number_rules": rules })).await;
    // Another version, so that there is something to compare.
    let switches = json!([{ "region": "DE", "channel": "voice", "reason": SPELLINGS[3] }]);
    seeded.set("rules", json!({ "kill_switches": switches })).await;
}

async fn events(seeded: &Seeded, at: usize, text: &str) {
    let event = |kind: &str, minutes: usize| {
        let mut event = json!({
            "id": format!("{kind} {text}"),
            "time": format!("2026-11-20T11:{minutes:02}:00Z"),
            "kind": kind,
            "journey": text,
            "user": if at.is_multiple_of(2) { text.to_owned() } else { format!("anna{at}.{text}") },
            "device": text,
            "flow": text,
            "app": text,
            "ip": "203.0.113.9",
            "user_agent": format!("Calls {text} (Android 14) Chrome/120.0.6099.129"),
            "reason_text": format!("The line of {text} was busy."),
            "provider_ref": text,
            "extra": { "operation": format!("Call {text}"), text: text, "deep": [{ "to": text }] },
        });
        if at < 6 {
            event["phone"] = NUMBER.into();
            event["channel"] = "sms".into();
        } else {
            event["channel"] = "push".into();
        }
        event
    };
    let batch = json!([
        event("requested", at),
        event("sent", at + 10),
        event("failed", at + 20),
        event("blocked", at + 30),
    ]);
    let answer = seeded.send(Method::POST, "/api/v1/events", &batch).await;
    assert_eq!(answer["accepted"], 4, "{answer}");
    // Rejected events are in the answer and not stored.
    let decision = json!({
        "phone": NUMBER, "channel": "sms", "user": text, "flow": text, "device": text,
        "journey": format!("asked {text}"), "ip": "203.0.113.9",
    });
    seeded.send(Method::POST, "/api/v1/decisions", &decision).await;
}

async fn reports(seeded: &Seeded, at: usize, text: &str) {
    let report = json!({
        "id": format!("report {text}"), "user": text, "channel": "push", "phone": NUMBER,
        "journey": text, "ip": "203.0.113.9", "flow": text, "note": format!("They called {text}."),
    });
    seeded.send(Method::POST, "/api/v1/fraud-reports", &report).await;
    if at.is_multiple_of(3) {
        let id =
            seeded.one("select id::text from fraud_report order by received desc limit 1").await;
        let note = format!("Spoke to {text}.");
        seeded.form("handle-report", &[("report", &id), ("note", &note)]).await;
    }
}

async fn blocks(seeded: &Seeded, at: usize, text: &str) {
    let value = format!("victim {text}");
    let block = json!({ "kind": "user", "value": value, "reason": text });
    let made = seeded.send(Method::POST, "/api/v1/blocks", &block).await;
    if at.is_multiple_of(2) {
        let id = made["id"].as_str().unwrap().to_owned();
        seeded.form("unblock", &[("id", &id), ("reason", text)]).await;
    }
    let bypass = json!({ "kind": "user", "value": format!("guest {text}"), "seconds": 3600, "reason": text });
    let made = seeded.send(Method::POST, "/api/v1/bypasses", &bypass).await;
    if at.is_multiple_of(2) {
        let id = made["id"].as_str().unwrap().to_owned();
        seeded.form("end-bypass", &[("id", &id), ("reason", text)]).await;
    }
}

async fn forms(seeded: &Seeded) {
    for (at, text) in SPELLINGS.iter().enumerate() {
        let other = format!("other name {at} {text}");
        seeded.form("join-names", &[("name", text), ("other", &other)]).await;
        let fields = [("value", &*format!("caller {text}")), ("reason", text), ("lasts", "3600")];
        seeded.form("block", &fields).await;
    }
    for (value, reason) in [(NUMBER, SPELLINGS[5]), ("+491573559xxxx", SPELLINGS[8])] {
        seeded.form("block", &[("value", value), ("reason", reason), ("lasts", "3600")]).await;
    }
    let attempt = seeded.one("select id::text from attempt where phone is not null limit 1").await;
    for text in SPELLINGS {
        let fields = [("attempt", &*attempt), ("reason", text)];
        let answer =
            seeded.site.ask(post("/_fn/reveal-number", &fields).cookie(&seeded.auditor)).await;
        assert!(answer.status.as_u16() < 400, "{}", answer.text);
        // These are shown once, to the account that asked.
        let path = answer.location().split('#').next().unwrap();
        let page = seeded.site.ask(get(path).cookie(&seeded.auditor)).await;
        assert!(page.text.contains(NUMBER), "{}", page.text);
    }
    let fields = [("add", "DE"), ("channel", "sms")];
    let _ = seeded.site.ask(post("/_fn/countries-change", &fields).cookie(&seeded.lead)).await;
    // Exports that somebody asked for who sees whole numbers: their filters are on the record.
    for text in SPELLINGS {
        for name in ["user", "flow", "browser"] {
            let query: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let path = format!("/export/attempts?{name}={query}");
            let answer = seeded.site.ask(get(&path).cookie(&seeded.lead)).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
    }
}

async fn notifications(seeded: &Seeded) {
    for (kind, address) in [
        ("email", "015735598701@example.com"),
        ("webhook", "https://hooks.example.com/T/015735598701/secret?to=%2B4915735598701"),
    ] {
        let recipient = json!({ "kind": kind, "address": address, "events": ["fraud_report"] });
        seeded.send(Method::POST, "/api/v1/recipients", &recipient).await;
    }
    for at in 0..2 {
        reports(seeded, 1, &format!("late {at} {}", SPELLINGS[3 + at])).await;
    }
    // The log shows the answer of a webhook's server.
    let messages = "update outbox set answer = '550 no such user 015735598701'";
    let tries = "insert into outbox_attempt (message, number, time, ok, answer)
        select id, 1, created, false, '550 unknown: (01573) 559-87-01' from outbox";
    for sql in [messages, tries] {
        sqlx::query(sql).execute(seeded.site.db.facts()).await.unwrap();
    }
}

async fn imports(seeded: &Seeded) {
    let lines = SPELLINGS.iter().map(|text| {
        format!("{{\"id\":\"{text}\",\"kind\":\"{text}\",\"time\":\"{text}\",\"{text}\":1,\"phone\":\"{text}x\"}}\n{text}\n")
    });
    let content: String = lines.collect();
    let form = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"015735598701.jsonl\"\r\n\
         content-type: text/plain\r\n\r\n{content}\r\n--edge--\r\n"
    );
    let ask = TestRequest::new(Method::POST, "/imports")
        .header("accept", "text/html,*/*;q=0.8")
        .header("content-type", "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "same-origin");
    let answer = seeded.site.ask(ask.cookie(&seeded.admin).body(&form)).await;
    assert!(answer.status.is_redirection(), "{} {}", answer.status, answer.text);
    let step = seeded.site.engine.imports.step(&CancellationToken::new()).await.unwrap();
    assert_eq!(step, Step::Worked);
}

/// People who fail to sign in, and requests that are refused.
async fn strangers(seeded: &Seeded) {
    let answer = seeded.site.try_sign_in("015735598701@example.org", "not the password").await;
    assert!(answer.status.as_u16() < 500, "{}", answer.text);
}

/// The text of binary files, read by another program.
pub fn words(folder: &Path) -> String {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/masks/read.py");
    let read = Command::new("python3").arg(script).args(files).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8_lossy(&read.stdout).into_owned()
}
