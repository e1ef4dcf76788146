//! Tallies: events counted by values with few distinct ones, per minute, hour and day.

use crate::events::IS_FAILURE;
use crate::parsed::column;
use crate::{Result, Statement};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{Channel, Period};
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What a tally is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Dim {
    /// All events by kind.
    Kind = 1,
    /// Failures by neutral reason, with the source's wording as detail.
    Reason = 2,
    /// Failures by browser family.
    Browser = 3,
    /// Failures by operating system family.
    Os = 4,
    /// All events by source.
    Source = 5,
}

/// Minutes in a bucket, largest first, so that a range is covered by few buckets.
const GRAINS: [i16; 3] = [1_440, 60, 1];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    grain: i16,
    dim: Dim,
    bucket: DateTime<Utc>,
    channel: &'static str,
    key: String,
    detail: String,
}

/// Counts of a batch, added up before they are written.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<Key, i64>);

impl Counts {
    /// Adds `n` to a key in all grains: 1 for a new event, -1 for one that moves to another key.
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
            // Removed from and added to the same key: nothing to write.
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

fn floor(time: DateTime<Utc>, grain: i16) -> DateTime<Utc> {
    // Truncation fails only outside 1677 to 2262; events are from 2000 on.
    time.duration_trunc(TimeDelta::minutes(i64::from(grain))).unwrap_or(time)
}

impl Counts {
    /// Binds the columns grain, dimension, bucket, channel, key, detail and count, ordered by key.
    pub(crate) fn bind<'q>(&'q self, query: Statement<'q>) -> Statement<'q> {
        let keys = || self.0.keys();
        query
            .bind(keys().map(|key| key.grain).collect::<Vec<_>>())
            .bind(keys().map(|key| key.dim as i16).collect::<Vec<_>>())
            .bind(keys().map(|key| key.bucket).collect::<Vec<_>>())
            .bind(keys().map(|key| key.channel).collect::<Vec<_>>())
            .bind(keys().map(|key| key.key.as_str()).collect::<Vec<_>>())
            .bind(keys().map(|key| key.detail.as_str()).collect::<Vec<_>>())
            .bind(self.0.values().copied().collect::<Vec<i64>>())
    }
}

/// Adds the counts of a batch, ordered by key against deadlocks.
pub async fn add(conn: &mut PgConnection, writer: i16, counts: &Counts) -> Result<()> {
    if counts.0.is_empty() {
        return Ok(());
    }
    let sql = "insert into tally (grain, dim, bucket, channel, key, detail, writer, n)
         select t.grain, t.dim, t.bucket, t.channel, t.key, t.detail, $1, t.n
         from unnest($2::smallint[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[],
             $7::text[], $8::bigint[]) as t (grain, dim, bucket, channel, key, detail, n)
         on conflict (grain, dim, bucket, channel, key, detail, writer)
         do update set n = tally.n + excluded.n";
    let statement = sqlx::query(sql).bind(writer);
    counts.bind(statement).execute(conn).await?;
    Ok(())
}

/// A number for a writer's own rows; writers that share one only wait for each other at times.
pub async fn new_writer(pool: &PgPool) -> Result<i16> {
    Ok(sqlx::query_scalar("select (nextval('writer_seq') % 16)::smallint").fetch_one(pool).await?)
}

/// A range cut into whole buckets, and edges shorter than a minute that must be counted from
/// events.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cover {
    /// Minutes in a bucket, start of the first one, end of the last one.
    pub buckets: Vec<(i16, DateTime<Utc>, DateTime<Utc>)>,
    pub edges: Vec<Period>,
}

/// Cuts a range into whole days, hours and minutes, and the rest at its ends.
fn cover(period: Period) -> Cover {
    let mut cover = Cover { buckets: Vec::new(), edges: Vec::new() };
    // What coarser grains have not covered: at first the whole range.
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

/// What to count failures by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureDim {
    /// Neutral reason, with the source's wording as detail.
    Reason,
    /// Browser family.
    Browser,
    /// Operating system family.
    Os,
}

/// Failures in a range as key, detail and count, in no order: from tallies for whole buckets and
/// from events at the edges.
pub async fn failures(
    pool: &PgPool,
    by: FailureDim,
    period: Period,
    channel: Option<Channel>,
) -> Result<Vec<(String, String, i64)>> {
    let cover = cover(period);
    let (dim, columns) = match by {
        FailureDim::Reason => (Dim::Reason, "coalesce(reason, ''), coalesce(reason_text, '')"),
        FailureDim::Browser => (Dim::Browser, "coalesce(browser, ''), ''"),
        FailureDim::Os => (Dim::Os, "coalesce(os, ''), ''"),
    };
    // Each range of buckets is a scan of the primary key, each edge one of the index on failures in
    // one partition.
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
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(dim as i16)
        .bind(column(&cover.buckets, |(grain, ..)| *grain))
        .bind(column(&cover.buckets, |(_, first, _)| *first))
        .bind(column(&cover.buckets, |(.., end)| *end))
        .bind(channel.map(Channel::as_str))
        .bind(column(&cover.edges, |edge| edge.from))
        .bind(column(&cover.edges, |edge| edge.to))
        .fetch_all(pool)
        .await?)
}

/// Deletes tallies of buckets that begin before an instant; returns how many.
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
