//! Charts as shapes: stacked areas of a series, bars of conversion.

use super::super::head::thousands;
use super::fonts::{Fonts, Weight};
use super::paper::{Colour, INK, LINE, MUTED, Paper, Style};
use chrono::{DateTime, TimeDelta, Utc};
use domain::bucket::Edges;
use domain::region_figures::Figures;
use domain::reports::{rate, rate_text};
use std::collections::BTreeMap;
use store::reports::SeriesPoint;

/// A chart of a report's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Picture {
    /// Counts over time, largest key first.
    Areas {
        /// Start of each bucket.
        starts: Vec<DateTime<Utc>>,
        /// Keys as shown, with the index of their colour (none for the rest) and a count per
        /// bucket.
        layers: Vec<(String, Option<usize>, Vec<u64>)>,
    },
    /// Key, sent and verified.
    Bars(Vec<(String, u64, u64)>),
}

/// They differ in lightness as well as in hue; none of them has a meaning elsewhere.
const COLOURS: [Colour; 10] = [
    (15, 111, 128),
    (210, 112, 156),
    (143, 154, 74),
    (59, 74, 104),
    (169, 124, 87),
    (125, 68, 112),
    (94, 178, 196),
    (224, 170, 100),
    (122, 138, 190),
    (196, 190, 96),
];
const REST: Colour = (160, 167, 175);
const SENT: Colour = (63, 119, 209);
const VERIFIED: Colour = (43, 138, 77);
const BARS: usize = 20;
/// Heights of the plot, of a line of its legend, and of a bar.
const PLOT: f32 = 150.0;
const LEGEND: f32 = 11.0;
const BAR: f32 = 12.0;

const WORDS: Style = Style { size: 7.0, weight: Weight::Regular, colour: INK };
const QUIET: Style = Style { colour: MUTED, ..WORDS };

impl Picture {
    /// A chart of a series; `shown` formats a key, `None` is the rest.
    pub(in super::super) fn series(
        edges: &Edges,
        steps: &[SeriesPoint],
        shown: impl Fn(&Option<String>) -> String,
    ) -> Self {
        let mut keys: BTreeMap<Option<&String>, Vec<u64>> = BTreeMap::new();
        for step in steps {
            let counts = keys.entry(step.key.as_ref()).or_insert_with(|| vec![0; edges.len()]);
            if let Some(count) = counts.get_mut(step.bucket) {
                *count += step.count;
            }
        }
        let rest = keys.remove(&None);
        let mut named: Vec<_> = keys.into_iter().collect();
        // Keys are sorted already; equal totals keep that order.
        named.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<u64>()));
        let mut layers: Vec<_> = named
            .into_iter()
            .enumerate()
            .map(|(at, (key, counts))| (shown(&key.cloned()), Some(at), counts))
            .collect();
        layers.extend(rest.map(|counts| (shown(&None), None, counts)));
        Self::Areas { starts: edges.starts().to_vec(), layers }
    }

    /// A chart of the keys with the most codes sent.
    pub(in super::super) fn bars(rows: &[(String, Figures)]) -> Self {
        let rows = rows.iter().filter(|(_, figures)| figures.sent > 0).take(BARS);
        Self::Bars(rows.map(|(key, one)| (key.clone(), one.sent, one.verified)).collect())
    }

    fn columns(width: f32) -> usize {
        if width > 600.0 { 4 } else { 3 }
    }

    /// The height that it needs.
    pub(super) fn height(&self, width: f32) -> f32 {
        match self {
            Self::Areas { layers, .. } if layers.is_empty() => 0.0,
            Self::Areas { layers, .. } => {
                // There are at most eleven layers.
                PLOT + 22.0 + layers.len().div_ceil(Self::columns(width)) as f32 * LEGEND
            }
            Self::Bars(rows) if rows.is_empty() => 0.0,
            Self::Bars(rows) => rows.len() as f32 * BAR + 16.0,
        }
    }

    /// Draws it into a rectangle of its height.
    pub(super) fn draw(&self, paper: &mut Paper<'_, '_>, x: f32, y: f32, width: f32) {
        match self {
            Self::Areas { layers, .. } if layers.is_empty() => {}
            Self::Areas { starts, layers } => areas(paper, (x, y, width), starts, layers),
            Self::Bars(rows) if rows.is_empty() => {}
            Self::Bars(rows) => bars(paper, (x, y, width), rows),
        }
    }
}

fn colour(place: Option<usize>) -> Colour {
    place.and_then(|at| COLOURS.get(at)).copied().unwrap_or(REST)
}

fn areas(
    paper: &mut Paper<'_, '_>,
    (x, y, width): (f32, f32, f32),
    starts: &[DateTime<Utc>],
    layers: &[(String, Option<usize>, Vec<u64>)],
) {
    let sums = |at: usize| layers.iter().filter_map(|(.., counts)| counts.get(at)).sum::<u64>();
    let largest = (0..starts.len()).map(sums).max().unwrap_or(0).max(1);
    let step = step(largest);
    let top = largest.div_ceil(step) * step;
    let left = x + 44.0;
    let (right, floor) = (x + width, y + PLOT);
    // Counts and buckets become lengths on paper: rounding to hundredths of a point does not
    // matter.
    let across = |at: f32| left + at * (right - left) / starts.len().max(1) as f32;
    let up = |count: u64| floor - count as f32 / top as f32 * (PLOT - 8.0);
    for tick in 0..=top / step {
        let count = tick * step;
        paper.rectangle(left, up(count) - 0.25, right - left, 0.5, LINE);
        paper.text_up_to(left - 5.0, up(count) + 2.5, QUIET, &thousands(count));
    }
    let mut below = vec![0_u64; starts.len()];
    for (_, place, counts) in layers {
        let above: Vec<u64> = below.iter().zip(counts).map(|(sum, count)| sum + count).collect();
        let edge = |heights: &[u64]| -> Vec<(f32, f32)> {
            let ends = [heights.first(), heights.last()].map(|end| up(end.copied().unwrap_or(0)));
            let middle = heights.iter().enumerate();
            let middle = middle.map(|(at, count)| (across(at as f32 + 0.5), up(*count)));
            std::iter::once((left, ends[0])).chain(middle).chain([(right, ends[1])]).collect()
        };
        let mut points = edge(&above);
        points.extend(edge(&below).into_iter().rev());
        paper.shape(&points, colour(*place));
        below = above;
    }
    let labels = starts.len().min(6);
    for label in 0..labels {
        let at = label * starts.len() / labels;
        paper.text(across(at as f32), floor + 10.0, QUIET, &date(starts, at));
    }
    legend(paper, (x, floor + 22.0, width), layers);
}

fn legend(
    paper: &mut Paper<'_, '_>,
    (x, y, width): (f32, f32, f32),
    layers: &[(String, Option<usize>, Vec<u64>)],
) {
    let columns = Picture::columns(width);
    let each = width / columns as f32;
    for (at, (key, place, counts)) in layers.iter().enumerate() {
        let (x, y) = (x + (at % columns) as f32 * each, y + (at / columns) as f32 * LEGEND);
        paper.rectangle(x, y, 6.0, 6.0, colour(*place));
        let total = thousands(counts.iter().sum());
        let room = each - 24.0 - paper.fonts.measure(&total, WORDS.weight) * WORDS.size;
        let key = fitting(paper.fonts, key, room / WORDS.size);
        let length = paper.text(x + 9.0, y + 5.6, WORDS, &key);
        paper.text(x + 13.0 + length, y + 5.6, QUIET, &total);
    }
}

fn bars(paper: &mut Paper<'_, '_>, (x, y, width): (f32, f32, f32), rows: &[(String, u64, u64)]) {
    let largest = rows.iter().map(|(_, sent, _)| *sent).max().unwrap_or(0).max(1);
    let (left, room) = (x + 130.0, width - 130.0 - 130.0);
    for (at, (key, sent, verified)) in rows.iter().enumerate() {
        let y = y + at as f32 * BAR;
        let length = |count: u64| count as f32 / largest as f32 * room;
        let key = fitting(paper.fonts, key, 122.0 / WORDS.size);
        paper.text(x, y + 7.0, WORDS, &key);
        paper.rectangle(left, y, length(*sent), 9.0, SENT);
        paper.rectangle(left, y + 2.5, length(*verified), 4.0, VERIFIED);
        let share = rate(*verified, *sent).map(rate_text).unwrap_or_default();
        let words = format!("{} of {}, {share}", thousands(*verified), thousands(*sent));
        paper.text(left + length(*sent) + 5.0, y + 7.0, QUIET, &words);
    }
    let y = y + rows.len() as f32 * BAR + 4.0;
    paper.rectangle(left, y, 6.0, 6.0, SENT);
    paper.text(left + 9.0, y + 5.6, QUIET, "sent");
    paper.rectangle(left + 36.0, y, 6.0, 6.0, VERIFIED);
    paper.text(left + 45.0, y + 5.6, QUIET, "verified");
}

/// As much of the beginning of a key as fits.
fn fitting(fonts: &Fonts, key: &str, room: f32) -> String {
    let text = if key.is_empty() { "not recorded" } else { key };
    if fonts.measure(text, WORDS.weight) <= room {
        return text.to_owned();
    }
    let mut length = fonts.advance('…', WORDS.weight);
    let mut kept: String = text
        .chars()
        .take_while(|letter| {
            length += fonts.advance(*letter, WORDS.weight);
            length <= room
        })
        .collect();
    kept.push('…');
    kept
}

/// The distance between grid lines: 1, 2 or 5 times a power of ten, with at most five lines.
fn step(largest: u64) -> u64 {
    let mut ten = 1_u64;
    loop {
        for step in [ten, ten.saturating_mul(2), ten.saturating_mul(5)] {
            if largest.div_ceil(step) <= 5 {
                return step;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// The start of a bucket, as precise as the buckets are wide.
fn date(starts: &[DateTime<Utc>], at: usize) -> String {
    let Some(start) = starts.get(at) else { return String::new() };
    let width = starts.windows(2).next().map_or(TimeDelta::days(1), |pair| pair[1] - pair[0]);
    let words = if width < TimeDelta::days(1) { "%m-%d %H:%M" } else { "%Y-%m-%d" };
    start.format(words).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_plot_are_few_and_even() {
        for (largest, expected) in [(1, 1), (5, 1), (6, 2), (11, 5), (26, 10), (1_000, 200)] {
            assert_eq!(step(largest), expected);
        }
        assert!(u64::MAX.div_ceil(step(u64::MAX)) <= 5);
    }

    #[test]
    fn layers_stand_largest_first_and_the_rest_last() {
        let period = domain::Period {
            from: domain::period::parse_time("2026-11-20").unwrap(),
            to: domain::period::parse_time("2026-11-22").unwrap(),
        };
        let edges = domain::bucket::Bucket::Day.edges(period, &Utc).unwrap();
        let step = |bucket, key: Option<&str>, count| SeriesPoint {
            bucket,
            key: key.map(str::to_owned),
            count,
        };
        let steps =
            [step(1, Some("a"), 1), step(1, None, 9), step(0, Some("b"), 2), step(0, Some("a"), 1)];
        let shown = |key: &Option<String>| key.clone().unwrap_or_else(|| "rest".to_owned());
        let Picture::Areas { layers, .. } = Picture::series(&edges, &steps, shown) else {
            panic!("no areas");
        };
        let layer = |key: &str, place, counts| (key.to_owned(), place, counts);
        let expected = [
            layer("a", Some(0), vec![1, 1]),
            layer("b", Some(1), vec![2, 0]),
            layer("rest", None, vec![0, 9]),
        ];
        assert_eq!(layers, expected);
    }
}
