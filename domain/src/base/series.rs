//! Counts over time, for charts.

use crate::Kind;
use crate::bucket::Edges;
use crate::events::words;
use crate::region_figures::Figures;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Series a chart shows by name; the rest becomes `Other`. The same number as in Microsoft's
/// workbook (azure-ad-b2c/siem, `workbooks/phone-failures-dashboard.json`).
pub const TOP: usize = 10;

words! {
    /// What a chart groups by; its report is `failures-by-` and this word.
    SeriesBy {
        /// Phone numbers.
        Number = "number",
        /// User flows.
        Flow = "flow",
        /// Client addresses.
        Ip = "ip",
    }
}

/// A timeline's series: its key, and what it counts.
type StripSeries = (&'static str, fn(&Figures) -> u64);

/// The series of a timeline, in order.
const STRIP: [StripSeries; 4] = [
    ("sent", |figures| figures.sent),
    ("verified", |figures| figures.verified),
    ("failed", |figures| figures.failed),
    ("refused", |figures| figures.refused),
];

/// The label of the remaining keys.
pub const OTHER: &str = "Other";

/// The counts of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The unmasked key; empty for events without one.
    pub key: String,
    /// One count per bucket.
    pub counts: Vec<u64>,
}

impl Series {
    /// The sum of all counts.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The counts of several keys over the same buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Bucket starts; the first may be before the range.
    pub starts: Vec<DateTime<Utc>>,
    /// End of the last bucket.
    pub end: DateTime<Utc>,
    /// Largest total first.
    pub series: Vec<Series>,
    /// Counts of all remaining keys; `None` if there are none.
    pub other: Option<Vec<u64>>,
    /// Counts of all keys in the previous period; `None` if not requested.
    pub before: Option<Vec<u64>>,
}

impl Chart {
    /// Keeps the [`TOP`] keys with the largest totals (ties by key) and sums up the rest.
    pub fn top(edges: &Edges, mut series: Vec<Series>) -> Self {
        series.retain(|one| one.total() > 0);
        series.sort_by_cached_key(|one| (std::cmp::Reverse(one.total()), one.key.clone()));
        let rest = series.split_off(series.len().min(TOP));
        let other = (!rest.is_empty()).then(|| sum(rest.iter(), edges.len()));
        Self { starts: edges.starts().to_vec(), end: edges.end(), series, other, before: None }
    }

    /// A timeline of attempts from outcome counts per bucket index: the series `sent`, `verified`,
    /// `failed` and `refused`. Counts outside the buckets are ignored.
    pub fn strip(edges: &Edges, counts: impl IntoIterator<Item = (usize, Kind, u64)>) -> Self {
        let mut buckets = vec![Figures::default(); edges.len()];
        for (bucket, outcome, n) in counts {
            if let Some(figures) = buckets.get_mut(bucket) {
                figures.count(outcome, n);
            }
        }
        let series = STRIP.map(|(key, of)| Series {
            key: key.to_owned(),
            counts: buckets.iter().map(of).collect(),
        });
        let (starts, end) = (edges.starts().to_vec(), edges.end());
        Self { starts, end, series: series.into(), other: None, before: None }
    }

    /// Counts of all keys, per bucket.
    pub fn sums(&self) -> Vec<u64> {
        let mut sums = sum(self.series.iter(), self.starts.len());
        for (sum, count) in sums.iter_mut().zip(self.other.iter().flatten()) {
            *sum += count;
        }
        sums
    }
}

fn sum<'a>(series: impl Iterator<Item = &'a Series>, buckets: usize) -> Vec<u64> {
    let mut sums = vec![0; buckets];
    for one in series {
        for (sum, count) in sums.iter_mut().zip(&one.counts) {
            *sum += count;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;
    use crate::bucket::Bucket;
    use crate::period::parse_time;

    #[test]
    fn the_ten_largest_have_names() {
        let period = Period {
            from: parse_time("2026-11-20").unwrap(),
            to: parse_time("2026-11-22").unwrap(),
        };
        let edges = Bucket::Day.edges(period, &Utc).unwrap();
        let one = |at: u64| Series { key: format!("k{at:02}"), counts: vec![at / 2, at % 2] };
        let chart = Chart::top(&edges, (0..14).map(one).collect());
        let keys: Vec<_> = chart.series.iter().map(|series| series.key.as_str()).collect();
        // Pairs have equal totals, so the smaller key comes first. k00 counts nothing.
        assert_eq!(keys, ["k13", "k11", "k12", "k09", "k10", "k07", "k08", "k05", "k06", "k03"]);
        assert_eq!(chart.other, Some(vec![2 + 1, 1]));
        assert_eq!(
            chart.sums().iter().sum::<u64>(),
            (0..14).map(|at| one(at).total()).sum::<u64>()
        );
        assert_eq!(Chart::top(&edges, vec![one(3)]).other, None);
    }

    #[test]
    fn a_timeline_counts_outcomes_bucket_by_bucket() {
        let day = parse_time("2026-11-20").unwrap();
        let period = Period { from: day, to: parse_time("2026-11-22").unwrap() };
        let edges = Bucket::Day.edges(period, &Utc).unwrap();
        let attempts = [
            (0, Kind::Verified, 1),
            (0, Kind::Failed, 2),
            (1, Kind::Sent, 1),
            (1, Kind::Refused, 3),
            (2, Kind::Sent, 9),
        ];
        let chart = Chart::strip(&edges, attempts);
        let told: Vec<_> =
            chart.series.iter().map(|one| (one.key.as_str(), one.counts.clone())).collect();
        let expected = [
            // A code was sent to whoever verified or failed.
            ("sent", vec![3, 1]),
            ("verified", vec![1, 0]),
            ("failed", vec![2, 0]),
            ("refused", vec![0, 3]),
        ];
        assert_eq!(told, expected);
    }
}
