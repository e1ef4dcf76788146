//! Rows that earlier versions stored in another spelling are corrected, once.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use domain::audit::By;
use domain::blocks::{BlockFields, NewBlock};
use domain::sources::neutral;
use engine::Engine;
use engine::ingest::Via;
use engine::spellings::{CorrectedRows, put_right};
use serde_json::json;
use sqlx::PgPool;
use store::{Clock, Db};
use tokio_util::sync::CancellationToken;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn numbers_of_before_are_put_right_once(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let engine = Engine::start(Db::new(pool.clone(), Clock::fixed(now))).await.unwrap();
    let source = "shop".parse().unwrap();
    let events = (0..4).map(|n| {
        let event = json!({"id": n.to_string(), "time": "2026-11-20T09:00:00Z", "kind": "sent",
            "phone": "+447400123456", "channel": "sms", "carrier": "23415", "journey": format!("j{n}")});
        neutral::parse(event.to_string().as_bytes(), &source, now).unwrap()
    });
    engine.ingest.submit(events.collect(), Via::Api).await.unwrap();
    for value in ["+447400123456", "+447400123457", "+1 415 555xxxx"] {
        let fields = BlockFields { value, reason: "a test", ..BlockFields::default() };
        let new = NewBlock::read(fields, now).unwrap();
        engine::blocks::add(&engine.db, &By::command(), &new, false).await.unwrap();
    }
    // As written by earlier versions.
    for sql in [
        "update event set phone = '+4407400123456' where id in ('0', '1')",
        "update event set carrier = '23415' where id = '2'",
        "update attempt set phone = '+4407400123456' where id in (select attempt from event where id in ('0', '1'))",
        "update attempt set carrier = '23415' where id in (select attempt from event where id = '2')",
        "update block set value = '+4407400123457', key = '+4407400123457' where value = '+447400123457'",
        "insert into block (id, kind, value, key, since, by, reason)
         values (gen_random_uuid(), 'number', '+4407400123456', '+4407400123456', now(), 'x', 'y')",
        // Next to a block that has ended: the other one continues.
        "insert into block (id, kind, value, key, since, until, by, reason)
         values (gen_random_uuid(), 'number', '+447400123458', '+447400123458', '2026-11-01', '2026-11-02', 'x', 'y')",
        "insert into block (id, kind, value, key, since, by, reason)
         values (gen_random_uuid(), 'number', '+4407400123458', '+4407400123458', now(), 'x', 'y')",
        "insert into bypass (id, kind, value, key, since, until, by, reason)
         values (gen_random_uuid(), 'number', '+4407400123459', '+4407400123459', now(), now(), 'x', 'y')",
        "insert into fraud_report (id, api_key, external_id, received, time, \"user\", user_key, channel, phone, attempt, action)
         values (gen_random_uuid(), 'k', '1', now(), now(), 'ann', 'ann', 'voice', '+4407400123456', gen_random_uuid(), 'no_action')",
        "insert into verified_early (attempt, phone, verified) values (gen_random_uuid(), '+4407400123457', now())",
        "insert into trusted_number (phone, verified) values ('+4407400123456', now())",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let stop = CancellationToken::new();
    // A cancelled run has corrected nothing, and the next run does.
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert_eq!(put_right(&engine.db, &stopped).await.unwrap(), None);
    let done = put_right(&engine.db, &stop).await.unwrap().unwrap();
    assert_eq!(done, CorrectedRows { events: 3, blocks: 3, bypasses: 1, reports: 1 });
    assert_eq!(put_right(&engine.db, &stop).await.unwrap(), None, "once");

    let count = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    };
    for table in ["event", "attempt"] {
        let sql: &'static str = match table {
            "event" => {
                "select count(*) from event where phone = '+447400123456' and carrier = '234-15'"
            }
            _ => {
                "select count(*) from attempt where phone = '+447400123456' and carrier = '234-15'"
            }
        };
        assert_eq!(count(sql).await, 4, "{table}");
    }
    let live = "select count(*) from block where ended is null and value like '+44740012345_'";
    assert_eq!(count(live).await, 3, "each number is blocked once");
    let endless = "select count(*) from block where ended is null and until is null
        and value = '+447400123458' and key = value";
    assert_eq!(count(endless).await, 1, "the active one stays");
    for sql in [
        "select count(*) from bypass where value = '+447400123459'",
        "select count(*) from fraud_report where phone = '+447400123456'",
        "select count(*) from verified_early where phone = '+447400123457'",
    ] {
        assert_eq!(count(sql).await, 1, "{sql}");
    }
    let trusted = "select count(*) from trusted_number where phone = '+447400123456'";
    assert_eq!(count(trusted).await, 1);
    let told = "select count(*) from audit where activity = 'Spellings put right'";
    assert_eq!(count(told).await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn where_nothing_is_wrong_nothing_is_told(pool: PgPool) {
    let db = Db::new(pool.clone(), Clock::system());
    let stop = CancellationToken::new();
    assert_eq!(put_right(&db, &stop).await.unwrap(), Some(CorrectedRows::default()));
    let told: i64 =
        sqlx::query_scalar("select count(*) from audit").fetch_one(&pool).await.unwrap();
    assert_eq!(told, 0);
}
