//! Set-up's tab of privacy as an admin's browser without a script uses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod common;

use common::desk::Console;
use common::{TestServer, get};
use domain::audit::{Activity, By, Change};
use domain::roles::Role;
use http::StatusCode;
use sqlx::PgPool;
use store::Clock;
use tollwarden_server::config::Config;

const TAB: &str = "/settings?tab=privacy";
const USER: &str = "petra@example.com";

async fn blocked(site: &TestServer) {
    let change = Change::new(Activity::Blocked, format!("user {USER}"));
    site.db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
}

async fn named(site: &TestServer) -> i64 {
    site.value("select count(*) from audit_whole where object like '%petra%'").await
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_admin_counts_and_erases(pool: PgPool) {
    let desk = Console::new(pool, Role::Admin).await;
    blocked(&desk.site).await;
    let page = desk.page(TAB).await;
    assert!(page.contains("Erase a person") && page.contains("retention.audit_days"), "{page}");
    let form = async |value: &str, sure: &str, action: &str| {
        let fields = [("kind", "user"), ("value", value), ("sure", sure), ("action", action)];
        desk.form("erase-person", TAB, &fields, &desk.cookie).await.1
    };
    let page = form(USER, "", "erase").await;
    assert!(page.contains("Tick this to erase") && page.contains(USER), "{page}");
    assert_eq!(named(&desk.site).await, 1);
    let page = form(" ", "", "count").await;
    assert!(page.contains("Enter a user or a number."), "{page}");
    let page = form(USER, "", "count").await;
    assert!(page.contains("Nothing was changed.") && page.contains(USER), "{page}");
    assert_eq!(named(&desk.site).await, 1);
    let page = form(USER, "yes", "erase").await;
    assert!(page.contains("Person erased."), "{page}");
    assert!(page.contains("Erased people") && page.contains("user p_"), "{page}");
    assert!(!page.contains(USER), "{page}");
    assert_eq!(named(&desk.site).await, 0);
    engine::audit::verify(&desk.site.db, None, |_| ()).await.unwrap();
    let fields = [("kind", "phone"), ("value", "12"), ("action", "count")];
    let (_, page) = desk.form("erase-person", TAB, &fields, &desk.cookie).await;
    assert!(page.contains("field-error"), "{page}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_tab_shows_what_each_limit_drops(pool: PgPool) {
    let config = Config { retention_audit_days: "30".parse().unwrap(), ..Config::default() };
    let site = TestServer::with(pool.clone(), Clock::system(), &config).await;
    let engine = site.engine.clone().with_retention(config.retention());
    let old = store::Db::new(pool, Clock::fixed(site.db.clock.now() - chrono::TimeDelta::days(90)));
    let change = Change::new(Activity::Blocked, "user old");
    old.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    let due = engine.retention.due(&site.db).await.unwrap();
    let due: Vec<_> = due.iter().map(|line| (line.setting, line.days, line.due)).collect();
    assert_eq!(due.last(), Some(&("retention.audit_days", Some(30), 1)));
    assert!(due[..due.len() - 1].iter().all(|line| (line.1, line.2) == (None, 0)), "{due:?}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn others_do_not_see_it(pool: PgPool) {
    let desk = Console::new(pool, Role::SecurityLead).await;
    let answer = desk.site.ask(get(TAB).cookie(&desk.cookie)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text.contains("erase-person"), "{}", answer.text);
}
