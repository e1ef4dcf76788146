//! Concurrent requests, store errors, and more reports than the queue holds.

use super::*;
use crate::QueueError;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn two_servers_give_one_answer(pool: PgPool) {
    let (db, one) = at(&pool, noon()).await;
    let other = start(&db).await;
    set(&db, json!({"allow_user_reports": true, "auto_block": true, "breaker": 5})).await;
    let tasks: Vec<_> = (0..120)
        .map(|n| {
            let reports = if n % 2 == 0 { one.clone() } else { other.clone() };
            // Each name twice, once on each server; sixty users.
            let report = push(&format!("r{}", n / 2), &format!("user{}", n / 2));
            tokio::spawn(async move { send(&reports, report).await })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        match task.await.unwrap() {
            ReportResult::New(_) => new += 1,
            ReportResult::Known(_) => {}
            ReportResult::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!(new, 60);
    assert_eq!(count(&db, "select count(*) from fraud_report").await, 60);
    assert_eq!(count(&db, "select count(*) from block").await, 5, "over both servers");
    assert_eq!(count(&db, "select count(*) from event").await, 60);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_the_store_refuses_of_one_fails_nobody_else(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    sqlx::raw_sql(
        "create function refuse() returns trigger language plpgsql as $$
         begin
             if new.user_key = 'bad' then raise exception 'no'; end if;
             return new;
         end $$;
         create trigger refuse before insert on fraud_report for each row execute function refuse()",
    )
    .execute(&pool)
    .await
    .unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let reports = reports.clone();
            let report = push(&format!("r{n}"), if n == 7 { "bad" } else { "good" });
            tokio::spawn(async move { reports.submit(from(), report).await })
        })
        .collect();
    let mut refused = Vec::new();
    for (n, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(ReportResult::New(_)) => {}
            Err(QueueError::Store(_)) => refused.push(n),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, [7]);
    assert_eq!(count(&db, "select count(*) from fraud_report").await, 39);
    assert_eq!(count(&db, "select count(*) from event").await, 39, "nothing of the refused report");
    let entries = "select count(*) from audit_whole where activity like 'Fraud reported%'";
    assert_eq!(count(&db, entries).await, 39);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_full_queue_refuses(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    let all = u32::try_from(reports.queue.room.available_permits()).unwrap();
    let room = reports.queue.room.acquire_many(all).await.unwrap();
    let full = reports.submit(from(), push("1", "ann")).await;
    assert!(matches!(full, Err(QueueError::Full)), "{full:?}");
    drop(room);
    taken(&reports, push("1", "ann")).await;
    assert_eq!(reports.queue.room.available_permits(), all as usize, "room becomes free again");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_that_went_away_is_told_at_once(pool: PgPool) {
    let (db, reports) = at(&pool, noon()).await;
    set(&db, json!({"allow_user_reports": true})).await;
    pool.close().await;
    let all = (0..50).map(|n| push(&format!("r{n}"), "ann"));
    let tasks: Vec<_> = all
        .map(|report| {
            let reports = reports.clone();
            tokio::spawn(async move { reports.submit(from(), report).await })
        })
        .collect();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), Err(QueueError::Store(_))));
    }
}
