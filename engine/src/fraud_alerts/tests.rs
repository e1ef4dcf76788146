mod trouble;

use super::*;
use crate::ChangeError;
use crate::settings::{ExpectedVersion, save_document};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::By;
use domain::fraud_alerts::{Action, NewReport};
use domain::{Channel, Event};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use store::fraud_reports::FirstAnswer;
use store::{Clock, Db};
use testkit::noon;
use tokio::sync::Notify;

fn by() -> By {
    By::account("ann@example.com", IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn from() -> ReportSender {
    ReportSender {
        key: "a1".into(),
        source: "gateway".parse().unwrap(),
        by: By::key("gateway", IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

fn report(json: Value) -> NewReport {
    NewReport::read(json.as_object().unwrap(), noon()).unwrap()
}

fn push(id: &str, user: &str) -> NewReport {
    report(json!({"id": id, "user": user, "channel": "push"}))
}

async fn set(db: &Db, change: Value) {
    let kind = domain::settings::section("fraud-alerts").unwrap();
    let mut document = crate::settings::now(db, kind).await.unwrap().settings;
    for (name, value) in change.as_object().unwrap() {
        document[name] = value.clone();
    }
    save_document(db, &by(), kind, ExpectedVersion::Any, document).await.unwrap();
}

async fn start(db: &Db) -> Reports {
    Reports::start(db.clone(), Arc::new(Notify::new())).await.unwrap()
}

async fn send(reports: &Reports, report: NewReport) -> ReportResult {
    reports.submit(from(), report).await.unwrap()
}

async fn taken(reports: &Reports, report: NewReport) -> FirstAnswer {
    match send(reports, report).await {
        ReportResult::New(answered) => answered,
        other => panic!("{other:?}"),
    }
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db.read()).await.unwrap()
}

async fn at(pool: &PgPool, time: DateTime<Utc>) -> (Db, Reports) {
    let db = Db::new(pool.clone(), Clock::fixed(time));
    let reports = start(&db).await;
    (db, reports)
}

/// Many at once: they wait in the queue together and are written in one or a few transactions.
async fn burst(reports: &Reports, all: Vec<NewReport>) -> Vec<ReportResult> {
    let tasks: Vec<_> = all
        .into_iter()
        .map(|report| {
            let reports = reports.clone();
            tokio::spawn(async move { send(&reports, report).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn two_hundred_reports_of_one_user_are_one_block(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true})).await;
    let all: Vec<_> = (0..200)
        .map(|n| {
            push(&format!("r{n}"), if n % 2 == 0 { "Ann@example.com" } else { " ann@EXAMPLE.com" })
        })
        .collect();
    let answers = burst(&reports, all).await;
    let until = Some(noon() + TimeDelta::days(90));
    for answer in answers {
        let ReportResult::New(answered) = answer else { panic!("{answer:?}") };
        assert_eq!((answered.action, answered.until), (Action::Blocked, until));
    }
    assert_eq!(count(&db, "select count(*) from fraud_report where action = 'blocked'").await, 200);
    assert_eq!(
        count(&db, "select count(*) from block where auto and key = 'ann@example.com'").await,
        1
    );
    assert_eq!(count(&db, "select count(distinct block) from fraud_report").await, 1);
    assert_eq!(count(&db, "select count(*) from event where kind = 'reported'").await, 200);
    let entries = "select count(*) from audit_whole
        where activity = 'Fraud reported - user is blocked for MFA' and actor = 'key:gateway'";
    assert_eq!(count(&db, entries).await, 200);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_second_report_joins_the_block_and_a_longer_one_extends_it(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true, "block_days": 10})).await;
    taken(&reports, push("1", "ann")).await;
    set(&db, json!({"block_days": 1})).await;
    let shorter = taken(&reports, push("2", "ann")).await;
    assert_eq!(shorter.until, Some(noon() + TimeDelta::days(10)), "never shortened");
    set(&db, json!({"block_days": 20})).await;
    let longer = taken(&reports, push("3", "ann")).await;
    assert_eq!(longer.until, Some(noon() + TimeDelta::days(20)));
    set(&db, json!({"block_days": 0})).await;
    assert_eq!(taken(&reports, push("4", "ann")).await.until, None);
    set(&db, json!({"block_days": 3650})).await;
    assert_eq!(
        taken(&reports, push("5", "ann")).await.until,
        None,
        "a block without end is the longest"
    );
    assert_eq!(count(&db, "select count(*) from block").await, 1);
    assert_eq!(count(&db, "select count(*) from block where until is null").await, 1);
    let first = send(&reports, push("1", "ann")).await;
    let ReportResult::Known(first) = first else { panic!("{first:?}") };
    assert_eq!(first.until, Some(noon() + TimeDelta::days(10)), "the first answer stays");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn names_of_one_user_share_a_block(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true})).await;
    sqlx::query(
        "insert into user_alias (name, shown, person, since, by)
         select name, name, '6f0f2f3e-0000-4000-8000-000000000001', now(), 'ann'
         from unnest(array['ann@example.com', 'id-1']) as name",
    )
    .execute(&pool)
    .await
    .unwrap();
    let answers =
        burst(&reports, vec![push("1", "ann@example.com"), push("2", "ID-1"), push("3", "bob")])
            .await;
    assert!(answers.iter().all(|answer| matches!(answer, ReportResult::New(_))), "{answers:?}");
    assert_eq!(count(&db, "select count(*) from block").await, 2, "ann's and bob's");
    taken(&reports, push("4", "id-1")).await;
    assert_eq!(count(&db, "select count(*) from block").await, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_over_or_less_than_a_block_gives_way(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true})).await;
    sqlx::query(
        "insert into block (id, kind, value, key, only_channel, since, until, by, reason) values
         ('6f0f2f3e-0000-4000-8000-000000000001', 'user', 'ann', 'ann', null,
             '2026-01-01', '2026-11-20T12:00:00Z', 'x', 'over'),
         ('6f0f2f3e-0000-4000-8000-000000000002', 'user', 'bob', 'bob', 'push',
             '2026-01-01', null, 'x', 'less')",
    )
    .execute(&pool)
    .await
    .unwrap();
    for user in ["ann", "bob"] {
        let answered = taken(&reports, push(user, user)).await;
        assert_eq!(answered.until, Some(noon() + TimeDelta::days(90)), "{user}");
    }
    let ended: Vec<(String, DateTime<Utc>, String)> = sqlx::query_as(
        "select key, ended, end_reason from block where ended is not null order by key",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(ended.len(), 2);
    assert_eq!(ended[0], ("ann".into(), noon(), "its time was over".into()));
    assert_eq!((&*ended[1].0, ended[1].1), ("bob", noon()));
    assert_eq!(count(&db, "select count(*) from block where ended is null and auto").await, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_breaker_stops_after_twenty_and_a_batch_can_be_lifted(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true, "breaker": 3})).await;
    let all = (0..5).map(|n| push(&format!("r{n}"), &format!("user{n}"))).collect();
    let answers = burst(&reports, all).await;
    let blocked = |answer: &ReportResult| matches!(answer, ReportResult::New(a) if a.action == Action::Blocked);
    assert_eq!(answers.iter().filter(|answer| blocked(answer)).count(), 3);
    assert_eq!(count(&db, "select count(*) from fraud_report where broken").await, 2);
    let known: String = sqlx::query_scalar("select key from block order by key limit 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    let again = taken(&reports, push("again", &known)).await;
    assert_eq!(again.action, Action::Blocked, "already blocked users stay blocked");
    let broken =
        "select count(*) from audit_whole where activity = 'Fraud reported - no action taken'
        and after ->> 'breaker' = 'true'";
    assert_eq!(count(&db, broken).await, 2);

    // The breaker forgets the blocks exactly ten minutes later, and not earlier.
    let (_, before) = at(&pool, noon() + TimeDelta::microseconds(599_999_999)).await;
    assert_eq!(taken(&before, push("before", "zoe")).await.action, Action::NoAction);
    let (_, after) = at(&pool, noon() + TimeDelta::minutes(10)).await;
    assert_eq!(taken(&after, push("after", "zoe")).await.action, Action::Blocked);

    let batch = Lift { from: noon(), to: noon() + TimeDelta::minutes(10) };
    for reason in ["", " ", &"x".repeat(501)] {
        let refused = lift_batch(&db, &by(), batch, reason).await;
        assert!(matches!(refused, Err(ChangeError::Invalid(_))), "{reason}");
    }
    assert_eq!(lift_batch(&db, &by(), batch, "a test gone wrong").await.unwrap(), 3);
    assert_eq!(lift_batch(&db, &by(), batch, "again").await.unwrap(), 0);
    assert_eq!(count(&db, "select count(*) from block where ended is null").await, 1, "zoe's");
    let entries = "select count(*) from audit_whole where activity = 'Unblocked'
        and actor = 'ann@example.com' and after ->> 'reason' = 'a test gone wrong'";
    assert_eq!(count(&db, entries).await, 3);
    // Lifted blocks no longer count: reports block again.
    assert_eq!(taken(&reports, push("free", "user9")).await.action, Action::Blocked);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn reports_join_the_attempt_they_are_about(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    let wrote = Arc::new(Notify::new());
    let agents = Arc::new(crate::agent::Agents::default());
    let ingest = crate::ingest::Ingest::start(db.clone(), agents, wrote).await.unwrap();
    let event = |id: &str, time: &str, user: &str, phone: &str| -> Event {
        let json = json!({
            "id": id, "source": "idp", "time": time, "kind": "sent", "journey": format!("j-{id}"),
            "user": user, "phone": phone, "channel": "voice"
        });
        let text = json.to_string();
        domain::sources::neutral::parse(text.as_bytes(), &"idp".parse().unwrap(), noon()).unwrap()
    };
    let events = vec![
        event("old", "2026-11-20T11:00:00Z", "Ann", "+14155550100"),
        event("first", "2026-11-20T11:10:00Z", "Ann", "+14155550100"),
        event("last", "2026-11-20T11:50:00Z", "ANN ", "+14155550100"),
        event("other", "2026-11-20T11:55:00Z", "ann", "+14155550199"),
        event("bob", "2026-11-20T11:00:00Z", "bob", "+14155550100"),
        event("later", "2026-11-20T12:00:01Z", "carl", "+14155550100"),
    ];
    ingest.submit(events, crate::ingest::Via::Api).await.unwrap();
    let call = |id: &str, user: &str, more: Value| {
        let mut json = json!({"id": id, "user": user, "channel": "voice", "code": "0"});
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        report(json)
    };
    let phone = json!({"phone": "+14155550100"});
    for (report, journey) in [
        (call("1", "ann", phone.clone()), Some("j-last")),
        (call("2", "ann", json!({"journey": "j-first", "phone": "+14155550100"})), Some("j-first")),
        (call("3", "ann", json!({})), Some("j-other")),
        (call("4", "ann", json!({"phone": "+14155550101"})), None),
        // Exactly an hour is too long ago, and a later event is not the reported one.
        (call("5", "bob", phone.clone()), None),
        (call("6", "carl", phone.clone()), None),
        (push("7", "ann"), None),
        (
            call("8", "ann", json!({"time": "2026-11-20T11:30:00Z", "phone": "+14155550100"})),
            Some("j-first"),
        ),
    ] {
        let id = report.id.clone();
        let answered = taken(&reports, report).await;
        let (found, outcome): (Option<String>, String) = sqlx::query_as(
            "select a.journey, a.outcome from attempt a join fraud_report r on r.attempt = a.id
             where r.id = $1",
        )
        .bind(answered.id)
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!((found.as_deref(), &*outcome), (journey, "reported"), "report {id}");
    }
    // A report may name a journey that has no events yet; they join it later.
    taken(&reports, call("9", "dora", json!({"journey": "j-late"}))).await;
    let late = event("late", "2026-11-20T11:59:00Z", "dora", "+14155550100");
    ingest.submit(vec![late], crate::ingest::Via::Api).await.unwrap();
    assert_eq!(count(&db, "select count(*) from attempt where journey = 'j-late'").await, 1);
    let texts: Vec<String> = sqlx::query_scalar(
        "select distinct reason_text from event where kind = 'reported' order by reason_text",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(texts, ["MFA denied; Fraud Code Entered", "MFA denied; Phone App Reported Fraud"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_burst_without_an_attempt_is_one_attempt(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    let all = (0..50).map(|n| push(&format!("r{n}"), "ann")).collect();
    burst(&reports, all).await;
    assert_eq!(count(&db, "select count(distinct attempt) from fraud_report").await, 1);
    assert_eq!(count(&db, "select count(*) from attempt").await, 1);
    assert_eq!(count(&db, "select count(*) from event").await, 50);
    assert_eq!(count(&db, "select sum(accepted)::bigint from source_stat").await, 50);
    let tallied = "select sum(n)::bigint from tally where grain = 1440 and key = 'reported'";
    assert_eq!(count(&db, tallied).await, 50);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_report_is_marked_handled(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    let id = taken(&reports, push("1", "ann")).await.id;
    mark_handled(&db, &by(), id, " called\r\nback ").await.unwrap();
    let row = store::fraud_reports::get(&pool, id).await.unwrap().unwrap();
    let handled = row.handled.unwrap();
    assert_eq!((&*handled.by, handled.at), ("ann@example.com", noon()));
    assert_eq!(handled.note.as_deref(), Some("called\nback"));
    let none = mark_handled(&db, &by(), store::random::uuid(), "").await;
    assert!(matches!(none, Err(ChangeError::Missing)));
    let long = mark_handled(&db, &by(), id, &"x".repeat(501)).await;
    assert!(matches!(long, Err(ChangeError::Invalid(_))));
    let entries = "select count(*) from audit_whole where activity = 'Fraud report handled'";
    assert_eq!(count(&db, entries).await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn recipients_are_told_once_for_a_batch(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    sqlx::query(
        "insert into recipient (id, kind, address, events, created, created_by) values
         ('6f0f2f3e-0000-4000-8000-000000000001', 'email', 'soc@example.com',
          array['fraud_report', 'block', 'breaker', 'set_up_change'], now(), 'ann')",
    )
    .execute(&pool)
    .await
    .unwrap();
    set(&db, json!({"allow_user_reports": true, "auto_block": true, "breaker": 1})).await;
    let all = (0..40).map(|n| push(&format!("r{n}"), &format!("user{n}"))).collect();
    burst(&reports, all).await;
    let told: Vec<(String, i64)> = sqlx::query_as(
        "select alert, sum(count)::bigint from outbox group by alert order by alert",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let told: Vec<_> = told.iter().map(|(alert, count)| (alert.as_str(), *count)).collect();
    assert_eq!(told, [("block", 1), ("breaker", 39), ("fraud_report", 40), ("set_up_change", 1)]);
    let messages = "select count(*) from outbox where alert = 'fraud_report'";
    assert!(count(&db, messages).await <= 2, "the first message, and one that collects alerts");
}

#[tokio::test]
async fn channels_without_reports_are_no_channels_of_reports() {
    for channel in Channel::ALL {
        let json = json!({"id": "1", "user": "a", "channel": channel});
        let read = NewReport::read(json.as_object().unwrap(), noon());
        let may = matches!(channel, Channel::Push | Channel::Voice | Channel::Sms);
        assert_eq!(read.is_ok(), may, "{channel}");
    }
}
