//! Pages put together are the log, whatever is asked and however little is looked at.

use super::{fold, page};
use crate::Result;
use crate::reports::{AttemptRow, PieceSize, attempts};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attempts::{Attempt, First};
use domain::signins::{Cursor, Filter, PageStart};
use domain::{Channel, Event, Kind, Period};
use futures::TryStreamExt as _;
use sqlx::PgPool;
use testkit::noon;
use uuid::Uuid;

/// The `n`th of a hundred attempts over 64 days: two begin at each moment, each fourth is Anna's.
fn attempt(n: u32) -> Attempt {
    let time = noon() - TimeDelta::hours(i64::from(n / 2) * 31);
    let first = |text: &str| First(Some((time, text.to_owned())));
    let phone = format!("+4915112345{:02}0", n % 10);
    let channel = if n.is_multiple_of(3) { Channel::Voice } else { Channel::Sms };
    Attempt {
        outcome: if n.is_multiple_of(5) { Kind::Failed } else { Kind::Verified },
        reason: n.is_multiple_of(5).then_some(domain::Reason::Busy),
        journey: first(&format!("j{n}")),
        user: first(if n.is_multiple_of(4) { " ANNA@example.com" } else { "o'hara%_@example.com" }),
        phone: First(Some((time, phone.parse().unwrap()))),
        region: First(Some((time, "DE".parse().unwrap()))),
        channel: First(Some((time, channel))),
        flow: first(if n.is_multiple_of(7) { "100%" } else { "B2C_1_x" }),
        ip: First(Some((time, format!("203.0.113.{}", n % 6).parse().unwrap()))),
        // Ids that do not rise with time.
        ..bare(u128::from(n.wrapping_mul(2_654_435_761)), time)
    }
}

/// A sent attempt of which only id and time are known.
pub(crate) fn bare(id: u128, time: DateTime<Utc>) -> Attempt {
    let event = Event::new("test".parse().unwrap(), id.to_string(), time, Kind::Sent);
    Attempt { id: Uuid::from_u128(id), ..Attempt::of(&event, None, None) }
}

fn everything() -> Filter {
    Filter::all(Period { from: noon() - TimeDelta::days(90), to: noon() + TimeDelta::hours(1) })
}

async fn filled(pool: &PgPool) -> Vec<Attempt> {
    let mut all: Vec<_> = (0..100).map(attempt).collect();
    fold(&mut pool.acquire().await.unwrap(), all.clone()).await.unwrap();
    all.sort_by_key(|attempt| std::cmp::Reverse((attempt.time, attempt.id)));
    all
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn pages_put_together_are_the_log_in_both_directions(pool: PgPool) -> Result<()> {
    let all = filled(&pool).await;
    type Fits = fn(&Attempt) -> bool;
    let filters: [(&str, Filter, Fits); 8] = [
        ("all", everything(), |_| true),
        ("user", Filter { user: Some("anna@example.com".into()), ..everything() }, |a| {
            a.user.value().unwrap().contains("ANNA")
        }),
        ("number", Filter { phone: "+4915112345030".parse().ok(), ..everything() }, |a| {
            a.phone.value().unwrap().to_string().ends_with("030")
        }),
        ("ip", Filter { ip: "203.0.113.3".parse().ok(), ..everything() }, |a| {
            a.ip.value().unwrap().to_string().ends_with(".3")
        }),
        ("outcome", Filter { outcome: Some(Kind::Failed), ..everything() }, |a| {
            a.outcome == Kind::Failed
        }),
        ("flow", Filter { flow: Some("100%".into()), ..everything() }, |a| {
            a.flow.value().unwrap() == "100%"
        }),
        ("reason", Filter { reason: Some(domain::Reason::Busy), ..everything() }, |a| {
            a.reason.is_some()
        }),
        (
            "two",
            Filter {
                user: Some("o'hara%_@example.com".into()),
                channel: Some(Channel::Voice),
                region: "DE".parse().ok(),
                ..everything()
            },
            |a| a.channel.value() == Some(&Channel::Voice) && a.user.value().unwrap().contains('%'),
        ),
    ];
    let mut conn = pool.acquire().await?;
    for (name, filter, fits) in filters {
        let expected: Vec<_> = all.iter().filter(|a| fits(a)).cloned().collect();
        // A budget of three makes every page an early end.
        for (size, budget) in [(7, 1_000), (1, 1_000), (100, 1_000), (7, 3), (7, 1)] {
            let (mut place, mut read, mut last) = (PageStart::Newest, Vec::new(), None);
            for _ in 0..300 {
                let page = page(&mut conn, &filter, place, size, budget).await?;
                last = page.rows.first().map(|a| Cursor { time: a.time, id: a.id }).or(last);
                read.extend(page.rows);
                let Some(older) = page.older else { break };
                place = PageStart::Before(older);
            }
            assert_eq!(read, expected, "{name}, {size} a page, {budget} looked at");

            // And back up from the oldest.
            let oldest = expected.last().map(|a| Cursor { time: a.time, id: a.id }).unwrap();
            let (mut place, mut read) =
                (PageStart::After(oldest), vec![expected[expected.len() - 1].clone()]);
            for _ in 0..300 {
                let page = page(&mut conn, &filter, place, size, budget).await?;
                read.extend(page.rows.into_iter().rev());
                let Some(newer) = page.newer else { break };
                place = PageStart::After(newer);
            }
            read.reverse();
            assert_eq!(read, expected, "{name} upwards, {size} a page, {budget} looked at");
        }
    }
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_page_says_how_far_it_looked(pool: PgPool) -> Result<()> {
    let all = filled(&pool).await;
    let mut conn = pool.acquire().await?;
    let nothing = Filter { flow: Some("none".into()), ..everything() };
    let found = page(&mut conn, &nothing, PageStart::Newest, 10, 30).await?;
    assert_eq!((found.rows.len(), found.looked_to), (0, Some(all[29].time)));
    let older = found.older.unwrap();
    let rest = page(&mut conn, &nothing, PageStart::Before(older), 10, 100).await?;
    assert_eq!((rest.looked_to, rest.older), (None, None));
    assert_eq!(rest.newer, Some(older));
    // Outside the range there is nothing.
    let past = Filter {
        period: Period { from: DateTime::UNIX_EPOCH, to: noon() - TimeDelta::days(80) },
        ..everything()
    };
    let none = page(&mut conn, &past, PageStart::Newest, 10, 30).await?;
    assert_eq!((none.rows.len(), none.older, none.newer), (0, None, None));
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_report_is_the_log_in_its_order(pool: PgPool) -> Result<()> {
    let mut all = filled(&pool).await;
    all.sort_by_key(|attempt| (std::cmp::Reverse(attempt.time), attempt.id));
    let rows: Vec<_> =
        attempts(&pool, &everything(), None, PieceSize::full()).try_collect().await?;
    let journeys: Vec<_> = rows.iter().map(|row| row.journey.as_deref().unwrap()).collect();
    let expected: Vec<_> = all.iter().map(|a| a.journey.value().unwrap().as_str()).collect();
    assert_eq!(journeys, expected);
    let some = Filter {
        user: Some("anna@example.com".into()),
        outcome: Some(Kind::Failed),
        ip: "203.0.113.0".parse().ok(),
        channel: Some(Channel::Voice),
        ..everything()
    };
    let rows: Vec<_> = attempts(&pool, &some, None, PieceSize::full()).try_collect().await?;
    assert_eq!(rows.len(), 2, "the 0th and the 60th");
    let text = |text: &str| Some(text.to_owned());
    let expected = AttemptRow {
        time: noon(),
        journey: text("j0"),
        user: text(" ANNA@example.com"),
        phone: text("+4915112345000"),
        region: text("DE"),
        channel: text("voice"),
        flow: text("100%"),
        ip: text("203.0.113.0"),
        outcome: "failed".to_owned(),
        reason: text("busy"),
        reason_text: None,
        cost: None,
    };
    assert_eq!(rows[0], expected);
    Ok(())
}
