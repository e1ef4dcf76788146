//! In whatever order events arrive, the ledger and the trust are the same: live and rebuilt.

use super::*;
use crate::ingest::{Ingest, Via};
use domain::Cost;
use domain::keys::Marks;
use std::time::Duration;

/// Events from a trusted key.
const MARKS: Marks = Marks { trusted: true, ..Marks::IMPORT };

/// Every order of `count` things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let places = shorter.iter().flat_map(|order| (0..count).map(move |place| (order, place)));
    places
        .map(|(order, place)| {
            let mut order = order.clone();
            order.insert(place, count - 1);
            order
        })
        .collect()
}

/// The events of a journey's providers: a code is sent, tried by another provider, delivered and
/// paid for, and entered.
fn journey(phone: &str, name: &str) -> Vec<domain::Event> {
    let told = |at: i64, kind, source: &str, cost: Option<&str>| {
        let mut event = event(phone, noon() - TimeDelta::minutes(30) + TimeDelta::seconds(at));
        event.id = format!("{name}-{kind}");
        event.journey = Some(name.to_owned());
        event.kind = kind;
        event.source = source.parse().unwrap();
        event.cost = cost.map(|cost| Cost { amount: cost.parse().unwrap(), currency: currency() });
        event
    };
    vec![
        told(0, Kind::Sent, "provider", None),
        told(5, Kind::Failed, "other", None),
        told(9, Kind::Delivered, "provider", Some("0.05")),
        told(60, Kind::Verified, "login", Some("0.09")),
    ]
}

fn currency() -> String {
    domain::rules::Settings::default().spend.currency.to_string()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn any_order_of_arrival_gives_the_same_ledger_and_the_same_trust(pool: PgPool) {
    let live = gate(&pool).await;
    let db = live.shared.db.clone();
    let ingest = Ingest::start(db, Arc::default(), Arc::default()).await.unwrap();
    let orders = orders(4);
    for (number, order) in orders.iter().enumerate() {
        let events = journey(&format!("+1415{}0100", 300 + number), &format!("j{number}"));
        for at in order {
            let one = vec![events[*at].clone()];
            ingest.submit_with(one, Via::Api, None, MARKS).await.unwrap();
            // Some are read one by one, some together.
            if number % 2 == 0 {
                live.follow().await.unwrap();
            }
        }
    }
    for _ in 0..2 {
        live.follow().await.unwrap();
    }
    let rebuilt = gate(&pool).await;
    let verified = (noon() - TimeDelta::minutes(29)).timestamp_micros();
    for gate in [&live, &rebuilt] {
        let state = gate.shared.state();
        for (number, order) in orders.iter().enumerate() {
            let phone = format!("+1415{}0100", 300 + number).parse().unwrap();
            assert_eq!(state.ledger.trusted_since(phone), Some(verified), "{order:?}");
            let now = noon().timestamp_micros();
            assert_eq!(state.ledger.count(&Key::Number(phone), now, WINDOW_MAX), 1, "{order:?}");
        }
        drop(state);
        let (sends, spent) = gate.spent();
        assert_eq!((sends, spent.amount, spent.unpriced), (24, 24 * 50_000_000, 0));
    }
    let waiting: i64 =
        sqlx::query_scalar("select count(*) from verified_early").fetch_one(&pool).await.unwrap();
    assert_eq!(waiting, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_verified_without_a_send_gives_no_trust_and_is_forgotten(pool: PgPool) {
    let live = gate(&pool).await;
    let db = live.shared.db.clone();
    let ingest = Ingest::start(db, Arc::default(), Arc::default()).await.unwrap();
    let phone = "+14155550100";
    let mut events = journey(phone, "j");
    let verified = events.pop().unwrap();
    ingest.submit_with(vec![verified], Via::Api, None, MARKS).await.unwrap();
    live.follow().await.unwrap();
    assert_eq!(live.shared.state().ledger.trusted_since(phone.parse().unwrap()), None);
    let later = gate_at(&pool, noon() + TimeDelta::days(EARLY_DAYS)).await;
    later.keep().await.unwrap();
    ingest.submit_with(events, Via::Api, None, MARKS).await.unwrap();
    live.follow().await.unwrap();
    assert_eq!(live.shared.state().ledger.trusted_since(phone.parse().unwrap()), None);
}

/// Changed prices or currency make the gate count the spending again.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn another_currency_or_other_prices_count_the_last_day_anew(pool: PgPool) {
    let live = gate_of(&pool, Clock::system()).await;
    let db = live.shared.db.clone();
    let ingest = Ingest::start(db.clone(), Arc::default(), Arc::default()).await.unwrap();
    let now = Clock::system().now();
    let mut sent = event("+14155550100", now - TimeDelta::minutes(5));
    sent.cost = Some(Cost { amount: "0.25".parse().unwrap(), currency: "CHF".to_owned() });
    ingest.submit(vec![sent], Via::Api).await.unwrap();
    decide_one(&live, "+14155550101").await;
    live.follow().await.unwrap();
    assert_eq!((live.spent().1.amount, live.spent().1.unpriced), (0, 2));
    assert_eq!(live.foreign_costs(), ["CHF"]);
    let rules = domain::settings::section("rules").unwrap();
    for (currency, price, amount, unpriced) in [
        ("CHF", None, 250_000_000, 1),
        ("CHF", Some("0.10"), 350_000_000, 0),
        ("EUR", Some("0.10"), 200_000_000, 0),
        ("CHF", Some("0.05"), 300_000_000, 0),
    ] {
        let prices: Vec<_> = price
            .map(|price| json!({ "to": "US", "channel": "*", "amount": price }))
            .into_iter()
            .collect();
        let document = json!({ "spend": { "currency": currency, "prices": prices } });
        settings::save_document(
            &db,
            &By::command(),
            rules,
            settings::ExpectedVersion::Any,
            document,
        )
        .await
        .unwrap();
        live.follow().await.unwrap();
        let begun = std::time::Instant::now();
        while (live.spent().1.amount, live.spent().1.unpriced) != (amount, unpriced) {
            assert!(begun.elapsed() < Duration::from_secs(10), "{currency} {:?}", live.spent());
            // What is sent in the meantime is not lost.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(live.spent().0, 2);
    }
    // Each counts once, however often it is read.
    for _ in 0..3 {
        live.follow().await.unwrap();
    }
    assert_eq!((live.spent().0, live.health().entries), (2, 2));
}
