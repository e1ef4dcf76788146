//! Bypasses and captchas are used only once, however slow the store is and however many servers
//! there are.

use super::*;
use crate::gate::shared::QUEUE;
use domain::captcha::{CaptchaAnswer, Provider, Solver, SolverProgress, token};
use domain::rules::CaptchaFor;
use std::time::Duration;

const PHONE: &str = "+14155550100";

async fn many(gates: &[Gate], count: usize, ask: &DecisionRequest) -> Vec<GateAnswer> {
    let asked = (0..count).map(|at| {
        let (gate, ask) = (gates[at % gates.len()].clone(), ask.clone());
        tokio::spawn(async move { gate.decide(caller(), ask, "").await.unwrap() })
    });
    let answers = futures::future::join_all(asked).await;
    answers.into_iter().map(Result::unwrap).collect()
}

fn allowed(answers: &[GateAnswer]) -> usize {
    answers.iter().filter(|one| one.decision.verdict == Verdict::Allow).count()
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// What blocks the writers' commit: a table lock or a lock on the bypass's row.
const LOCKS: [&str; 2] =
    ["lock table decision in access exclusive mode", "select 1 from bypass for update"];

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bypass_is_used_by_one_while_the_store_is_slow(pool: PgPool) {
    for servers in [1, 2] {
        for lock in LOCKS {
            let mut gates = Vec::new();
            for _ in 0..servers {
                gates.push(gate(&pool).await);
            }
            bypassed(&gates[0]).await;
            for gate in &gates {
                gate.follow().await.unwrap();
            }
            let mut held = pool.begin().await.unwrap();
            sqlx::raw_sql(lock).execute(&mut *held).await.unwrap();
            let asked = ask(PHONE);
            let (answers, ()) = tokio::join!(many(&gates, 30, &asked), async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                held.rollback().await.unwrap();
            });
            let first = allowed(&answers);
            for one in answers.iter().filter(|one| one.decision.verdict != Verdict::Allow) {
                assert_eq!(codes(one)[0], "block_user", "{servers} servers, {lock}");
            }
            // The next request gets it, if nobody used it before.
            for gate in &gates {
                settled(gate).await;
            }
            let later = allowed(&many(&gates, 30, &ask(PHONE)).await);
            assert_eq!(first + later, 1, "{servers} servers, {lock}");
            let used = "select count(*) from bypass where used is not null";
            assert_eq!(count(&pool, used).await, 1);
            let passed = "select count(*) from decision where verdict = 'allow'
                 and reasons->0->>'code' = 'bypass'";
            assert_eq!(count(&pool, passed).await, 1, "what is written is what was answered");
            drop(gates);
            sqlx::raw_sql(
                "delete from bypass; delete from block; delete from decision; delete from event;
                 delete from event_key",
            )
            .execute(&pool)
            .await
            .unwrap();
        }
    }
}

/// Waits until no record is being written.
async fn settled(gate: &Gate) {
    while gate.shared.room.available_permits() < QUEUE
        || gate.health().kept > 0
        || !gate.health().connected
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.follow().await.unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_captcha_is_used_by_one_while_the_store_is_slow(pool: PgPool) {
    let gates = [gate(&pool).await, gate(&pool).await];
    let db = &gates[0].shared.db;
    let rules = domain::settings::section("rules").unwrap();
    let document = json!({ "captcha": { "ask": CaptchaFor::Everybody }, "limits": [] });
    settings::save_document(db, &By::command(), rules, settings::ExpectedVersion::Any, document)
        .await
        .unwrap();
    gates[1].follow().await.unwrap();
    let challenge = crate::captcha::issue(db, PHONE.parse().unwrap());
    let SolverProgress::Found(number) = Solver::new(&challenge).unwrap().step(u64::MAX) else {
        panic!("no solution")
    };
    let mut solved = ask(PHONE);
    let token = token(&challenge, number);
    solved.captcha = Some(CaptchaAnswer { provider: Provider::Altcha, token });

    let mut held = pool.begin().await.unwrap();
    sqlx::raw_sql(LOCKS[0]).execute(&mut *held).await.unwrap();
    let (answers, ()) = tokio::join!(many(&gates, 8, &solved), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        held.rollback().await.unwrap();
    });
    for gate in &gates {
        settled(gate).await;
    }
    let later = many(&gates, 8, &solved).await;
    assert_eq!(allowed(&answers) + allowed(&later), 1);
    assert_eq!(count(&pool, "select count(*) from captcha_used").await, 1);
}

/// A user's bypass and the number's bypass: each lets one request through.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn two_bypasses_let_two_through_on_two_servers(pool: PgPool) {
    let gates = [gate(&pool).await, gate(&pool).await];
    bypassed(&gates[0]).await;
    let target = Target::parse(BlockKind::Number, PHONE).unwrap();
    let bypass = NewBypass { target, seconds: 300, reason: "it is her".to_owned() };
    blocks::bypass(&gates[0].shared.db, &By::command(), &bypass).await.unwrap();
    for gate in &gates {
        gate.follow().await.unwrap();
    }
    assert_eq!(allowed(&many(&gates, 20, &ask(PHONE)).await), 2);
    assert_eq!(count(&pool, "select count(*) from bypass where used is not null").await, 2);
}

/// The store goes away for good: no unconfirmed bypass lets a request through, and the bypass stays
/// usable.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bypass_that_cannot_be_confirmed_stays_good(pool: PgPool) {
    let gate = gate(&pool).await;
    bypassed(&gate).await;
    gate.follow().await.unwrap();
    gate.shared.away.store(true, Ordering::Relaxed);
    let answers = many(std::slice::from_ref(&gate), 5, &ask(PHONE)).await;
    assert_eq!(allowed(&answers), 0);
    assert!(answers.iter().all(|one| codes(one) == ["block_user", "store_down"]));
    settled(&gate).await;
    assert_eq!(allowed(&many(std::slice::from_ref(&gate), 5, &ask(PHONE)).await), 1);
}
