//! Recipients by API and on their page, the delivery log, and the link that stops a recipient's
//! messages: over HTTP as programs, people and mail programs ask.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestRequest, TestResponse, TestServer, get, post};
use domain::notify::{Alert, AlertKind, stop_token};
use domain::roles::{Role, Scope};
use engine::work::Progress;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::Clock;
use tollwarden_server::config::Config;

const NEVER: &str = "00000000-0000-0000-0000-000000000000";

async fn site(pool: PgPool) -> TestServer {
    let config = Config {
        public_url: Some("https://t.example.com".parse().unwrap()),
        webhook_allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    };
    TestServer::with(pool, Clock::system(), &config).await
}

async fn api(
    site: &TestServer,
    key: &str,
    method: Method,
    path: &str,
    body: Value,
) -> (TestResponse, Value) {
    let answer = site.ask(TestRequest::new(method, path).key(key).json(&body)).await;
    let value = answer.json.clone();
    (answer, value)
}

/// Adds ops@example.com; its document.
async fn recipient(site: &TestServer, key: &str) -> Value {
    let mail = json!({"kind": "email", "address": "ops@example.com"});
    api(site, key, Method::POST, "/api/v1/recipients", mail).await.1
}

/// Which fields a refusal is about.
fn fields(value: &Value) -> Vec<&str> {
    let errors = value["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn recipients_by_api(pool: PgPool) {
    let site = site(pool).await;
    let key = site.key("set-up", &[Scope::Admin]).await;
    let path = "/api/v1/recipients";
    let (answer, mail) = api(
        &site,
        &key,
        Method::POST,
        path,
        json!({"kind": "email", "address": "ops@Example.com"}),
    )
    .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(mail["address"], "ops@example.com");
    assert_eq!(mail["events"].as_array().unwrap().len(), AlertKind::ALL.len(), "all by default");
    assert_eq!((&mail["paused"], &mail["created_by"]), (&json!(false), &json!("key:set-up")));
    assert_eq!(mail.get("secret"), None);

    let hook = json!({
        "kind": "webhook", "address": "http://127.0.0.1:9/hook", "events": ["block", "fraud_report"]
    });
    let (answer, hook) = api(&site, &key, Method::POST, path, hook).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let secret = hook["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    assert_eq!(hook["events"], json!(["fraud_report", "block"]));

    let (answer, list) = api(&site, &key, Method::GET, path, Value::Null).await;
    assert_eq!(list["recipients"].as_array().unwrap().len(), 2);
    assert!(!answer.text.contains(&secret) && !answer.text.contains("secret"), "{}", answer.text);

    let one = format!("{path}/{}", mail["id"].as_str().unwrap());
    let change = json!({"events": ["breaker"], "paused": true});
    let (answer, changed) = api(&site, &key, Method::PATCH, &one, change).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((&changed["events"], &changed["paused"]), (&json!(["breaker"]), &json!(true)));
    let (_, resumed) = api(&site, &key, Method::PATCH, &one, json!({"paused": false})).await;
    assert_eq!((&resumed["events"], &resumed["paused"]), (&json!(["breaker"]), &json!(false)));
    let (answer, _) = api(&site, &key, Method::DELETE, &one, Value::Null).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let (answer, _) = api(&site, &key, Method::DELETE, &one, Value::Null).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);

    let entries: Vec<(String, String)> = sqlx::query_as(
        "select activity, actor from audit_whole where object = 'ops@example.com' order by seq",
    )
    .fetch_all(site.db.read())
    .await
    .unwrap();
    let activities: Vec<_> = entries.iter().map(|(activity, _)| activity.as_str()).collect();
    assert_eq!(
        activities,
        ["Recipient added", "Recipient changed", "Recipient changed", "Recipient removed"]
    );
    assert!(entries.iter().all(|(_, actor)| actor == "key:set-up"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_recipients_are_refused_field_by_field(pool: PgPool) {
    let site = site(pool).await;
    let key = site.key("set-up", &[Scope::Admin]).await;
    let path = "/api/v1/recipients";
    for (body, field) in [
        (json!({}), "kind"),
        (json!({"kind": "pigeon", "address": "a@b.example"}), "kind"),
        (json!({"kind": "email"}), "address"),
        (json!({"kind": "email", "address": 7}), "address"),
        (json!({"kind": "email", "address": "a@b.example\r\nBcc: c@d.example"}), "address"),
        (json!({"kind": "webhook", "address": "https://10.0.0.1/"}), "address"),
        (json!({"kind": "webhook", "address": "https://[::ffff:10.0.0.1]/"}), "address"),
        (json!({"kind": "webhook", "address": "http://example.com/"}), "address"),
        (json!({"kind": "email", "address": "a@b.example", "events": []}), "events"),
        (json!({"kind": "email", "address": "a@b.example", "events": ["x"]}), "events"),
        (json!({"kind": "email", "address": "a@b.example", "events": "block"}), "events"),
        (json!({"kind": "email", "address": "a@b.example", "extra": 1}), "extra"),
    ] {
        let (answer, problem) = api(&site, &key, Method::POST, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.text);
        assert!(fields(&problem).contains(&field), "{body}: {problem}");
    }
    let good = json!({"kind": "email", "address": "a@b.example"});
    let (_, added) = api(&site, &key, Method::POST, path, good.clone()).await;
    let (answer, twice) = api(&site, &key, Method::POST, path, good).await;
    assert_eq!(
        (answer.status, fields(&twice)),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["address"])
    );
    let one = format!("{path}/{}", added["id"].as_str().unwrap());
    for (body, field) in
        [(json!({"paused": "yes"}), "paused"), (json!({"address": "x"}), "address")]
    {
        let (_, problem) = api(&site, &key, Method::PATCH, &one, body).await;
        assert_eq!(fields(&problem), [field]);
    }
    for id in [NEVER, "x"] {
        let path = format!("{path}/{id}");
        let (answer, _) = api(&site, &key, Method::PATCH, &path, json!({"paused": true})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let huge = json!({"kind": "email", "address": "a".repeat(70_000)});
    let (answer, _) = api(&site, &key, Method::POST, path, huge).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Sends a form; the page that it leads to.
async fn send(
    site: &TestServer,
    cookie: &str,
    action: &str,
    values: &[(&str, &str)],
) -> TestResponse {
    let answer = site.ask(post(action, values).cookie(cookie)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}: {}", answer.text);
    site.ask(get(answer.location()).cookie(cookie)).await
}

async fn id_of(site: &TestServer, address: &str) -> String {
    let rows = store::recipients::list(site.db.read()).await.unwrap();
    rows.into_iter().find(|row| row.address == address).unwrap().id.to_string()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn recipients_on_the_page(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    let empty = site.ask(get("/notifications").cookie(&cookie)).await;
    assert!(empty.text.contains("Nobody is notified of fraud reports yet"), "{}", empty.text);
    assert!(empty.text.contains("No mail server is set up"), "pages say so");

    let add = "/_fn/recipient-add";
    let mail = [
        ("kind", "email"),
        ("address", "ops@example.com"),
        ("events[]", "fraud_report"),
        ("events[]", "block"),
    ];
    let page = send(&site, &cookie, add, &mail).await;
    assert!(page.text.contains("ops@example.com was added."), "{}", page.text);
    assert!(page.text.contains("Fraud report, Block"), "{}", page.text);
    let again = site.ask(get("/notifications").cookie(&cookie)).await;
    assert!(!again.text.contains("was added."), "told once");

    // A refused form comes back with its values and its error beside the field.
    let wrong = [("kind", "webhook"), ("address", "https://10.0.0.1/<x>"), ("events[]", "block")];
    let page = send(&site, &cookie, add, &wrong).await;
    assert!(page.text.contains("value=\"https://10.0.0.1/&lt;x&gt;\""), "{}", page.text);
    assert!(page.text.contains("id=\"field-address-error\""), "{}", page.text);
    assert!(page.text.contains("not on the public Internet"), "{}", page.text);
    let page = send(&site, &cookie, add, &[("kind", "email"), ("address", "b@example.com")]).await;
    assert!(page.text.contains("Choose at least 1 kind of alert"), "{}", page.text);

    // A webhook's secret is shown once and is stored in no session.
    let hook = [("kind", "webhook"), ("address", "http://127.0.0.1:9/"), ("events[]", "block")];
    let answer = site.ask(post(add, &hook).cookie(&cookie)).await;
    let kept: String = site.value("select string_agg(session::text, ' ') from session").await;
    let shown = site.ask(get(answer.location()).cookie(&cookie)).await;
    let at = shown.text.find("whsec_").expect("the secret is shown");
    let secret = &shown.text[at..at + 50];
    assert!(!kept.contains(secret));
    let again = site.ask(get("/notifications").cookie(&cookie)).await;
    assert!(!again.text.contains("whsec_"), "shown once");

    let id = id_of(&site, "ops@example.com").await;
    let opened = site.ask(get(&format!("/notifications?recipient={id}")).cookie(&cookie)).await;
    assert!(opened.text.contains("Save alerts") && opened.text.contains("Remove recipient"));
    let id = ("id", id.as_str());
    let page = send(&site, &cookie, "/_fn/recipient-change", &[id, ("events[]", "breaker")]).await;
    assert!(page.text.contains("Automatic blocking stopped</td>"), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-change", &[id]).await;
    assert!(page.text.contains("Choose at least 1 kind of alert"), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-pause", &[id, ("pause", "yes")]).await;
    assert!(page.text.contains("ops@example.com is paused."), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-pause", &[id, ("pause", "no")]).await;
    assert!(page.text.contains("ops@example.com gets alerts again."), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-test", &[id]).await;
    assert!(page.text.contains("The test message did not arrive. No mail server"), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-secret", &[id]).await;
    assert!(page.text.contains("Only webhooks have a secret"), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-remove", &[id]).await;
    assert!(page.text.contains("ops@example.com was removed."), "{}", page.text);

    let hook = id_of(&site, "http://127.0.0.1:9/").await;
    let page = send(&site, &cookie, "/_fn/recipient-secret", &[("id", &hook)]).await;
    assert!(page.text.contains("whsec_") && !page.text.contains(secret), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/recipient-remove", &[("id", NEVER)]).await;
    assert!(page.status == StatusCode::OK, "an id that is gone breaks nothing");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn kinds_of_alert_are_turned_off_for_everybody(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    let action = "/_fn/notification-kinds";
    let page = send(&site, &cookie, action, &[("version", "0"), ("kinds[]", "block")]).await;
    assert!(page.text.contains("Kinds of alerts saved."), "{}", page.text);
    // A stale form gets a message and the saved kinds.
    let page = send(&site, &cookie, action, &[("version", "0"), ("kinds[]", "breaker")]).await;
    assert!(page.text.contains("Somebody else changed this in the meantime"), "{}", page.text);
    let key = site.key("set-up", &[Scope::Admin]).await;
    let path = "/api/v1/settings/notifications";
    let (answer, document) = api(&site, &key, Method::GET, path, Value::Null).await;
    assert_eq!(
        document,
        json!({
            "fraud_report": false, "block": true, "breaker": false, "source_silent": false,
            "delivery_trouble": false, "spend_cap": false, "kill_switch": false, "surge": false,
            "conversion": false, "first_traffic": false, "odd_cost": false,
            "names_joined": false
        })
    );
    let put =
        TestRequest::new(Method::PUT, path).key(&key).header("if-match", answer.header("etag"));
    let answer = site.ask(put.json(&json!({}))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.text.contains("\"fraud_report\":true"), "{}", answer.text);
    let (answer, _) = api(&site, &key, Method::PUT, path, json!({"set_up_change": false})).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_REQUIRED);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_sees_and_changes_nothing(pool: PgPool) {
    let site = site(pool).await;
    let key = site.key("set-up", &[Scope::Admin]).await;
    let added = recipient(&site, &key).await;
    let cookie = site.member("aud@example.com", Role::Auditor).await;
    let path = format!("/notifications?recipient={}", added["id"].as_str().unwrap());
    let page = site.ask(get(&path).cookie(&cookie)).await;
    assert!(page.text.contains("ops@example.com"));
    assert!(!page.text.contains("/_fn/recipient-"), "{}", page.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_delivery_log_can_be_read_and_sent_again(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    let mail = [("kind", "email"), ("address", "ops@example.com"), ("events[]", "fraud_report")];
    send(&site, &cookie, "/_fn/recipient-add", &mail).await;
    let now = site.engine.clock().now();
    let user = "<script>alert(1)</script>";
    let line = format!("{user} reported a sign-in.");
    let alert = Alert::of_user(AlertKind::FraudReport, user, line, "/fraud-alerts".into());
    let mut tx = site.db.begin().await.unwrap();
    engine::notify::raise(&mut tx, now, &alert).await.unwrap();
    tx.commit().await.unwrap();

    let waiting = site.ask(get("/notifications").cookie(&cookie)).await;
    assert!(waiting.text.contains("Waiting"), "{}", waiting.text);
    while site.engine.notify.step().await.unwrap() == Progress::Worked {}
    let page = site.ask(get("/notifications").cookie(&cookie)).await;
    assert!(page.text.contains("Not sent"), "{}", page.text);
    let log = store::outbox::list(site.db.read(), Default::default(), None, 10).await.unwrap();
    let id = log[0].id.to_string();
    let opened = site.ask(get(&format!("/notifications?message={id}")).cookie(&cookie)).await;
    assert!(opened.text.contains("View: https://t.example.com/fraud-alerts"), "{}", opened.text);
    assert!(opened.text.contains("lead@example.com added it to the recipients"), "{}", opened.text);
    assert!(!opened.text.contains("<script>alert(1)"), "HTML in a user's name stays text");
    let page = send(&site, &cookie, "/_fn/message-resend", &[("id", &id)]).await;
    assert!(page.text.contains("The message is being sent again."), "{}", page.text);
    let page = send(&site, &cookie, "/_fn/message-resend", &[("id", &id)]).await;
    assert!(page.text.contains("It is already waiting to be sent."), "{}", page.text);
    for nonsense in ["?before=x&message=y&recipient=z", &format!("?message={NEVER}")] {
        let page = site.ask(get(&format!("/notifications{nonsense}")).cookie(&cookie)).await;
        assert_eq!(page.status, StatusCode::OK, "{nonsense}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_stop_link_needs_no_session(pool: PgPool) {
    let site = site(pool).await;
    let key = site.key("set-up", &[Scope::Admin]).await;
    let added = recipient(&site, &key).await;
    let id = added["id"].as_str().unwrap().parse().unwrap();
    let path = format!("/stop/{}", stop_token(&site.db.secret.link_key(), id));
    let stopped = async || {
        let row = store::recipients::by_id(site.db.read(), id).await.unwrap().unwrap();
        row.stopped.is_some()
    };

    // Mail programs look at links by themselves: that stops nothing.
    let page = site.ask(get(&path)).await;
    assert!(page.text.contains("Stop the messages") && page.text.contains("ops@example.com"));
    assert!(!stopped().await);

    // One click of a mail program: from another site, without a session, and no redirect.
    let one_click = TestRequest::new(Method::POST, &path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://mail.example.net")
        .header("sec-fetch-site", "cross-site")
        .body("List-Unsubscribe=One-Click");
    let answer = site.ask(one_click).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(stopped().await);

    // A person's click leads back to the page, which says so.
    let answer = site.ask(post(&path, &[])).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, path.as_str()));
    let page = site.ask(get(&path)).await;
    assert!(page.text.contains("The messages are stopped"), "{}", page.text);

    let (start, last) = path.split_at(path.len() - 1);
    let other = format!("{start}{}", if last == "0" { "1" } else { "0" });
    for wrong in ["/stop/0123", &other, "/stop/%0d%0ax"] {
        let page = site.ask(get(wrong)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(site.ask(post(wrong, &[])).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}
