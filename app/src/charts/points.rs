//! The counts of a chart, reduced to as many points as it can show.

use chrono::{DateTime, Utc};
use domain::series::Chart;

/// Counts of all series at the same points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Points {
    /// Begin of each point.
    pub(crate) starts: Vec<DateTime<Utc>>,
    /// End of the last point.
    pub(crate) end: DateTime<Utc>,
    /// Counts of each series; `Other` is the last, if there is one.
    pub(crate) counts: Vec<Vec<u64>>,
    /// Sum of all series in the previous range.
    pub(crate) before: Option<Vec<u64>>,
    /// Number of buckets in a point.
    pub(crate) buckets: usize,
}

impl Points {
    /// At most `most` points: neighbouring buckets are added up.
    pub(crate) fn of(chart: &Chart, most: usize) -> Self {
        let buckets = chart.starts.len().div_ceil(most.max(1)).max(1);
        let thin = |counts: &Vec<u64>| -> Vec<u64> {
            let whole = |at: usize| counts.get(at).copied().unwrap_or(0);
            (0..chart.starts.len())
                .step_by(buckets)
                .map(|from| {
                    (from..(from + buckets).min(chart.starts.len()))
                        .fold(0_u64, |sum, at| sum.saturating_add(whole(at)))
                })
                .collect()
        };
        let series = chart.series.iter().map(|series| &series.counts);
        Self {
            starts: chart.starts.iter().copied().step_by(buckets).collect(),
            end: chart.end,
            counts: series.chain(&chart.other).map(thin).collect(),
            before: chart.before.as_ref().map(thin),
            buckets,
        }
    }

    /// Number of points.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// End of a point.
    pub(crate) fn end_of(&self, at: usize) -> DateTime<Utc> {
        self.starts.get(at + 1).copied().unwrap_or(self.end)
    }

    /// The upper edges of a stack: sums of each series and those before it.
    pub(crate) fn stacked(&self) -> Vec<Vec<u64>> {
        let mut sums = vec![0_u64; self.len()];
        self.counts
            .iter()
            .map(|counts| {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum = sum.saturating_add(*count);
                }
                sums.clone()
            })
            .collect()
    }

    /// The counts for the browser: series separated by `;`, counts by `,`, with 0 as an empty
    /// string.
    pub(crate) fn written(&self) -> String {
        let list = |counts: &Vec<u64>| {
            let word = |count: &u64| if *count == 0 { String::new() } else { count.to_string() };
            counts.iter().map(word).collect::<Vec<_>>().join(",")
        };
        self.counts.iter().chain(&self.before).map(list).collect::<Vec<_>>().join(";")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::chart;

    #[test]
    fn thinning_adds_up() {
        let chart = chart(1_500, &[("a", |at| at % 7), ("b", |_| 1)], Some(|at| at % 3), true);
        let points = Points::of(&chart, 160);
        assert_eq!((points.len(), points.buckets), (150, 10));
        assert_eq!(points.counts.len(), 3);
        for (thin, whole) in points.counts.iter().zip(chart.series.iter().map(|one| &one.counts)) {
            assert_eq!(thin.iter().sum::<u64>(), whole.iter().sum::<u64>());
        }
        assert_eq!(points.starts[1], chart.starts[10]);
        assert_eq!(points.end_of(149), chart.end);
        let top: u64 = points.stacked().last().unwrap().iter().sum();
        assert_eq!(top, chart.sums().iter().sum::<u64>());
    }

    #[test]
    fn few_buckets_stay() {
        let chart = chart(3, &[("a", |at| at)], None, false);
        let points = Points::of(&chart, 160);
        assert_eq!(points.counts, [vec![0, 1, 2]]);
        assert_eq!(points.written(), ",1,2");
        assert_eq!(points.before, None);
    }

    #[test]
    fn missing_counts_are_none() {
        let mut chart = chart(3, &[("a", |at| at)], None, false);
        chart.series[0].counts.pop();
        assert_eq!(Points::of(&chart, 160).counts, [vec![0, 1, 0]]);
    }
}
