//! The gate waits for a slow store, and answers without an absent one.

use super::*;
use std::time::Duration;

async fn locked(pool: &PgPool) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = pool.begin().await.unwrap();
    let sql = "lock table decision in access exclusive mode";
    sqlx::raw_sql(sql).execute(&mut *lock).await.unwrap();
    lock
}

async fn written(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from decision").fetch_one(pool).await.unwrap()
}

async fn beating(gate: &Gate) {
    while !gate.shared.pulse.lately() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_commit_that_takes_a_second_is_waited_for(pool: PgPool) {
    let gate = gate(&pool).await;
    beating(&gate).await;
    let lock = locked(&pool).await;
    let (answered, ()) = tokio::join!(decide_one(&gate, "+14155550100"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        lock.rollback().await.unwrap();
    });
    assert_eq!((answered.decision.verdict, codes(&answered)), (Verdict::Allow, vec![]));
    assert_eq!(written(&pool).await, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_that_is_too_slow_opens_nothing(pool: PgPool) {
    let gate = gate(&pool).await;
    beating(&gate).await;
    let lock = locked(&pool).await;
    let asked = gate.decide(caller(), ask("+14155550100"), "").await;
    assert!(matches!(asked, Err(NotDecided::Busy)), "{asked:?}");
    assert_eq!(gate.health().entries, 0, "nothing was sent");
    lock.rollback().await.unwrap();
    assert_eq!(codes(&decide_one(&gate, "+14155550101").await), [""; 0]);
    assert_eq!((written(&pool).await, gate.health().entries), (1, 1), "and nothing is written");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_crowd_before_a_slow_store_is_told_to_come_back(pool: PgPool) {
    let gate = gate(&pool).await;
    beating(&gate).await;
    let waiting = Arc::clone(&gate.shared.room).try_acquire_many_owned(10_001).unwrap();
    let asked = gate.decide(caller(), ask("+14155550100"), "").await;
    assert!(matches!(asked, Err(NotDecided::Busy)), "{asked:?}");
    assert_eq!((written(&pool).await, gate.health().entries), (0, 0));
    drop(waiting);
    assert_eq!(codes(&decide_one(&gate, "+14155550100").await), [""; 0]);
}

/// What was answered without the store is written unchanged once the store is back.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_that_is_away_is_answered_for(pool: PgPool) {
    let gate = gate(&pool).await;
    decide_one(&gate, "+14155550100").await;
    gate.shared.away.store(true, Ordering::Relaxed);
    let answered = decide_one(&gate, "+14155550100").await;
    assert_eq!((answered.decision.verdict, codes(&answered)), (Verdict::Allow, vec!["store_down"]));
    while written(&pool).await < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(gate.health().entries, 2);
    let id = answered.id.unwrap();
    let kept = store::decisions::by_ids(&pool, &[id.0], noon(), noon()).await.unwrap();
    assert_eq!(kept[0].reasons, answered.decision.reasons, "what is written is what was answered");
}
