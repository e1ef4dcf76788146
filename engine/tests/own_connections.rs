//! Decisions and keys use separate connections: the gate works whatever else is requested.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::Channel;
use domain::audit::By;
use domain::gate::{Code, DecisionRequest, Verdict};
use domain::keys::{ApiKey, KeyName};
use domain::roles::Scope;
use engine::Engine;
use engine::gate::{DecisionCaller, GateAnswer};
use engine::keys::{KeyError, NewKey};
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};
use store::{Clock, Db};

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Connections shared by pages and everything else.
const OTHERS: u32 = 3;

async fn ask(engine: &Engine, phone: &str) -> GateAnswer {
    let caller = DecisionCaller { key: "app".to_owned(), from: FROM };
    engine.gate.decide(caller, DecisionRequest::new(phone, Channel::Sms), "").await.unwrap()
}

fn is_sound(answered: &GateAnswer) -> bool {
    let down = |why: &domain::gate::ReasonEntry| why.code == Code::StoreDown;
    answered.decision.verdict == Verdict::Allow && !answered.decision.reasons.iter().any(down)
}

/// A server with so few other connections that a test can occupy them all.
async fn server(pool: &PgPool) -> (Engine, PgPool) {
    let options = PgPoolOptions::new().max_connections(OTHERS);
    let others = options.connect_with((*pool.connect_options()).clone()).await.unwrap();
    let db = Db::apart(others.clone(), pool.clone(), Clock::system());
    (Engine::start(db).await.unwrap(), others)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn pages_that_take_every_connection_leave_the_gate_and_its_keys(pool: PgPool) {
    let (engine, others) = server(&pool).await;
    let new = NewKey::new(KeyName::parse("app").unwrap(), vec![Scope::DecisionsWrite]);
    let key = engine::keys::create(&engine.db, &By::command(), new).await.unwrap();
    let header = format!("Bearer {}", key.reveal());
    let mut taken = Vec::new();
    for _ in 0..OTHERS {
        taken.push(others.acquire().await.unwrap());
    }
    // Not seen before, so it is looked up in the store.
    assert!(engine.keys.authenticate(Some(&header), false, FROM).await.is_ok());
    for number in 0..20 {
        let answered = ask(&engine, &format!("+1415555{number:04}")).await;
        assert!(is_sound(&answered), "{:?}", answered.decision);
    }
    let kept: i64 =
        sqlx::query_scalar("select count(*) from decision").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 20, "each has an audit entry");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_flood_of_unknown_keys_holds_up_neither_a_key_nor_the_gate(pool: PgPool) {
    let (engine, _) = server(&pool).await;
    let strangers: Vec<String> = (0..5_000_u32)
        .map(|number| {
            let id = [&number.to_le_bytes()[..], &[0; 2]].concat().try_into().unwrap();
            format!("Bearer {}", ApiKey::from_random(id, [9; 32]).reveal())
        })
        .collect();
    let flood = join_all(
        strangers.iter().map(|header| engine.keys.authenticate(Some(header.as_str()), false, FROM)),
    );
    let gate = async {
        let begun = Instant::now();
        for number in 0..20 {
            assert!(is_sound(&ask(&engine, &format!("+1415555{number:04}")).await));
        }
        begun.elapsed()
    };
    let (answers, took) = tokio::join!(flood, gate);
    assert!(answers.iter().all(|answer| matches!(answer, Err(KeyError::Unknown))));
    // Without a connection, each would get the answer for a store failure after half a second.
    assert!(took < Duration::from_secs(10), "{took:?}");
}
