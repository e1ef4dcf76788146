//! Charts for tests.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::series::{Chart, Series};

/// A key, and its count in each bucket.
pub(crate) type Sample = (&'static str, fn(u64) -> u64);

/// A chart of hours from 1 November 2026.
pub(crate) fn chart(
    buckets: u64,
    series: &[Sample],
    other: Option<fn(u64) -> u64>,
    before: bool,
) -> Chart {
    steps(TimeDelta::hours(1), buckets, series, other, before)
}

/// The same with buckets of any width.
pub(crate) fn steps(
    width: TimeDelta,
    buckets: u64,
    series: &[Sample],
    other: Option<fn(u64) -> u64>,
    before: bool,
) -> Chart {
    let first = DateTime::<Utc>::from_timestamp(1_793_491_200, 0).unwrap();
    let start = |at: u64| first + width * i32::try_from(at).unwrap();
    let counts = |count: &fn(u64) -> u64| (0..buckets).map(count).collect();
    let series: Vec<_> = series
        .iter()
        .map(|(key, count)| Series { key: (*key).to_owned(), counts: counts(count) })
        .collect();
    Chart {
        starts: (0..buckets).map(start).collect(),
        end: start(buckets),
        before: before.then(|| (0..buckets).map(|at| 3 + at % 5).collect()),
        other: other.as_ref().map(counts),
        series,
    }
}
