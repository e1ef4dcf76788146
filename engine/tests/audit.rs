//! The audit log against attackers with all privileges on the database but without the key: every
//! change, removal, move or cut is found, and the first affected entry is named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

use chrono::TimeDelta;
use domain::audit::{Activity, By, Change, Head};
use engine::audit::{VerifyError, verify};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use std::net::IpAddr;
use store::{Clock, Db};
use testkit::noon;

/// Number of entries; each differs from the next in every column.
const ENTRIES: u8 = 12;

async fn filled(pool: &PgPool) -> Db {
    for n in 1..=ENTRIES {
        let clock = Clock::fixed(noon() + TimeDelta::minutes(n.into()));
        let db = Db::new(pool.clone(), clock);
        let by = By::account(&format!("{n}@example.com"), IpAddr::from([192, 0, 2, n]));
        let mut of_operators = Activity::ALL.iter().filter(|one| one.is_of_operators());
        let activity = *of_operators.nth(usize::from(n)).unwrap();
        let change = Change::new(activity, format!("object {n}"))
            .before(json!({ "n": n }))
            .after(json!({ "n": n + 100 }));
        db.write(&by).await.unwrap().commit(change).await.unwrap();
    }
    Db::new(pool.clone(), Clock::system())
}

/// Changes something like a superuser who has disabled the triggers, and returns the number and
/// text of the check's result; afterwards everything is restored.
async fn tampered(db: &Db, sql: &str, expected: Option<Head>) -> (i64, String) {
    let mut statements = vec!["create table kept as select * from audit"];
    statements.push("create table kept_head as select * from audit_head");
    statements.extend(["alter table audit disable trigger all"]);
    statements.extend(["alter table audit_head disable trigger all", sql]);
    run(db, &statements).await;
    let found = match verify(db, expected, |_| ()).await {
        Err(VerifyError::Broken(broken)) => (broken.seq, broken.what),
        other => panic!("{sql}: {other:?}"),
    };
    run(
        db,
        &[
            "delete from audit",
            "insert into audit select * from kept",
            "delete from audit_head",
            "insert into audit_head select * from kept_head",
            "drop table kept, kept_head",
            "alter table audit enable trigger all",
            "alter table audit_head enable trigger all",
        ],
    )
    .await;
    verify(db, None, |_| ()).await.unwrap();
    found
}

async fn run(db: &Db, statements: &[&str]) {
    for sql in statements {
        let done = sqlx::raw_sql(AssertSqlSafe((*sql).to_owned())).execute(db.facts()).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

const COLUMNS: [(&str, &[&str]); 9] = [
    ("seq", &["1000", "-7"]),
    ("time", &["time + interval '1 microsecond'", "'infinity'", "'-infinity'"]),
    ("actor", &["'somebody@example.com'", "actor || ' '", "''"]),
    ("source_ip", &["'192.0.2.200'", "null", "''", "source_ip || '/24'"]),
    ("activity", &["'Signed in '", "'Blocked'"]),
    ("object", &["'another'", "''"]),
    ("before", &["null", "'{\"n\": 0}'", "(before::text || ' ')::json"]),
    ("after", &["null", "before"]),
    ("hash", &["'\\x00'", "decode(repeat('00', 32), 'hex')", "''"]),
];

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_changed_column_is_found_and_its_entry_named(pool: PgPool) {
    let db = filled(&pool).await;
    for seq in [1, 6, 12] {
        for (column, values) in COLUMNS {
            for value in values {
                let sql = format!("update audit set {column} = {value} where seq = {seq}");
                let (found, what) = tampered(&db, &sql, None).await;
                assert_eq!(found, seq, "{sql}: {what}");
                assert!(what.contains(&format!("entry {seq}")) || seq == 12, "{sql}: {what}");
            }
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_swap_is_found_and_its_first_entry_named(pool: PgPool) {
    let db = filled(&pool).await;
    for (one, other) in [(1, 6), (6, 12), (1, 12), (6, 7)] {
        for (column, _) in COLUMNS {
            let sql = match column {
                // With a third number in between, because the column is unique.
                "seq" => format!(
                    "with a as (select * from audit where seq = {one}),
                          b as (select * from audit where seq = {other}),
                          x as (update audit set time = b.time, actor = b.actor,
                                    source_ip = b.source_ip, activity = b.activity,
                                    object = b.object, before = b.before, after = b.after,
                                    hash = b.hash from b where audit.seq = {one})
                     update audit set time = a.time, actor = a.actor, source_ip = a.source_ip,
                        activity = a.activity, object = a.object, before = a.before,
                        after = a.after, hash = a.hash from a where audit.seq = {other}"
                ),
                _ => format!(
                    "update audit set {column} = other.{column} from audit as other
                     where (audit.seq, other.seq) in (({one}, {other}), ({other}, {one}))"
                ),
            };
            let (found, what) = tampered(&db, &sql, None).await;
            assert_eq!(found, one, "{column} of {one} and {other}: {what}");
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_removed_added_or_cut_off_is_found(pool: PgPool) {
    let db = filled(&pool).await;
    let head = store::audit::head(db.read()).await.unwrap();
    let delete = async |which: &str, expected| {
        tampered(&db, &format!("delete from audit where {which}"), expected).await
    };
    assert_eq!(delete("seq = 1", None).await, (1, "entry 1 is missing".into()));
    assert_eq!(delete("seq = 6", None).await, (6, "entry 6 is missing".into()));
    assert_eq!(delete("seq in (5, 6)", None).await, (5, "entries 5 to 6 are missing".into()));
    let cut = "the log ends at 9 but its head says 12: entries were cut off";
    assert_eq!(delete("seq > 9", None).await, (10, cut.into()));
    assert_eq!(delete("seq > 0", None).await.0, 1);

    // Renumbered so that there is no gap.
    let closed = "delete from audit where seq = 6;
                  update audit set seq = seq + 100 where seq > 6;
                  update audit set seq = seq - 101 where seq > 100";
    assert_eq!(tampered(&db, closed, None).await.0, 6);
    let added = "insert into audit select 13, time, actor, source_ip, activity, object, before,
                     after, hash from audit where seq = 12";
    assert_eq!(tampered(&db, added, None).await.0, 13);
    let before = added.replace("select 13", "select 0");
    assert_eq!(tampered(&db, &before, None).await, (0, "entry 0 was added".into()));

    // Cut off, with the head adjusted: consistent in itself, but found by a head noted earlier.
    let neat = "with cut as (delete from audit where seq > 9)
                update audit_head set seq = 9, hash = (select hash from audit where seq = 9)";
    let (found, what) = tampered(&db, neat, Some(head)).await;
    let cut = "the log ends at 9 but entry 12 was there before: entries were cut off";
    assert_eq!((found, &*what), (10, cut));
    assert_eq!(verify(&db, Some(head), |_| ()).await.unwrap().head, head);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_head_that_does_not_fit_is_found(pool: PgPool) {
    let db = filled(&pool).await;
    for (sql, seq) in [
        ("update audit_head set hash = '\\x00'", 12),
        ("update audit_head set hash = (select hash from audit where seq = 11)", 12),
        ("update audit_head set seq = 11", 12),
        ("update audit_head set seq = 14", 13),
        ("delete from audit_head", 12),
    ] {
        assert_eq!(tampered(&db, sql, None).await.0, seq, "{sql}");
    }
    let head = |seq, byte| Head { seq, hash: [byte; 32] };
    for (expected, seq) in [(head(5, 1), 5), (head(12, 1), 12), (head(0, 1), 0), (head(13, 1), 13)]
    {
        match verify(&db, Some(expected), |_| ()).await {
            Err(VerifyError::Broken(broken)) => assert_eq!(broken.seq, seq, "{broken}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
    verify(&db, Some(head(0, 0)), |_| ()).await.unwrap();

    let stranger = db.with_secret(domain::secret::Secret::new([8; 32]));
    let refused = verify(&stranger, None, |_| ()).await;
    assert!(matches!(refused, Err(VerifyError::Store(store::Error::AnotherSecret))));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_empty_log_is_whole(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let verified = verify(&db, None, |_| ()).await.unwrap();
    assert_eq!((verified.count, verified.head.seq), (0, 0));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_database_itself_refuses_changes(pool: PgPool) {
    let db = filled(&pool).await;
    for sql in [
        "update audit set actor = 'x'",
        "update audit set actor = actor where seq = 6",
        "delete from audit where seq = 12",
        "delete from audit",
        "truncate audit",
        "truncate audit_head",
        "delete from audit_head",
    ] {
        let refused = sqlx::query(AssertSqlSafe(sql)).execute(db.facts()).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
    }
    assert_eq!(verify(&db, None, |_| ()).await.unwrap().count, u64::from(ENTRIES));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn writers_at_the_same_time_make_one_chain(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let log = engine::audit::Log::start(db.clone());
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let (db, log) = (db.clone(), log.clone());
            tokio::spawn(async move {
                for turn in 0..4 {
                    let change = Change::new(Activity::Blocked, format!("{n} {turn}"));
                    match (n + turn) % 4 {
                        // Rolled back: it must not leave a gap.
                        0 => drop(db.write(&By::command()).await.unwrap()),
                        1 => log.note(By::own(), change).await.unwrap(),
                        2 => {
                            let write = db.write(&By::command()).await.unwrap();
                            write.commit_all(vec![change.clone(), change]).await.unwrap();
                        }
                        _ => db.write(&By::own()).await.unwrap().commit(change).await.unwrap(),
                    }
                    // A reader in between sees a complete chain.
                    if n == 0 {
                        verify(&db, None, |_| ()).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let verified = verify(&db, None, |_| ()).await.unwrap();
    assert_eq!((verified.count, verified.head.seq), (200, 200));
}

/// `cargo test -p tollwarden-engine --release --test audit -- --ignored --nocapture`
#[sqlx::test(migrator = "store::MIGRATOR")]
#[ignore = "a measurement: a million entries"]
async fn how_fast_a_million_entries_are_walked(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    for thousand in 0..1_000 {
        let entry = |n: u64| {
            let by = By::account("ann@example.com", IpAddr::from([192, 0, 2, 1]));
            let change = Change::new(Activity::Blocked, format!("user {n}@example.com"));
            (by, change.before(json!(null)).after(json!({ "until": "2026-12-01", "n": n })))
        };
        let entries: Vec<_> = (0..1_000).map(|n| entry(thousand * 1_000 + n)).collect();
        db.record(&entries).await.unwrap();
    }
    let start = std::time::Instant::now();
    let mut told = 0;
    let verified = verify(&db, None, |_| told += 1).await.unwrap();
    let rate = verified.count as f64 / start.elapsed().as_secs_f64();
    println!("{} entries, {rate:.0} entries/s, progress told {told} times", verified.count);
}
