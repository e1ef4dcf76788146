use super::*;
use sqlx::PgPool;
use store::Clock;
use testkit::noon;

fn db(pool: &PgPool, days: i64) -> Db {
    // The function that deletes audit entries uses the database's clock, so these tests use real
    // past times.
    Db::new(pool.clone(), Clock::fixed(noon() - TimeDelta::days(days)))
}

async fn run(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn all(db: &Db, retention: &Retention) {
    while step(db, retention).await.unwrap() == Progress::Worked {}
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn each_kind_is_dropped_by_its_own_setting(pool: PgPool) {
    run(
        &pool,
        "insert into fraud_report (id, api_key, external_id, received, time, \"user\", user_key,
             channel, attempt, action, handled)
         select gen_random_uuid(), 'k', n::text, t, t, 'u', 'u', 'sms', gen_random_uuid(),
             'no_action', case when n <> 2 then t end
         from (values (1, timestamptz '2026-10-01'), (2, '2026-10-01'), (3, '2026-11-15')) v (n, t);
         insert into block (id, kind, value, key, since, until, by, reason, ended)
         select gen_random_uuid(), 'user', n, n, '2026-09-01', u, 'a', 'r', e
         from (values ('over', timestamptz '2026-10-01', null::timestamptz),
             ('ended', null, '2026-10-01'), ('live', null, null), ('later', '2027-01-01', null),
             ('fresh', null, '2026-11-18')) v (n, u, e);
         insert into bypass (id, kind, value, key, since, until, by, reason, used)
         select gen_random_uuid(), 'user', n, n, '2026-09-01', u, 'a', 'r', null
         from (values ('over', timestamptz '2026-10-01'), ('live', '2027-01-01')) v (n, u);
         insert into recipient (id, kind, address, events, created, created_by)
         values ('00000000-0000-0000-0000-000000000001', 'email', 'a@example.com', '{}', now(), 'a');
         insert into outbox (id, recipient, alert, created, due, since, state, count, users, payload)
         select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'block', t, t, t, s, 1,
             '{}', '{}'
         from (values (timestamptz '2026-10-01', 'sent'), ('2026-10-01', 'failed'),
             ('2026-10-01', 'waiting'), ('2026-11-18', 'sent')) v (t, s);
         insert into outbox_attempt select id, 1, created, true, 'ok' from outbox;
         insert into import_job (id, created, by_email, file_name, bytes, state, ended)
         select gen_random_uuid(), '2026-10-01', 'a', 'f', 1, s, e
         from (values ('done', timestamptz '2026-10-01'), ('running', null),
             ('failed', '2026-11-18')) v (s, e)",
    )
    .await;
    let db = db(&pool, 0);
    let counts = [
        "select count(*) from fraud_report",
        "select count(*) from block",
        "select count(*) from bypass",
        "select count(*) from outbox",
        "select count(*) from outbox_attempt",
        "select count(*) from import_job",
    ];
    let now = async || {
        let mut found = Vec::new();
        for sql in counts {
            found.push(count(&pool, sql).await);
        }
        found
    };
    let full = [3, 5, 2, 4, 4, 3];
    all(&db, &Retention::default()).await;
    assert_eq!(now().await, full, "by default everything is kept");
    let days = Some(30);
    let cases: [(Retention, [i64; 6]); 4] = [
        (Retention { reports: days, ..Retention::default() }, [2, 5, 2, 4, 4, 3]),
        (Retention { blocks: days, ..Retention::default() }, [2, 3, 1, 4, 4, 3]),
        (Retention { outbox: days, ..Retention::default() }, [2, 3, 1, 2, 2, 3]),
        (Retention { imports: days, ..Retention::default() }, [2, 3, 1, 2, 2, 2]),
    ];
    for (retention, left) in cases {
        let due: i64 = retention.due(&db).await.unwrap().iter().map(|line| line.due).sum();
        assert!(due > 0, "{retention:?}");
        all(&db, &retention).await;
        assert_eq!(now().await, left, "{retention:?}");
        let due: i64 = retention.due(&db).await.unwrap().iter().map(|line| line.due).sum();
        assert_eq!(due, 0, "{retention:?}");
    }
    assert_eq!(count(&pool, "select count(*) from block where key in ('live', 'later')").await, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_audit_log_begins_later_and_stays_a_chain(pool: PgPool) {
    use crate::audit::{VerifyError, verify};
    let real = Clock::system().now();
    let at = |days: i64| Db::new(pool.clone(), Clock::fixed(real - TimeDelta::days(days)));
    for days in [100, 99, 98, 50, 3] {
        let change = Change::new(Activity::Blocked, format!("user {days}"));
        at(days).write(&By::command()).await.unwrap().commit(change).await.unwrap();
    }
    let db = at(0);
    let retention = Retention { audit: Some(60), ..Retention::default() };
    let due = retention.due(&db).await.unwrap();
    assert_eq!(due.last().unwrap().due, 3);
    all(&db, &retention).await;
    let verified = verify(&db, None, |_| ()).await.unwrap();
    // The two remaining entries, and the one about the deletion.
    assert_eq!((verified.count, verified.after.unwrap().seq, verified.head.seq), (3, 3, 6));
    assert_eq!(count(&pool, "select count(*) from audit_value").await, 2);
    all(&db, &retention).await;
    assert_eq!(count(&pool, "select count(*) from audit").await, 3, "not one entry a minute");

    // The anchor cannot be moved, and the remaining entries cannot be cut.
    for sql in [
        "update audit_anchor set seq = 4",
        "delete from audit_anchor",
        "truncate audit_anchor",
        "insert into audit_anchor (seq, hash, dropped, mac) values (1, '', now(), '')",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
    }
    let young = "select audit_drop(seq, hash, now(), decode(repeat('00', 32), 'hex')) from audit
                 where seq = 6";
    assert!(sqlx::query(young).execute(&pool).await.is_err(), "the last one stays");
    for (sql, seq) in [
        ("update audit_anchor set seq = 4", 4),
        ("update audit_anchor set mac = '\\x00'", 3),
        ("delete from audit_anchor", 1),
        ("delete from audit where seq = 4", 4),
    ] {
        let mut tx = pool.begin().await.unwrap();
        let held = format!(
            "alter table audit disable trigger all; alter table audit_anchor disable trigger all; {sql}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(held)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        match verify(&db, None, |_| ()).await {
            Err(VerifyError::Broken(broken)) => assert_eq!(broken.seq, seq, "{sql}: {broken}"),
            other => panic!("{sql}: {other:?}"),
        }
        if !sql.starts_with("delete from audit where") {
            let back = anchor(&db.secret.audit_key(), verified.after.unwrap());
            sqlx::query(
                "insert into audit_anchor (seq, hash, dropped, mac) values (3, $1, now(), $2)
                 on conflict (one) do update set seq = 3, hash = $1, mac = $2",
            )
            .bind(verified.after.unwrap().hash.as_slice())
            .bind(back.as_slice())
            .execute(&pool)
            .await
            .unwrap();
            verify(&db, None, |_| ()).await.unwrap();
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn no_entry_that_is_young_can_be_dropped(pool: PgPool) {
    let db = Db::new(pool.clone(), Clock::system());
    for n in 0..3 {
        let change = Change::new(Activity::Blocked, format!("user {n}"));
        db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    }
    let sql = "select audit_drop(seq, hash, now(), decode(repeat('00', 32), 'hex')) from audit
               where seq = 1";
    let refused = sqlx::query(sql).execute(&pool).await.unwrap_err();
    assert!(refused.to_string().contains("only what is old"), "{refused}");
}
