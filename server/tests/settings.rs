//! `GET|PUT /api/v1/settings/{section}` through the whole router on a real Postgres, and `settings
//! show|set` as they are typed (contract, sections 2 and 6).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::command::tollwarden;
use common::{TestRequest, TestResponse, TestServer};
use domain::roles::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

const PATH: &str = "/api/v1/settings/fraud-alerts";

struct SettingsServer {
    site: TestServer,
    key: String,
}

impl SettingsServer {
    async fn open(pool: PgPool) -> Self {
        let site = TestServer::new(pool).await;
        let key = site.key("ops", &[Scope::Admin]).await;
        Self { site, key }
    }

    async fn get(&self) -> TestResponse {
        self.site.ask(TestRequest::new(Method::GET, PATH).key(&self.key)).await
    }

    async fn put(&self, tag: Option<&str>, document: &Value) -> TestResponse {
        self.put_text(tag, &document.to_string()).await
    }

    async fn put_text(&self, tag: Option<&str>, body: &str) -> TestResponse {
        let mut ask =
            TestRequest::new(Method::PUT, PATH).header("content-type", "application/json");
        if let Some(tag) = tag {
            ask = ask.header("if-match", tag);
        }
        self.site.ask(ask.key(&self.key).body(body)).await
    }

    async fn entries(&self, activity: &str) -> i64 {
        sqlx::query_scalar("select count(*) from audit where activity = $1")
            .bind(activity)
            .fetch_one(self.site.db.read())
            .await
            .unwrap()
    }
}

fn defaults() -> Value {
    json!({
        "allow_user_reports": false, "auto_block": false, "report_code": "0", "block_days": 90,
        "breaker": 20
    })
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_get_gives_put_accepts(pool: PgPool) {
    let door = SettingsServer::open(pool).await;
    let got = door.get().await;
    assert_eq!((got.status, &got.json), (StatusCode::OK, &defaults()));
    let tag = got.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 4, "strong: {tag}");

    let same = door.put_text(Some(&tag), &got.text).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, &*tag), "nothing changed");
    assert_eq!(door.entries("Settings changed").await, 0);

    let mut new = defaults();
    new["report_code"] = json!("77");
    new["auto_block"] = json!(true);
    let put = door.put(Some(&tag), &new).await;
    assert_eq!((put.status, &put.json), (StatusCode::OK, &new));
    assert_ne!(put.header("etag"), tag);
    let now = door.get().await;
    assert_eq!((&now.json, now.header("etag")), (&new, put.header("etag")));
    assert_eq!(door.entries("Settings changed").await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_stale_change_is_told_what_holds(pool: PgPool) {
    let door = SettingsServer::open(pool).await;
    let tag = door.get().await.header("etag").to_owned();
    let mut mine = defaults();
    mine["block_days"] = json!(7);
    assert_eq!(door.put(Some(&tag), &mine).await.status, StatusCode::OK);

    let mut theirs = defaults();
    theirs["block_days"] = json!(30);
    let none = door.put(None, &theirs).await;
    assert_eq!(none.status, StatusCode::PRECONDITION_REQUIRED, "{}", none.text);
    let current = door.get().await.header("etag").to_owned();
    let weak = format!("W/{current}");
    for stale in [tag.as_str(), &weak, "\"x\"", "nonsense", "", "\"*\"", "\"x\", *"] {
        let refused = door.put(Some(stale), &theirs).await;
        assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{stale}: {}", refused.text);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert_eq!(refused.json["current"], mine, "{stale}");
        assert_eq!(refused.header("etag"), current, "{stale}");
    }
    assert_eq!(door.entries("Settings change refused").await, 7);
    assert_eq!(door.get().await.json, mine);

    let several = format!("\"x\", {current}");
    assert_eq!(door.put(Some(&several), &theirs).await.status, StatusCode::OK);
    assert_eq!(door.put(Some("*"), &mine).await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_documents_are_told_field_by_field(pool: PgPool) {
    let door = SettingsServer::open(pool).await;
    for (field, value) in [
        ("block_days", json!(-1)),
        ("block_days", json!(3651)),
        ("block_days", json!("ninety")),
        ("report_code", json!("12345678901")),
        ("report_code", json!("7a")),
        ("report_code", json!("")),
        ("report_code", json!(77)),
        ("auto_block", json!("true")),
        ("breaker", json!(0)),
        ("colour", json!("red")),
    ] {
        let mut document = defaults();
        document[field] = value.clone();
        let refused = door.put(Some("*"), &document).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        let errors = &refused.json["errors"];
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        assert_eq!(errors[0]["field"], field);
    }
    for (body, status) in [
        ("{", StatusCode::BAD_REQUEST),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
        (
            &*format!("{{\"report_code\": \"{}\"}}", "0".repeat(4_300_000)),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        assert_eq!(door.put_text(Some("*"), body).await.status, status, "{}", body.len());
    }
    assert_eq!(door.get().await.json, defaults());
    assert_eq!(door.entries("Settings changed").await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn sections_that_are_none_are_404(pool: PgPool) {
    let door = SettingsServer::open(pool).await;
    for section in ["fraud_alerts", "Countries", "country", "x"] {
        let path = format!("/api/v1/settings/{section}");
        let got = door.site.ask(TestRequest::new(Method::GET, &path).key(&door.key)).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{section}");
        let put = TestRequest::new(Method::PUT, &path).header("if-match", "*").key(&door.key);
        assert_eq!(door.site.ask(put.body("{}")).await.status, StatusCode::NOT_FOUND, "{section}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn countries_are_a_section_with_its_own_refusals(pool: PgPool) {
    const PATH: &str = "/api/v1/settings/countries";
    let door = SettingsServer::open(pool).await;
    let put = async |document: &Value| {
        let ask = TestRequest::new(Method::PUT, PATH).header("if-match", "*").key(&door.key);
        door.site.ask(ask.json(document)).await
    };
    let every = json!({"mode": "all", "regions": []});
    let defaults = json!({"voice": every, "sms": every, "whatsapp": every, "rcs": every});
    let got = door.site.ask(TestRequest::new(Method::GET, PATH).key(&door.key)).await;
    assert_eq!((got.status, &got.json), (StatusCode::OK, &defaults));
    for (wrong, field, code, words) in [
        (json!({"push": {}}), "push", "unknown_field", "voice"),
        (json!({"voice": {"colour": 1}}), "voice.colour", "unknown_field", "mode, regions"),
        (json!({"voice": {"mode": "none"}}), "voice.mode", "invalid_choice", "monitor"),
        (json!({"voice": {"mode": null}}), "voice.mode", "invalid_type", "allowlist"),
        (json!({"voice": []}), "voice", "invalid_type", "mode and regions"),
        (json!({"sms": {"regions": "US"}}), "sms.regions", "invalid_type", "list"),
        (json!({"sms": {"regions": ["US", "usa"]}}), "sms.regions", "invalid_choice", "\"usa\""),
        (json!({"sms": {"regions": ["US", 1]}}), "sms.regions", "invalid_type", "list"),
        (json!({"rcs": {"regions": ["US", "ZZ"]}}), "rcs.regions", "invalid_choice", "ZZ"),
    ] {
        let refused = put(&wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.text);
        let errors = &refused.json["errors"];
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(code)));
        assert!(errors[0]["message"].as_str().unwrap().contains(words), "{wrong}: {errors}");
    }
    let two = put(&json!({"sms": {"mode": 1, "x": 2}, "voice": {"regions": [""]}})).await;
    let errors = &two.json["errors"];
    let fields: Vec<&Value> =
        errors.as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["sms.mode", "sms.x", "voice.regions"]);
    assert_eq!(door.entries("Settings changed").await, 0);

    let new = json!({"voice": {"mode": "allowlist", "regions": ["US", "GB", "US"]}});
    let saved = put(&new).await;
    let mut whole = defaults;
    whole["voice"] = json!({"mode": "allowlist", "regions": ["GB", "US"]});
    assert_eq!((saved.status, &saved.json), (StatusCode::OK, &whole));
    let same = put(&whole).await;
    assert_eq!(same.header("etag"), saved.header("etag"), "what GET gives, PUT accepts");
    assert_eq!(door.entries("Settings changed").await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_can_never_match_is_said(pool: PgPool) {
    let door = SettingsServer::open(pool).await;
    let put = async |section: &str, document: Value| {
        let path = format!("/api/v1/settings/{section}");
        let ask = TestRequest::new(Method::PUT, &path).header("if-match", "*").key(&door.key);
        let answer = door.site.ask(ask.json(&document)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let said = answer.headers.get_all("tollwarden-warning").iter();
        said.map(|line| line.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let list = |codes: &[&str]| json!({ "sms": { "mode": "allowlist", "regions": codes } });
    assert_eq!(put("countries", list(&["US", "JM"])).await, Vec::<String>::new());
    assert_eq!(
        put("countries", list(&["AX", "EH", "FI", "TA"])).await,
        [
            "AX: its mobiles count as FI; FI is served.",
            "TA: its numbering plan has no mobiles.",
            "EH: no number counts as this region: its numbers count as MA; name MA for sms to \
             serve them.",
        ]
    );
    put("countries", list(&["US"])).await;
    // The gate reads saved settings within 200 ms; in tests only when it is told to.
    door.site.engine.gate.follow().await.unwrap();
    let voip = json!({ "number_types": { "voip": { "action": "deny" } } });
    assert_eq!(
        put("rules", voip).await,
        ["Voice over IP: no number of US is of this type; the rule never applies there."]
    );
    let rule = |numbers: &str| json!({ "numbers": numbers, "action": "allow", "reason": "tests" });
    let rules = [rule("+447400*"), rule("+4407400*"), rule("+1999*")];
    assert_eq!(
        put("rules", json!({ "number_rules": rules, "number_types": {} })).await,
        [
            "number_rules.1 seems never to apply: leave out the national prefix after the \
             country's code.",
            "number_rules.2 seems never to apply: no valid number begins like this; it applies if \
             the rule also covers numbers that are not valid.",
        ]
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_command_says_what_can_never_match(pool: PgPool) {
    let dir = tempfile::tempdir().unwrap();
    let set = [r#"countries.sms={"mode":"allowlist","regions":["SJ"]}"#, "rules.b2c.channel=sms"];
    let args = [&["settings", "set"][..], &set].concat();
    let (code, _, stderr) = tollwarden(&pool, dir.path(), &args);
    assert_eq!(code, 0, "{stderr}");
    let said = "countries: Svalbard and Jan Mayen (SJ): its mobiles count as Norway (NO); name NO \
                for sms to serve them.";
    assert!(stderr.contains(said), "{stderr}");
    assert!(stderr.contains("rules: Voice over IP: no number of Svalbard"), "{stderr}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_command_shows_toml_and_sets_all_or_none(pool: PgPool) {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| tollwarden(&pool, dir.path(), args);
    let shown = |stdout: &str| stdout.parse::<toml::Table>().unwrap()["fraud_alerts"].clone();
    let (code, stdout, stderr) = run(&["settings", "show"]);
    assert_eq!(code, 0, "{stderr}");
    let before = shown(&stdout);
    assert_eq!(before["report_code"].as_str(), Some("0"));
    assert_eq!(before["block_days"].as_integer(), Some(90));

    let (code, stdout, stderr) = run(&[
        "settings",
        "set",
        "fraud_alerts.allow_user_reports=true",
        "fraud_alerts.report_code=077",
    ]);
    assert_eq!((code, &*stdout), (0, ""), "{stderr}");
    let after = shown(&run(&["settings", "show"]).1);
    assert_eq!(after["allow_user_reports"].as_bool(), Some(true));
    assert_eq!(after["report_code"].as_str(), Some("077"));
    let entries: Vec<String> =
        sqlx::query_scalar("select actor from audit order by seq").fetch_all(&pool).await.unwrap();
    assert_eq!(entries, ["command line"], "one call, one entry");

    let (code, stdout, stderr) =
        run(&["settings", "set", "fraud_alerts.auto_block=true", "fraud_alerts.block_days=3651"]);
    assert_eq!((code, &*stdout), (1, ""));
    for words in ["fraud_alerts.block_days", "\"3651\"", "0 to 3650"] {
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(shown(&run(&["settings", "show"]).1), after, "none is set");
    assert_eq!(run(&["settings", "set"]).0, 2, "usage");

    let countries = |stdout: &str| stdout.parse::<toml::Table>().unwrap()["countries"].clone();
    let (code, _, stderr) = run(&[
        "settings",
        "set",
        "countries.voice.mode=allowlist",
        "countries.voice.regions=US, GB",
    ]);
    assert_eq!(code, 0, "{stderr}");
    let voice = countries(&run(&["settings", "show"]).1)["voice"].clone();
    assert_eq!(voice["mode"].as_str(), Some("allowlist"));
    assert_eq!(voice["regions"], toml::Value::Array(vec!["GB".into(), "US".into()]));
    for (wrong, words) in [
        ("countries.voice.mode=none", ["countries.voice.mode", "\"none\"", "allowlist"]),
        ("countries.voice.regions=US,usa", ["countries.voice.regions", "\"usa\"", "capital"]),
        ("countries.sms.regions=ZZ", ["countries.sms.regions", "ZZ", "not a region"]),
        ("countries.push.mode=all", ["countries.push.mode", "voice", "whatsapp"]),
    ] {
        let (code, _, stderr) = run(&["settings", "set", wrong]);
        assert_eq!(code, 1, "{wrong}");
        assert!(words.iter().all(|word| stderr.contains(word)), "{wrong}: {stderr}");
    }
}
