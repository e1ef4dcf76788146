//! Attempts folded again from their events are the attempts; series and counts add up.

use super::{
    AttemptRow, CountedReport, PieceSize, attempts, conversion, count, flow_failures, series, tile,
};
use crate::events::{NewEvent, append};
use crate::partitions::{self, Month};
use crate::{Result, attempts as kept};
use chrono::{DateTime, TimeDelta, Utc};
use domain::bucket::Bucket;
use domain::conversion::By;
use domain::series::SeriesBy;
use domain::signins::Filter;
use domain::workbook::{Query, Tile};
use domain::{Channel, Cost, Event, Kind, Period, Reason};
use futures::TryStreamExt as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use std::collections::HashMap;
use testkit::noon;

/// Events of few journeys at few instants, so that many are equal in what decides.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let some = |words: &'static [&'static str]| {
        proptest::option::of(proptest::sample::select(words).prop_map(str::to_owned))
    };
    let of = (
        (0..60_usize, 0..5_i64, proptest::sample::select(Kind::ALL)),
        (some(&["anna", "Bert", "Åsa"]), some(&["+4915112345678", "+37125318694", "+1234567"])),
        (some(&["f", "F", "É"]), some(&["203.0.113.9", "203.0.113.10", "2001:db8::1"])),
        proptest::option::of(proptest::sample::select(Channel::ALL)),
        proptest::option::of(proptest::sample::select(Reason::ALL)),
        (some(&["b", "a", "é", "Z"]), some(&["26201", "24701"])),
        proptest::option::of((1..3_i64, proptest::sample::select(&["EUR", "USD"][..]))),
    );
    let event = of.prop_map(|(at, who, place, channel, reason, words, cost)| {
        let (journey, minute, kind) = at;
        let time = noon() - TimeDelta::hours(12) + TimeDelta::minutes(minute);
        Event {
            journey: Some(format!("j{journey}")),
            user: who.0,
            flow: place.0,
            phone: who.1.map(|phone| phone.parse().unwrap()),
            channel,
            ip: place.1.map(|ip| ip.parse().unwrap()),
            reason,
            reason_text: words.0,
            carrier: words.1,
            cost: cost.map(|(amount, currency)| Cost {
                amount: amount.into(),
                currency: currency.to_owned(),
            }),
            ..Event::new("b2c".parse().unwrap(), String::new(), time, kind)
        }
    });
    proptest::collection::vec(event, 200)
}

/// Takes events in as ingest does: their rows, and their attempts.
async fn take(pool: &PgPool, events: &[Event], received: DateTime<Utc>) -> Result<()> {
    let rows: Vec<NewEvent> = events
        .iter()
        .map(|event| {
            let region = event.phone.and_then(|_| "DE".parse().ok());
            let row = NewEvent::of(event.clone(), region, domain::keys::Marks::IMPORT);
            NewEvent { browser: Some("Chrome".into()), ..row }
        })
        .collect();
    let mut conn = pool.acquire().await?;
    append(&mut conn, &rows.iter().collect::<Vec<_>>(), received).await?;
    let mut parts = HashMap::new();
    for row in &rows {
        let part = domain::attempts::Attempt::of(&row.event, row.region, row.browser.as_deref());
        match parts.entry(part.id) {
            std::collections::hash_map::Entry::Vacant(free) => drop(free.insert(part)),
            std::collections::hash_map::Entry::Occupied(mut one) => one.get_mut().merge(part),
        }
    }
    kept::fold(&mut conn, parts.into_values().collect()).await
}

async fn lines(
    pool: &PgPool,
    filter: &Filter,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<AttemptRow>> {
    attempts(pool, filter, as_of, PieceSize::full()).try_collect().await
}

fn period() -> Period {
    // Cuts through the journeys: some begin before it.
    let from = noon() - TimeDelta::hours(12) + TimeDelta::minutes(1);
    Period { from, to: noon() }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn attempts_folded_again_are_the_attempts(pool: PgPool) -> Result<()> {
    partitions::ensure(&pool, &[Month::of(noon())]).await?;
    let mut runner = TestRunner::deterministic();
    let all = Filter::all(period());
    let filters = [
        all.clone(),
        Filter { user: Some("åsa".into()), ..all.clone() },
        Filter { outcome: Some(Kind::Verified), ..all.clone() },
        Filter { ip: "203.0.113.9".parse().ok(), browser: Some("Chrome".into()), ..all.clone() },
    ];
    let query = Query::all(period());
    let mut then = Vec::new();
    for round in 0..6 {
        let received = noon() + TimeDelta::minutes(round);
        let mut events = events().new_tree(&mut runner).unwrap().current();
        for (at, event) in events.iter_mut().enumerate() {
            event.id = format!("{round}-{at}");
        }
        // Few at first, so that journeys are open at every look.
        events.truncate(usize::try_from(round * round * 5 + 3).unwrap());
        take(&pool, &events, received).await?;
        let mut known = Vec::new();
        for filter in &filters {
            known.push(lines(&pool, filter, None).await?);
        }
        let mut told = Vec::new();
        for by in By::ALL {
            told.push(conversion(&pool, *by, &query, None).await?);
        }
        then.push((received, known, told));
    }
    assert!(then.last().unwrap().1.iter().all(|rows| !rows.is_empty()));
    for (received, known, told) in then {
        for (filter, rows) in filters.iter().zip(&known) {
            assert_eq!(lines(&pool, filter, Some(received)).await?, *rows, "{filter:?}");
            let counted = CountedReport::Attempts(filter, true);
            assert_eq!(count(&pool, counted, received, 1_000).await?, rows.len() as u64);
        }
        for (by, rows) in By::ALL.iter().zip(told) {
            assert_eq!(conversion(&pool, *by, &query, Some(received)).await?, rows, "{by}");
        }
    }
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn failures_add_up_whichever_way_they_are_told(pool: PgPool) -> Result<()> {
    partitions::ensure(&pool, &[Month::of(noon())]).await?;
    let mut runner = TestRunner::deterministic();
    for round in 0..2 {
        let mut events = events().new_tree(&mut runner).unwrap().current();
        for (at, event) in events.iter_mut().enumerate() {
            event.id = format!("{round}-{at}");
        }
        take(&pool, &events, noon() + TimeDelta::minutes(round)).await?;
    }
    let query = Query::all(period());
    let edges = Bucket::Minute.edges(query.period, &Utc).unwrap();
    let mut sums = Vec::new();
    for as_of in [noon(), noon() + TimeDelta::minutes(1)] {
        let failures =
            count(&pool, CountedReport::Failures(&query), as_of, u64::from(u32::MAX)).await?;
        let rows: Vec<_> =
            flow_failures(&pool, &query, as_of, PieceSize::full()).try_collect().await?;
        assert_eq!(rows.len() as u64, failures);
        for tile_of in [Tile::FailureReasons, Tile::NumberIpFailures, Tile::NumberFailures] {
            let rows: Vec<_> =
                tile(&pool, tile_of, &query, as_of, PieceSize::full()).try_collect().await?;
            let counts = rows.iter().map(|row| row.count);
            assert_eq!(counts.sum::<u64>(), failures, "{tile_of}");
            let counted = CountedReport::Tile(tile_of, &query);
            assert_eq!(count(&pool, counted, as_of, 1_000).await?, rows.len() as u64);
        }
        for by in SeriesBy::ALL {
            let steps = series(&pool, *by, &query, edges.starts(), as_of).await?;
            assert_eq!(steps.iter().map(|step| step.count).sum::<u64>(), failures, "{by}");
            let place = |at: usize| (std::cmp::Reverse(steps[at].bucket), steps[at].key.is_none());
            assert!((1..steps.len()).all(|at| place(at - 1) <= place(at)), "{by}");
        }
        sums.push(failures);
    }
    assert!(0 < sums[0] && sums[0] < sums[1]);
    let most = count(&pool, CountedReport::Failures(&query), noon(), 3).await?;
    assert_eq!(most, 3, "no more are counted than asked for");
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_ten_largest_have_names_and_the_rest_has_none(pool: PgPool) -> Result<()> {
    partitions::ensure(&pool, &[Month::of(noon())]).await?;
    sqlx::query(
        "insert into event (key, attempt, time, received, source, id, kind, flow)
         select gen_random_uuid(), gen_random_uuid(), $1::timestamptz - make_interval(hours => n),
             $1, 's', n::text, 'failed', 'f' || lpad((n % 13)::text, 2, '0')
         from generate_series(0, 38) as n",
    )
    .bind(noon() - TimeDelta::minutes(1))
    .execute(&pool)
    .await?;
    let period = Period { from: noon() - TimeDelta::days(2), to: noon() };
    let edges = Bucket::Day.edges(period, &Utc).unwrap();
    let starts = edges.starts();
    let steps = series(&pool, SeriesBy::Flow, &Query::all(period), starts, noon()).await?;
    // Thirteen flows with three failures each: equal ones by name.
    let named: std::collections::BTreeSet<_> =
        steps.iter().filter_map(|step| step.key.as_deref()).collect();
    assert_eq!((named.first(), named.last(), named.len()), (Some(&"f00"), Some(&"f09"), 10));
    let rest: u64 = steps.iter().filter(|step| step.key.is_none()).map(|step| step.count).sum();
    assert_eq!(rest, 9);
    assert_eq!(starts[steps[0].bucket], domain::period::parse_time("2026-11-20").unwrap());
    Ok(())
}
