//! The settings, and the breaker among them.

use crate::Console;
use crate::common::TestRequest;
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn settings_are_saved_met_and_restored(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    let page = desk.page("/fraud-alerts?tab=settings").await;
    for label in [
        "Allow users to submit fraud alerts",
        "Automatically block users who report fraud",
        "Code to report fraud during initial greeting",
    ] {
        assert!(page.contains(label), "{label}");
    }
    let with = |version: &'static str, code: &'static str| {
        [
            ("version", version),
            ("allow_user_reports", "1"),
            ("report_code", code),
            ("block_days", "90"),
            ("breaker", "20"),
        ]
    };
    let page = desk.send("save-fraud-alerts", &with("0", "0")).await;
    assert!(page.contains("Settings saved and active."), "{page}");
    for warning in
        ["no recipient is notified of them", "No mail server", "public_url", "is still 0"]
    {
        assert!(page.contains(warning), "{warning}");
    }
    assert!(page.contains("by admin@example.com"), "who changed it last");
    let page = desk.send("save-fraud-alerts", &with("0", "55")).await;
    assert!(page.contains("Somebody else changed these settings in the meantime."), "a stale form");
    assert!(page.contains(">55 (differs)<") && page.contains(">Current<"), "both versions: {page}");
    assert!(page.contains("value=\"55\""), "what was typed stays");
    let page = desk.send("save-fraud-alerts", &with("1", "55")).await;
    assert!(page.contains("Settings saved") && !page.contains("is still 0"));

    let days = "Must be a whole number of days from 0 to 3650.";
    let wrong: [(_, _, &[_]); 3] = [
        ("report_code", "Must be 1 to 10 digits", &["7a", "12345678901"]),
        ("block_days", days, &["-1", "3651", "ten"]),
        ("breaker", "Must be a whole number from 1 to 10000.", &["0", ""]),
    ];
    desk.refuses("save-fraud-alerts", &with("2", "55"), &wrong).await;
    let page = desk.send("restore-fraud-alerts", &[("version", "0"), ("now", "2")]).await;
    assert!(page.contains("Settings saved and active."), "{page}");
    let page = desk.send("restore-fraud-alerts", &[("version", "1"), ("now", "2")]).await;
    assert!(page.contains("Somebody else changed these settings in the meantime."));
    let page = desk.send("restore-fraud-alerts", &[("version", "99"), ("now", "3")]).await;
    assert!(page.contains("There is no version 99 of these settings."));
    assert_eq!(desk.count("select max(version) from settings").await, 3);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_stopped_breaker_is_told_and_its_batch_lifted(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let document = json!({"allow_user_reports": true, "auto_block": true, "breaker": 2});
    desk.site.save("fraud-alerts", document).await;
    let key = desk.site.key("push", &[Scope::ReportsWrite]).await;
    for at in 0..4 {
        let body = json!({"id": at.to_string(), "user": format!("u{at}"), "channel": "push"});
        let ask = TestRequest::new(Method::POST, "/api/v1/fraud-reports").key(&key).json(&body);
        assert_eq!(desk.site.ask(ask).await.status, StatusCode::CREATED);
    }
    let page = desk.page("/fraud-alerts").await;
    assert!(page.contains("Automatic blocking has stopped") && page.contains("Unblock 2 users"));
    let batch = page.split("/_fn/lift-blocks").nth(1).unwrap();
    let of = |name: &str| {
        let rest = batch.split(&format!("name=\"{name}\"")).nth(1).unwrap();
        rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (from, to) = (of("from"), of("to"));
    let page = desk.send("lift-blocks", &[("from", &from), ("to", &to), ("reason", "")]).await;
    assert!(page.contains("Enter the reason for unblocking the users."), "{page}");
    let page =
        desk.send("lift-blocks", &[("from", &from), ("to", &to), ("reason", "a mistake")]).await;
    assert!(page.contains("2 users are unblocked."));
    let page = desk.send("lift-blocks", &[("from", "x"), ("to", &to), ("reason", "y")]).await;
    assert!(page.contains("Automatic blocking has stopped") && !page.contains("lift-blocks"));
    assert_eq!(desk.count("select count(*) from block where ended is null").await, 0);
}
