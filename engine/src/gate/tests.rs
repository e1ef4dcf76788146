//! The live gate on a real Postgres: what it records, what other servers see, and what happens if
//! the store does not answer.

mod challenges;
mod exact;
mod once;
mod orders;
mod slow;

use super::*;
use crate::blocks;
use crate::settings;
use chrono::TimeDelta;
use domain::audit::By;
use domain::blocks::{BlockKind, NewBlock, NewBypass, Target};
use domain::gate::Verdict;
use domain::{Channel, Fault, Kind};
use serde_json::json;
use sqlx::PgPool;
use std::net::{IpAddr, Ipv4Addr};
use store::Clock;
use testkit::noon;

fn caller() -> DecisionCaller {
    DecisionCaller { key: "app".to_owned(), from: IpAddr::V4(Ipv4Addr::LOCALHOST) }
}

fn ask(phone: &str) -> DecisionRequest {
    let mut ask = DecisionRequest::new(phone, Channel::Sms);
    ask.user = Some("Ana@Example.com".to_owned());
    ask
}

async fn gate(pool: &PgPool) -> Gate {
    gate_at(pool, noon()).await
}

async fn gate_at(pool: &PgPool, time: DateTime<Utc>) -> Gate {
    gate_of(pool, Clock::fixed(time)).await
}

async fn gate_of(pool: &PgPool, clock: Clock) -> Gate {
    let db = Db::new(pool.clone(), clock);
    Gate::start(db, Arc::new(Agents::default())).await.unwrap()
}

async fn decide_one(gate: &Gate, phone: &str) -> GateAnswer {
    gate.decide(caller(), ask(phone), "").await.unwrap()
}

fn event(phone: &str, time: DateTime<Utc>) -> domain::Event {
    let json = format!(
        r#"{{"id":"1","kind":"sent","channel":"sms","phone":"{phone}","time":"{}"}}"#,
        time.to_rfc3339()
    );
    let source = "test".parse().unwrap();
    domain::sources::neutral::parse(json.as_bytes(), &source, time).unwrap()
}

fn codes(answered: &GateAnswer) -> Vec<&'static str> {
    answered.decision.reasons.iter().map(|why| why.code.as_str()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn each_decision_is_a_row_and_an_event(pool: PgPool) {
    let gate = gate(&pool).await;
    let answered = decide_one(&gate, "+14155550100").await;
    assert_eq!((answered.decision.verdict, codes(&answered)), (Verdict::Allow, vec![]));
    let id = answered.id.unwrap();
    for _ in 0..5 {
        decide_one(&gate, "+14155550100").await;
    }
    let kept = store::decisions::by_ids(&pool, &[id.0], noon(), noon()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].verdict, kept[0].api_key.as_str()), (Verdict::Allow, "app"));
    let rows: Vec<(String, String, Option<String>, Option<String>)> =
        sqlx::query_as("select kind, source, reason, journey from event order by kind desc, id")
            .fetch_all(&pool)
            .await
            .unwrap();
    let kinds: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(kinds, ["requested", "requested", "requested", "requested", "requested", "refused"]);
    assert!(rows.iter().all(|row| row.1 == "gate" && row.3.is_some()));
    assert_eq!(rows[5].2.as_deref(), Some("limit_number"));
    let refused: i64 = sqlx::query_scalar(
        "select count(*) from decision where verdict = 'delay' and retry_after >= 60
         and reasons->0->>'code' = 'limit_number'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(refused, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_dry_run_records_and_reserves_nothing(pool: PgPool) {
    let gate = gate(&pool).await;
    for _ in 0..20 {
        let answered = gate.dry_run(ask("+14155550100"), "").await.unwrap();
        assert_eq!((answered.decision.verdict, answered.id), (Verdict::Allow, None));
    }
    let rows: i64 =
        sqlx::query_scalar("select (select count(*) from decision) + (select count(*) from event)")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((rows, gate.health().entries), (0, 0));
    for _ in 0..5 {
        decide_one(&gate, "+14155550100").await;
    }
    let now = gate.dry_run(ask("+14155550100"), "").await.unwrap();
    assert_eq!(now.decision.verdict, Verdict::Delay);
    let mut later = ask("+14155550100");
    later.now = Some(noon() + TimeDelta::minutes(10));
    assert_eq!(gate.dry_run(later, "").await.unwrap().decision.verdict, Verdict::Allow);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_no_number_is_refused(pool: PgPool) {
    let gate = gate(&pool).await;
    for phone in ["", "4155550100", "+1415555010x", "+999123456789", "+1415555"] {
        let Err(NotDecided::Invalid(refused)) = gate.decide(caller(), ask(phone), "").await else {
            panic!("{phone} was taken")
        };
        assert_eq!(refused.fields[0].code, Fault::InvalidPhone, "{phone}");
    }
    // A number of a possible length that belongs to nobody is answered, not refused.
    let answered = decide_one(&gate, "+11115550100").await;
    assert_eq!((answered.decision.verdict, codes(&answered)[0]), (Verdict::Deny, "number_invalid"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_restart_remembers_and_another_server_sees(pool: PgPool) {
    let one = gate(&pool).await;
    for _ in 0..3 {
        decide_one(&one, "+14155550100").await;
    }
    // Rebuilt from the store, on another server.
    let other = gate_at(&pool, noon() + TimeDelta::seconds(1)).await;
    assert_eq!(other.health().entries, 3);
    for _ in 0..2 {
        assert_eq!(decide_one(&other, "+14155550100").await.decision.verdict, Verdict::Allow);
    }
    assert_eq!(decide_one(&other, "+14155550100").await.decision.verdict, Verdict::Delay);
    // The first server has not read the store yet: it counts three, and after a read all five, each
    // once.
    for _ in 0..3 {
        one.follow().await.unwrap();
        other.follow().await.unwrap();
    }
    assert_eq!((one.health().entries, other.health().entries), (5, 5));
    let late = gate_at(&pool, noon() + TimeDelta::seconds(2)).await;
    let answered = late.dry_run(ask("+14155550100"), "").await.unwrap();
    assert_eq!(answered.decision.verdict, Verdict::Delay);
    // The refusal is remembered too: the second in a row waits longer than the first.
    let wait = answered.decision.retry_after.unwrap();
    assert!(wait >= 120, "{wait}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn events_of_others_count_once_for_each_journey(pool: PgPool) {
    let gate = gate(&pool).await;
    let db = gate.shared.db.clone();
    let ingest = crate::ingest::Ingest::start(db, Arc::new(Agents::default()), Arc::default())
        .await
        .unwrap();
    let mut event = event("+14155550100", noon());
    event.source = "twilio".parse().unwrap();
    let mut events = Vec::new();
    for (journey, kinds) in [
        ("a", vec![Kind::Sent, Kind::Failed]),
        ("b", vec![Kind::Failed]),
        ("c", vec![Kind::Verified]),
        ("d", vec![Kind::Requested]),
    ] {
        for kind in kinds {
            event.id = format!("{journey}{kind}");
            event.journey = Some(journey.to_owned());
            event.kind = kind;
            events.push(event.clone());
        }
    }
    ingest.submit(events, crate::ingest::Via::Api).await.unwrap();
    gate.follow().await.unwrap();
    gate.follow().await.unwrap();
    assert_eq!(gate.health().entries, 2, "a and b were sent");
    // A journey that the gate decided counts only through its own request.
    let mut asked = ask("+14155550100");
    asked.journey = Some("e".to_owned());
    gate.decide(caller(), asked, "").await.unwrap();
    event.id = "e".to_owned();
    event.journey = Some("e".to_owned());
    event.kind = Kind::Sent;
    ingest.submit(vec![event], crate::ingest::Via::Api).await.unwrap();
    gate.follow().await.unwrap();
    assert_eq!(gate.health().entries, 3);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn blocks_and_rules_hold_at_once_here_and_after_a_look_elsewhere(pool: PgPool) {
    let (one, other) = (gate(&pool).await, gate(&pool).await);
    let db = &one.shared.db;
    let block = NewBlock {
        target: Target::parse(BlockKind::User, "ana@example.com").unwrap(),
        only_channel: None,
        until: None,
        reason: "fraud".to_owned(),
    };
    let made = blocks::add(db, &By::command(), &block, false).await.unwrap();
    let answered = decide_one(&one, "+14155550100").await;
    assert_eq!((answered.decision.verdict, codes(&answered)), (Verdict::Deny, vec!["block_user"]));
    assert_eq!(decide_one(&other, "+14155550100").await.decision.verdict, Verdict::Allow);
    other.follow().await.unwrap();
    assert_eq!(decide_one(&other, "+14155550100").await.decision.verdict, Verdict::Deny);
    blocks::end(db, &By::command(), made.id, "a mistake").await.unwrap();
    assert_eq!(decide_one(&one, "+14155550100").await.decision.verdict, Verdict::Allow);

    let countries = domain::settings::section("countries").unwrap();
    let document = json!({ "sms": { "mode": "allowlist", "regions": ["GB"] } });
    settings::save_document(
        db,
        &By::command(),
        countries,
        settings::ExpectedVersion::Any,
        document,
    )
    .await
    .unwrap();
    assert_eq!(codes(&decide_one(&one, "+14155550100").await), ["region"]);
    other.follow().await.unwrap();
    assert_eq!(codes(&decide_one(&other, "+14155550100").await), ["region"]);
}

/// A blocked user with a bypass.
async fn bypassed(gate: &Gate) {
    let db = &gate.shared.db;
    let target = Target::parse(BlockKind::User, "ana@example.com").unwrap();
    let block = NewBlock {
        target: target.clone(),
        only_channel: None,
        until: None,
        reason: "fraud".to_owned(),
    };
    blocks::add(db, &By::command(), &block, false).await.unwrap();
    let bypass = NewBypass { target, seconds: 300, reason: "it is her".to_owned() };
    blocks::bypass(db, &By::command(), &bypass).await.unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bypass_serves_one_of_two_servers(pool: PgPool) {
    let (one, other) = (gate(&pool).await, gate(&pool).await);
    bypassed(&one).await;
    one.follow().await.unwrap();
    other.follow().await.unwrap();
    let both = tokio::join!(
        one.decide(caller(), ask("+14155550100"), ""),
        other.decide(caller(), ask("+14155550100"), "")
    );
    let mut verdicts = [both.0.unwrap().decision.verdict, both.1.unwrap().decision.verdict];
    verdicts.sort();
    assert_eq!(verdicts, [Verdict::Allow, Verdict::Deny]);
    let used: i64 = sqlx::query_scalar("select count(*) from audit where activity = 'Bypass used'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(used, 1);
    assert_eq!(decide_one(&one, "+14155550100").await.decision.verdict, Verdict::Deny);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_connection_that_ends_is_not_a_store_that_is_away(pool: PgPool) {
    let gate = gate(&pool).await;
    for _ in 0..5 {
        sqlx::query(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(&pool)
        .await
        .unwrap();
        let answered = decide_one(&gate, "+14155550100").await;
        assert_eq!((answered.decision.verdict, codes(&answered)), (Verdict::Allow, vec![]));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_look_beside_decisions_counts_each_once(pool: PgPool) {
    let gate = gate(&pool).await;
    let looks = async {
        loop {
            gate.follow().await.unwrap();
        }
    };
    let decisions = async {
        for number in 0..200 {
            let ask = DecisionRequest::new(&format!("+1415{}0100", 320 + number), Channel::Sms);
            let answered = gate.decide(caller(), ask, "").await.unwrap();
            assert_eq!(codes(&answered), [""; 0]);
        }
    };
    tokio::select! {
        () = looks => {}
        () = decisions => {}
    }
    gate.follow().await.unwrap();
    let requested: i64 = sqlx::query_scalar("select count(*) from event where kind = 'requested'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(i64::try_from(gate.health().entries).unwrap(), requested);
}

/// One statement writes the same as the single inserts one after another.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_statement_folds_as_the_folds_do(pool: PgPool) {
    let gate = gate(&pool).await;
    let mut asked = ask("+14155550100");
    asked.ip = Some("203.0.113.7".parse().unwrap());
    asked.device = Some("d-1".to_owned());
    asked.flow = Some("sign-in".to_owned());
    asked.user_agent = Some("Mozilla/5.0 (Windows NT 10.0) Firefox/126.0".to_owned());
    let made = gate.decide(caller(), asked.clone(), "").await.unwrap();
    let mut bare = DecisionRequest::new("+14155550101", Channel::Voice);
    bare.journey = Some("given".to_owned());
    let given = gate.decide(caller(), bare.clone(), "").await.unwrap();
    // A second request in the same journey takes the slow way and updates the existing rows.
    let again = gate.decide(caller(), bare, "").await.unwrap();
    assert_eq!((given.journey.as_str(), again.journey.as_str()), ("given", "given"));
    let mut conn = pool.acquire().await.unwrap();
    for (answered, asked) in [(&made, Some(&asked)), (&given, None)] {
        let attempt = domain::events::attempt_of(&answered.journey);
        let found = store::attempts::get(&mut conn, attempt).await.unwrap().unwrap();
        let mut event = event(&answered.phone.phone.to_string(), noon());
        event.source = "gate".parse().unwrap();
        event.kind = Kind::Requested;
        event.journey = Some(answered.journey.clone());
        event.channel = Some(if asked.is_some() { Channel::Sms } else { Channel::Voice });
        event.user = asked.and_then(|asked| asked.user.clone());
        event.ip = asked.and_then(|asked| asked.ip);
        event.flow = asked.and_then(|asked| asked.flow.clone());
        let browser = asked.map(|_| "Firefox");
        let region = Some(answered.phone.region);
        assert_eq!(found, domain::attempts::Attempt::of(&event, region, browser));
    }
    let keys: Vec<Option<String>> =
        sqlx::query_scalar("select user_key from attempt order by user_key nulls last")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    assert_eq!(keys, [Some("ana@example.com".to_owned()), None]);
    let row: (i64, i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from event_key), (select count(*) from event where os is not null),
            (select count(*) from decision),
            (select sum(n)::bigint from tally where grain = 1440 and key = 'requested'),
            (select sum(accepted)::bigint from source_stat where source = 'gate')",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(row, (3, 1, 3, 3, 3));
    for _ in 0..3 {
        gate.follow().await.unwrap();
    }
    assert_eq!(gate.health().entries, 3, "its own sends are counted once");
}
