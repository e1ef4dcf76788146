//! Tallies: counts of few distinct values, pre-counted per minute, hour and day.

use crate::Result;
use crate::events::IS_FAILURE;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{Channel, Period};
use sqlx::{PgConnection, PgPool, Row as _};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What a tally counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Dim {
    /// Every event: key is its kind.
    Kind = 1,
    /// Failures: key is the neutral reason, detail the source's words.
    Reason = 2,
    /// Failures: key is the browser's family.
    Browser = 3,
    /// Failures: key is the operating system's family.
    Os = 4,
    /// Every event: key is its source.
    Source = 5,
}

/// Minutes in a bucket, largest first: a range is cut into as few buckets as possible.
const GRAINS: [i16; 3] = [1_440, 60, 1];

/// What is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    grain: i16,
    dim: Dim,
    bucket: DateTime<Utc>,
    channel: &'static str,
    key: String,
    detail: String,
}

/// Counts of one batch, added up before they are written.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<Key, i64>);

impl Counts {
    /// Counts so many events under a key, in every grain: 1 for a new one, -1 for one that is to
    /// be counted under another key from now on.
    pub fn add(
        &mut self,
        n: i64,
        dim: Dim,
        time: DateTime<Utc>,
        (channel, key, detail): (Option<Channel>, &str, &str),
    ) {
        for grain in GRAINS {
            let key = Key {
                grain,
                dim,
                bucket: floor(time, grain),
                channel: channel.map_or("", Channel::as_str),
                key: key.to_owned(),
                detail: detail.to_owned(),
            };
            let mut count = match self.0.entry(key) {
                Entry::Vacant(empty) => empty.insert_entry(0),
                Entry::Occupied(known) => known,
            };
            *count.get_mut() += n;
            // Taken back and counted again under the same key: nothing to write.
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

fn floor(time: DateTime<Utc>, grain: i16) -> DateTime<Utc> {
    // Truncation fails only outside 1677 to 2262; events lie within 2000 to now.
    time.duration_trunc(TimeDelta::minutes(i64::from(grain))).unwrap_or(time)
}

impl Counts {
    /// Binds grain, dimension, bucket, channel, key, detail and count, a column each, keys in
    /// order.
    pub(crate) fn bind<'q, O>(
        &self,
        query: sqlx::query::QueryScalar<'q, sqlx::Postgres, O, sqlx::postgres::PgArguments>,
    ) -> sqlx::query::QueryScalar<'q, sqlx::Postgres, O, sqlx::postgres::PgArguments> {
        let keys = || self.0.keys();
        query
            .bind(keys().map(|key| key.grain).collect::<Vec<_>>())
            .bind(keys().map(|key| key.dim as i16).collect::<Vec<_>>())
            .bind(keys().map(|key| key.bucket).collect::<Vec<_>>())
            .bind(keys().map(|key| key.channel).collect::<Vec<_>>())
            .bind(keys().map(|key| key.key.clone()).collect::<Vec<_>>())
            .bind(keys().map(|key| key.detail.clone()).collect::<Vec<_>>())
            .bind(self.0.values().copied().collect::<Vec<i64>>())
    }
}

/// Adds a batch's counts, keys in order.
///
/// # Errors
/// When the database refuses.
pub async fn add(conn: &mut PgConnection, writer: i16, counts: &Counts) -> Result<()> {
    if counts.0.is_empty() {
        return Ok(());
    }
    fn column<'a, T>(counts: &'a Counts, get: impl Fn(&'a Key) -> T) -> Vec<T> {
        counts.0.keys().map(get).collect()
    }
    sqlx::query(
        "insert into tally (grain, dim, bucket, channel, key, detail, writer, n)
         select t.grain, t.dim, t.bucket, t.channel, t.key, t.detail, $1, t.n
         from unnest($2::smallint[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[],
             $7::text[], $8::bigint[]) as t (grain, dim, bucket, channel, key, detail, n)
         on conflict (grain, dim, bucket, channel, key, detail, writer)
         do update set n = tally.n + excluded.n",
    )
    .bind(writer)
    .bind(column(counts, |key| key.grain))
    .bind(column(counts, |key| key.dim as i16))
    .bind(column(counts, |key| key.bucket))
    .bind(column(counts, |key| key.channel))
    .bind(column(counts, |key| key.key.as_str()))
    .bind(column(counts, |key| key.detail.as_str()))
    .bind(counts.0.values().copied().collect::<Vec<i64>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// A writer's number: writers that share one only wait for each other now and then.
///
/// # Errors
/// When the database refuses.
pub async fn new_writer(pool: &PgPool) -> Result<i16> {
    Ok(sqlx::query_scalar("select (nextval('writer_seq') % 16)::smallint").fetch_one(pool).await?)
}

/// How a range is made of whole buckets: the parts of each grain, and the edges finer than a
/// minute that only the events themselves can count.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cover {
    /// Whole buckets: minutes in a bucket, first bucket, end.
    pub buckets: Vec<(i16, DateTime<Utc>, DateTime<Utc>)>,
    /// Parts of minutes.
    pub edges: Vec<Period>,
}

/// Cuts a range into whole days, hours and minutes and what is left at its ends.
fn cover(period: Period) -> Cover {
    let mut cover = Cover { buckets: Vec::new(), edges: Vec::new() };
    // What the coarser grains have not covered: at first all of it.
    let mut gaps = vec![(period.from, period.to)];
    for grain in GRAINS {
        let step = TimeDelta::minutes(i64::from(grain));
        let mut rest = Vec::new();
        for (from, to) in gaps {
            let first = floor(from, grain);
            let first = if first < from { first + step } else { first };
            let end = floor(to, grain);
            if first < end {
                cover.buckets.push((grain, first, end));
                rest.extend([(from, first), (end, to)].into_iter().filter(|(a, b)| a < b));
            } else {
                rest.push((from, to));
            }
        }
        gaps = rest;
    }
    cover.edges = gaps.into_iter().map(|(from, to)| Period { from, to }).collect();
    cover
}

/// What failures are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureDim {
    /// Key is the neutral reason, detail the source's words.
    Reason,
    /// Key is the browser's family.
    Browser,
    /// Key is the operating system's family.
    Os,
}

/// A key, its detail and how often.
pub type Count = (String, String, i64);

/// The counts of failures over a range, whole buckets from tallies and edges from the events
/// themselves. In no order.
///
/// # Errors
/// When the database refuses.
pub async fn failures(
    pool: &PgPool,
    by: FailureDim,
    period: Period,
    channel: Option<Channel>,
) -> Result<Vec<Count>> {
    let cover = cover(period);
    let (dim, columns) = match by {
        FailureDim::Reason => (Dim::Reason, "coalesce(reason, ''), coalesce(reason_text, '')"),
        FailureDim::Browser => (Dim::Browser, "coalesce(browser, ''), ''"),
        FailureDim::Os => (Dim::Os, "coalesce(os, ''), ''"),
    };
    // One statement: each range of buckets is one walk of the primary key, each edge one of the
    // index on failures in one partition.
    let sql = format!(
        "select key, detail, sum(n)::bigint from (
             select t.key, t.detail, t.n
             from unnest($2::smallint[], $3::timestamptz[], $4::timestamptz[]) as c (grain, first, last)
             cross join lateral (
                 select key, detail, n from tally
                 where grain = c.grain and dim = $1 and bucket >= c.first and bucket < c.last
                     and ($5::text is null or channel = $5)
             ) as t
             union all
             select e.key, e.detail, e.n
             from unnest($6::timestamptz[], $7::timestamptz[]) as g (first, last)
             cross join lateral (
                 select k.key, k.detail, 1 as n
                 from event, lateral (select {columns}) as k (key, detail)
                 where time >= g.first and time < g.last
                     and {IS_FAILURE}
                     and ($5::text is null or channel = $5)
             ) as e
         ) as all_counts group by key, detail having sum(n) > 0"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(dim as i16)
        .bind(cover.buckets.iter().map(|(grain, _, _)| *grain).collect::<Vec<_>>())
        .bind(cover.buckets.iter().map(|(_, first, _)| *first).collect::<Vec<_>>())
        .bind(cover.buckets.iter().map(|(_, _, end)| *end).collect::<Vec<_>>())
        .bind(channel.map(Channel::as_str))
        .bind(cover.edges.iter().map(|edge| edge.from).collect::<Vec<_>>())
        .bind(cover.edges.iter().map(|edge| edge.to).collect::<Vec<_>>())
        .fetch_all(pool)
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

/// Forgets tallies of buckets that begin before an instant.
///
/// # Errors
/// When the database refuses.
pub async fn delete_before(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let done =
        sqlx::query("delete from tally where bucket < $1").bind(before).execute(conn).await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Buckets and edges are the range: nothing twice, nothing missing, edges under a minute.
        #[test]
        fn covers_are_exact(from in 0_i64..4_000_000_000_000, length in 1_i64..400_000_000_000) {
            let at = |us: i64| DateTime::from_timestamp_micros(1_500_000_000_000_000 + us).unwrap();
            let period = Period { from: at(from), to: at(from + length) };
            let cover = cover(period);
            let mut parts: Vec<_> = cover.buckets.iter().map(|(_, a, b)| (*a, *b)).collect();
            for edge in &cover.edges {
                prop_assert!(edge.length() < TimeDelta::minutes(1) || cover.buckets.is_empty());
                parts.push((edge.from, edge.to));
            }
            parts.sort_unstable();
            prop_assert_eq!(parts[0].0, period.from);
            prop_assert_eq!(parts.last().unwrap().1, period.to);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].1, pair[1].0);
            }
        }
    }
}
