//! `tollwarden erase`: a person is written into every table that can hold one, and is afterwards in
//! no table, no export and no page.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod common;

use common::command::{program, run};
use common::{TestRequest, TestServer, get};
use domain::audit::By;
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

const USER: &str = "Petra.Muster@example.com";
const OTHER_NAME: &str = "b2c-object-7f3e9a41";
const PHONE: &str = "+14155552671";
const DEVICE: &str = "device-of-petra-5521";
const IP: &str = "203.0.113.77";
/// Spellings of the number in free text.
const SPELLINGS: [&str; 6] = [
    "+14155552671",
    "+1 (415) 555-2671",
    "415.555.2671",
    "001 415 555 2671",
    "4155552671",
    "(415)555 2671",
];
const ANN: &str = "ann@example.com";

/// Sends a request that must succeed.
async fn send(site: &TestServer, key: &str, path: &str, body: &Value) -> Value {
    let answer = site.ask(TestRequest::new(Method::POST, path).key(key).json(body)).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text);
    answer.json
}

async fn settings(site: &TestServer, section: &str) -> Value {
    let kind = domain::settings::section(section).unwrap();
    engine::settings::now(&site.db, kind).await.unwrap().settings
}

/// Writes the person into every table.
async fn seed(site: &TestServer) {
    let all = [Scope::Admin, Scope::EventsWrite, Scope::DecisionsWrite, Scope::ReportsWrite];
    let key = site.trusted_key("shop", &all).await;
    let by = By::command();
    engine::aliases::join(&site.db, &by, USER, OTHER_NAME).await.unwrap();
    sqlx::query(
        "insert into recipient (id, kind, address, events, created, created_by)
         values (gen_random_uuid(), 'email', 'ops@example.com',
             '{fraud_report,block,breaker,set_up_change}', now(), 'command line')",
    )
    .execute(site.db.facts())
    .await
    .unwrap();

    let mut rules = settings(site, "rules").await;
    rules["number_rules"] = json!([
        { "numbers": PHONE, "action": "allow", "mode": "enforce",
            "until": null, "reason": format!("asked by {USER}") },
        { "numbers": "+14155559*", "action": "deny", "mode": "enforce", "until": null, "reason": format!("near {}", SPELLINGS[1]) },
    ]);
    site.save("rules", rules).await;
    let mut alerts = settings(site, "fraud-alerts").await;
    alerts["auto_block"] = json!(true);
    alerts["allow_user_reports"] = json!(true);
    site.save("fraud-alerts", alerts).await;

    let now = site.db.clock.now();
    let event = |id: &str, kind: &str, more: Value| {
        let mut event = json!({
            "id": id, "time": now.to_rfc3339(), "kind": kind, "journey": "journey-1",
            "channel": "sms",
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let events = json!([
        event(
            "e1",
            "requested",
            json!({ "user": USER, "phone": PHONE, "ip": IP,
            "device": DEVICE, "user_agent": "Petra's own browser" })
        ),
        event("e2", "sent", json!({ "phone": PHONE, "provider_ref": "SM5521" })),
        event(
            "e3",
            "failed",
            json!({ "phone": PHONE, "reason": "number_invalid",
            "reason_text": format!("cannot reach {} of {USER}", SPELLINGS[2]) })
        ),
        event("e4", "verified", json!({ "user": OTHER_NAME, "phone": PHONE })),
        event(
            &format!("{OTHER_NAME}-1"),
            "sent",
            json!({ "user": OTHER_NAME, "phone": PHONE,
            "journey": format!("{OTHER_NAME}-2"),
            "extra": { "note": SPELLINGS[3], "to": [SPELLINGS[4]] } })
        ),
        // Users whom their source calls by the number, with other numbers of their own.
        event(
            "e20",
            "sent",
            json!({ "user": PHONE, "phone": "+14155550177", "journey": "journey-20" })
        ),
        event(
            "e21",
            "sent",
            json!({ "user": format!("{PHONE}@sms.example.com"), "phone": "+14155550178",
            "journey": "journey-21" })
        ),
        // Another person's, which mentions the person in a text only.
        event(
            "e6",
            "failed",
            json!({ "user": "bob", "phone": "+14155559999",
            "journey": "journey-3", "reason_text": format!("is not {}", SPELLINGS[5]) })
        ),
        event(
            "e7",
            "sent",
            json!({ "user": "bob", "phone": "+14155559999",
            "journey": "journey-3", "extra": { "by": USER } })
        ),
    ]);
    let answer = send(site, &key, "/api/v1/events", &events).await;
    assert_eq!(answer["accepted"], 9, "{answer}");
    let question = json!({ "user": USER, "phone": PHONE, "channel": "sms", "ip": IP,
        "device": DEVICE, "journey": format!("ask of {USER}") });
    send(site, &key, "/api/v1/decisions", &question).await;
    let report = json!({ "id": format!("r-{USER}"), "user": USER, "phone": PHONE,
        "channel": "push", "time": now.to_rfc3339(), "ip": IP,
        "note": format!("call me at {}", SPELLINGS[1]) });
    send(site, &key, "/api/v1/fraud-reports", &report).await;
    send(site, &key, "/api/v1/decisions", &question).await;
    let block = json!({ "kind": "number", "value": PHONE, "reason": format!("of {USER}") });
    send(site, &key, "/api/v1/blocks", &block).await;
    let block = json!({ "kind": "user", "value": "bob", "reason": format!("as {OTHER_NAME}") });
    send(site, &key, "/api/v1/blocks", &block).await;
    let bypass = json!({ "kind": "user", "value": USER, "seconds": 600, "reason": SPELLINGS[4] });
    send(site, &key, "/api/v1/bypasses", &bypass).await;

    // The console: a sign-in that was refused, a form that comes back, an export, an import.
    site.try_sign_in(USER, "not the right one").await;
    let cookie = site.sign_in(ANN).await;
    let path = format!("/export/attempts?format=csv&user={}", USER.replace('@', "%40"));
    assert_eq!(site.ask(get(&path).cookie(&cookie)).await.status, StatusCode::OK);
    let mut file = site.engine.imports.receive(&format!("{USER}.ndjson"), by).await.unwrap();
    file.write(format!("{{\"user\":\"{USER}\",\"time\":\"{USER}\"}}\n").as_bytes()).await.unwrap();
    file.finish().await.unwrap();
    site.engine.imports.step(&CancellationToken::new()).await.unwrap();
}

/// Texts that must be nowhere, in lower case.
fn needles() -> Vec<String> {
    let mut all: Vec<String> =
        [USER, OTHER_NAME, DEVICE].iter().map(|text| text.to_lowercase()).collect();
    all.push(USER.to_lowercase().replace('@', "%40"));
    all
}

/// What a text has of the person: a name, or the number in any spelling.
fn found_in(text: &str) -> Option<String> {
    let low = text.to_lowercase();
    let digits: String = low.chars().filter(char::is_ascii_digit).collect();
    let name = needles().into_iter().find(|needle| low.contains(needle.as_str()));
    name.or_else(|| digits.contains("4155552671").then(|| "the number".to_owned()))
}

/// All rows of all columns that hold texts, documents or addresses.
async fn everywhere(pool: &PgPool) -> Vec<String> {
    let columns = sqlx::query(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and data_type in
             ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'inet', 'cidr')
             and table_name <> '_sqlx_migrations'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(columns.len() > 100, "{}", columns.len());
    let mut places = Vec::new();
    for column in columns {
        let (table, name): (String, String) = (column.get(0), column.get(1));
        let sql = format!("select \"{name}\"::text from \"{table}\" where \"{name}\" is not null");
        let texts: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
        for text in texts {
            let ip = (text.contains(IP)).then(|| "the address".to_owned());
            if let Some(what) = found_in(&text).or(ip) {
                places.push(format!("{table}.{name}: {what} in {text}"));
            }
        }
    }
    places
}

/// The command line with the secret that [`store::Db`] has in tests.
fn tollwarden(pool: &PgPool, dir: &std::path::Path, args: &[&str]) -> (i32, String, String) {
    run(program(pool, dir, args).env("TOLLWARDEN_SECRET", "07".repeat(32)))
}

/// What an erasure printed.
fn rows(stdout: &str) -> BTreeMap<String, u64> {
    let answer: Value = serde_json::from_str(stdout).unwrap();
    serde_json::from_value(answer["rows"].clone()).unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_person_is_nowhere_afterwards(pool: PgPool) {
    let site = TestServer::new(pool.clone()).await;
    site.account(ANN, Role::Admin).await;
    seed(&site).await;
    let before = everywhere(&pool).await;
    let tables: std::collections::BTreeSet<&str> =
        before.iter().filter_map(|place| place.split('.').next()).collect();
    for table in [
        "attempt",
        "audit_value",
        "block",
        "bypass",
        "fraud_report",
        "outbox",
        "settings",
        "tally",
        "trusted_number",
        "user_alias",
        "import_job",
    ] {
        assert!(tables.contains(table), "{table} was not seeded: {tables:?}");
    }
    assert!(tables.iter().any(|table| table.starts_with("event_")), "{tables:?}");
    let count = async || site.value::<i64>("select count(*) from event").await;
    let events = count().await;

    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| tollwarden(&pool, dir.path(), args);
    let (code, dry_user, stderr) = run(&["erase", "--user", &USER.to_uppercase(), "--dry-run"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(everywhere(&pool).await, before, "a dry run changes nothing");
    let (code, user, stderr) = run(&["erase", "--user", USER]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(rows(&user), rows(&dry_user));
    assert!(rows(&user)["event"] >= 7, "{user}");
    for name in needles() {
        let mut left = everywhere(&pool).await;
        left.retain(|place| place.contains(&format!(": {name} in")));
        assert!(left.is_empty(), "{left:#?}");
    }
    let (_, dry_phone, _) = run(&["erase", "--phone", PHONE, "--dry-run"]);
    let (code, phone, stderr) = run(&["erase", "--phone", PHONE]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(rows(&phone), rows(&dry_phone));
    assert_eq!(everywhere(&pool).await, Vec::<String>::new());
    let (code, again, _) = run(&["erase", "--user", USER]);
    assert_eq!((code, rows(&again).len()), (0, 0), "{again}");

    // Counts stay true, the rules can be read, the chain is whole, and its last line is a
    // certificate with a handle.
    assert_eq!(count().await, events);
    let rules = settings(&site, "rules").await;
    assert_eq!(rules["number_rules"].as_array().unwrap().len(), 1, "{rules}");
    let (code, stdout, stderr) = run(&["audit", "verify"]);
    assert_eq!(code, 0, "{stdout} {stderr}");
    assert!(stderr.contains("people were erased from"), "{stderr}");
    let (object, after): (String, String) = sqlx::query_as(
        "select object, after::text from audit_whole where activity = 'Person erased'
         order by seq limit 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(object.starts_with("user p_") && object.len() == 31, "{object}");
    let after: Value = serde_json::from_str(&after).unwrap();
    assert_eq!(
        serde_json::from_value::<BTreeMap<String, u64>>(after["rows"].clone()).unwrap(),
        rows(&user)
    );

    // The running server has forgotten the person, too; no page or export shows them.
    assert!(site.engine.forget_erased().await.unwrap());
    assert!(!site.engine.forget_erased().await.unwrap(), "once");
    let cookie = site.sign_in(ANN).await;
    let pages = [
        "/",
        "/?tab=details",
        "/sign-ins",
        "/fraud-alerts",
        "/fraud-alerts/blocked",
        "/audit",
        "/notifications",
        "/reports",
        "/rules",
        "/help-desk",
        "/imports",
        "/settings",
    ];
    for page in pages {
        let answer = site.ask(get(page).cookie(&cookie)).await;
        assert!(found_in(&answer.text).is_none(), "{page}: {:?}", found_in(&answer.text));
    }
    for report in domain::reports::Report::names() {
        let path = format!("/export/{report}?format=csv&range=30d");
        let answer = site.ask(get(&path).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(found_in(&answer.text).is_none(), "{report}: {}", answer.text);
    }
}

/// The rest of an erased entry and its MAC cannot be changed unnoticed. Entries from before texts
/// were stored beside the chain are erased as well.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn erased_entries_stay_in_an_unbroken_chain(pool: PgPool) {
    use domain::audit::{Activity, Change, Entry, ROOT, link};
    use domain::erase::Whom;
    let db = store::Db::new(pool.clone(), store::Clock::system());
    // As it was written before.
    let entry = Entry {
        seq: 1,
        time: db.clock.now(),
        actor: ANN.to_owned(),
        source_ip: Some("192.0.2.1".to_owned()),
        activity: "Blocked".to_owned(),
        object: format!("user {USER}"),
        before: None,
        after: Some(format!("{{\"reason\":\"called {}\"}}", SPELLINGS[1])),
    };
    let hash = link(&db.secret.audit_key(), &ROOT, &entry);
    sqlx::query(
        "with old as (insert into audit (seq, time, actor, source_ip, activity, object, before,
                 after, hash) values (1, $1, $2, $3, $4, $5, null, $6::json, $7))
         update audit_head set seq = 1, hash = $7",
    )
    .bind(entry.time)
    .bind(&entry.actor)
    .bind(&entry.source_ip)
    .bind(&entry.activity)
    .bind(&entry.object)
    .bind(&entry.after)
    .bind(hash.as_slice())
    .execute(&pool)
    .await
    .unwrap();
    let change = Change::new(Activity::Blocked, format!("user {USER}")).after(json!({ "n": 1 }));
    db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    let change = Change::new(Activity::Unblocked, "user bob").after(json!({ "n": 2 }));
    db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    engine::audit::verify(&db, None, |_| ()).await.unwrap();

    let by = By::command();
    engine::erase::erase(&db, &by, &Whom::User(USER.to_owned()), false, |_, _| ()).await.unwrap();
    let phone = Whom::Phone(PHONE.parse().unwrap());
    engine::erase::erase(&db, &by, &phone, false, |_, _| ()).await.unwrap();
    assert_eq!(everywhere(&pool).await, Vec::<String>::new());
    let verified = engine::audit::verify(&db, None, |_| ()).await.unwrap();
    assert_eq!((verified.erased, verified.count), (2, 5));

    for (sql, seq) in [
        ("update audit_value set object = 'user eve' where seq = 1", 1),
        ("update audit_value set after = '{\"n\":3}' where seq = 2", 2),
        ("update audit_value set erased = null where seq = 2", 2),
        ("update audit_value set erased = decode(repeat('00', 32), 'hex') where seq = 3", 3),
        ("update audit_value set after = '{\"n\":4}' where seq = 3", 3),
        ("delete from audit_value where seq = 3", 3),
        ("delete from audit_value where seq = 1", 1),
        ("update audit set actor = 'eve' where seq = 1", 1),
        ("update audit set version = 1 where seq = 3", 3),
        ("update audit set hash = decode(repeat('00', 32), 'hex') where seq = 1", 1),
    ] {
        let refused = sqlx::query(AssertSqlSafe(sql)).execute(&pool).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
        let mut conn = pool.acquire().await.unwrap();
        let tampered = format!(
            "create temp table kept as select * from audit;
             create temp table kept_value as select * from audit_value;
             alter table audit disable trigger all; alter table audit_value disable trigger all;
             {sql}"
        );
        sqlx::raw_sql(AssertSqlSafe(tampered)).execute(&mut *conn).await.unwrap();
        match engine::audit::verify(&db, None, |_| ()).await {
            Err(engine::audit::VerifyError::Broken(broken)) => {
                assert_eq!(broken.seq, seq, "{sql}: {broken}");
            }
            other => panic!("{sql}: {other:?}"),
        }
        sqlx::raw_sql(
            "delete from audit; insert into audit select * from kept; delete from audit_value;
             insert into audit_value select * from kept_value; drop table kept, kept_value;
             alter table audit enable trigger all; alter table audit_value enable trigger all",
        )
        .execute(&mut *conn)
        .await
        .unwrap();
        engine::audit::verify(&db, None, |_| ()).await.unwrap();
    }
}
