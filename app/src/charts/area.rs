//! Stacked areas. Shapes are in an inner `<svg>` that stretches with the page. Text is outside of
//! it, at positions in percent, so that it keeps its size at any width.

use super::paint::{Canvas, DrawResult, MarkColour, drawn, escaped};
use super::points::Points;
use super::times::{Tick, ticks};
use domain::zone::Zone;
use islands::scale::Scale;
use islands::text::thousands;
use plotters::prelude::*;

/// Most points of a chart: so that eleven series stay below 30 KB.
pub(crate) const POINTS: usize = 160;
/// Width of the inner `<svg>`, which the page stretches.
pub(crate) const WIDTH: i32 = 1_000;
const HEIGHT: i32 = 200;
/// Space above the shapes, for half of the uppermost number.
pub(crate) const TOP: i32 = 10;
/// Space below the shapes, for times.
const BOTTOM: i32 = 24;

/// The position of a share of the width.
fn x(share: f64) -> i32 {
    (share * f64::from(WIDTH)).round() as i32
}

/// A drawn chart.
pub(crate) struct Picture {
    /// Content for `<svg width="100%">`.
    pub(crate) svg: String,
    /// Height in pixels.
    pub(crate) height: i32,
    /// Characters of the longest count on the axis.
    pub(crate) digits: usize,
}

/// Draws the stack from the bottom, each series in its ink.
pub(crate) fn area(points: &Points, inks: &[MarkColour], zone: Zone) -> Picture {
    let bars = points.len() == 1;
    let edges = points.stacked();
    let tops = if bars { &points.counts } else { &edges };
    let largest = tops.iter().chain(&points.before).flatten().copied().max().unwrap_or(0);
    let scale = Scale::to(largest);
    let shapes = drawn((WIDTH.unsigned_abs(), HEIGHT.unsigned_abs()), |canvas| {
        if bars {
            draw_bars(canvas, points, inks, scale)
        } else {
            draw(canvas, points, &edges, inks, scale)
        }
    });
    let ticks = match points.starts.first().zip(points.starts.last()) {
        Some((first, last)) if !bars => ticks(*first, *last, zone),
        Some((first, _)) => {
            let word = super::times::range(*first, points.end, zone);
            vec![Tick { at: 0.5, word }]
        }
        None => Vec::new(),
    };
    let lines = scale.ticks().map(|count| (count, scale.y(count, HEIGHT)));
    let words = counts(lines) + &times(&ticks, TOP + HEIGHT + BOTTOM - 6);
    Picture {
        svg: stretched(&shapes, HEIGHT) + &words,
        height: TOP + HEIGHT + BOTTOM,
        digits: digits(scale),
    }
}

/// The inner `<svg>` of shapes, as wide as the page allows.
pub(crate) fn stretched(shapes: &str, height: i32) -> String {
    format!(
        "<svg y=\"{TOP}\" width=\"100%\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         preserveAspectRatio=\"none\">{shapes}</svg>"
    )
}

/// Characters of the longest count on the axis.
pub(crate) fn digits(scale: Scale) -> usize {
    thousands(scale.top()).len()
}

/// Labels of the counts, left of their lines, in the margin that the stylesheet reserves.
pub(crate) fn counts(ticks: impl Iterator<Item = (u64, i32)>) -> String {
    let word = |(count, y): (u64, i32)| {
        let (y, count) = (TOP + y + 4, thousands(count));
        format!("<text class=\"count\" x=\"-8\" y=\"{y}\" text-anchor=\"end\">{count}</text>")
    };
    ticks.map(word).collect()
}

/// Labels of the times. The stylesheet hides every other one on a narrow page.
pub(crate) fn times(ticks: &[Tick], y: i32) -> String {
    let word = |(at, tick): (usize, &Tick)| {
        let anchor = match tick.at {
            ..0.03 => "start",
            0.97.. => "end",
            _ => "middle",
        };
        let class = if at % 2 == 1 { "time odd" } else { "time" };
        let (x, word) = (tick.at * 100.0, escaped(&tick.word));
        format!(
            "<text class=\"{class}\" x=\"{x:.1}%\" y=\"{y}\" text-anchor=\"{anchor}\">{word}</text>"
        )
    };
    ticks.iter().enumerate().map(word).collect()
}

fn draw(
    canvas: &Canvas<'_>,
    points: &Points,
    edges: &[Vec<u64>],
    inks: &[MarkColour],
    scale: Scale,
) -> DrawResult {
    let last = points.len().saturating_sub(1).max(1);
    let place = |at: usize| x(at as f64 / last as f64);
    let edge = |counts: &[u64]| -> Vec<(i32, i32)> {
        counts.iter().enumerate().map(|(at, count)| (place(at), scale.y(*count, HEIGHT))).collect()
    };
    // From the back: each area covers the lower part of the one before, so that only upper edges
    // are written.
    for (at, counts) in edges.iter().enumerate().rev() {
        let ink = inks.get(at).copied().unwrap_or(MarkColour::Other);
        let mut outline = edge(counts);
        outline.extend([(WIDTH, HEIGHT), (0, HEIGHT)]);
        canvas.draw(&Polygon::new(outline, ink.colour().filled()))?;
    }
    mesh(canvas, scale)?;
    if let Some(before) = &points.before {
        canvas.draw(&PathElement::new(edge(before), MarkColour::Ghost.colour()))?;
    }
    Ok(())
}

/// A single bucket has no course over time: draws a bar for each series, side by side.
fn draw_bars(
    canvas: &Canvas<'_>,
    points: &Points,
    inks: &[MarkColour],
    scale: Scale,
) -> DrawResult {
    let counts: Vec<u64> =
        points.counts.iter().filter_map(|counts| counts.first().copied()).collect();
    let room = 1.0 / counts.len().max(4) as f64;
    let left = (1.0 - room * counts.len() as f64) / 2.0;
    mesh(canvas, scale)?;
    for (at, count) in counts.iter().enumerate() {
        let ink = inks.get(at).copied().unwrap_or(MarkColour::Other);
        let from = left + room * (at as f64 + 0.15);
        let corners = [(x(from), scale.y(*count, HEIGHT)), (x(from + room * 0.7), HEIGHT)];
        canvas.draw(&Rectangle::new(corners, ink.colour().filled()))?;
    }
    match points.before.as_ref().and_then(|before| before.first()) {
        Some(count) => level(canvas, scale.y(*count, HEIGHT), MarkColour::Ghost),
        None => Ok(()),
    }
}

fn mesh(canvas: &Canvas<'_>, scale: Scale) -> DrawResult {
    scale.ticks().try_for_each(|count| level(canvas, scale.y(count, HEIGHT), MarkColour::Mesh))
}

/// A horizontal line over the whole width.
pub(crate) fn level(canvas: &Canvas<'_>, y: i32, ink: MarkColour) -> DrawResult {
    canvas.draw(&PathElement::new(vec![(0, y), (WIDTH, y)], ink.colour()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::{Sample, chart, steps};
    use crate::charts::snapshot::{LIMIT, same};
    use chrono::TimeDelta;
    use domain::series::Chart;

    fn inks(chart: &Chart) -> Vec<MarkColour> {
        let named = (0..chart.series.len()).map(MarkColour::Series);
        named.chain(chart.other.as_ref().map(|_| MarkColour::Other)).collect()
    }

    fn svg(chart: &Chart) -> String {
        area(&Points::of(chart, POINTS), &inks(chart), Zone::utc()).svg
    }

    const ELEVEN: &[Sample] = &[
        ("a", |at| 900 + at * 7 % 113),
        ("b", |at| 800 + at * 11 % 97),
        ("c", |at| 700 + at * 13 % 89),
        ("d", |at| 600 + at * 17 % 83),
        ("e", |at| 500 + at * 19 % 79),
        ("f", |at| 400 + at * 23 % 73),
        ("g", |at| 300 + at * 29 % 71),
        ("h", |at| 200 + at * 31 % 67),
        ("i", |at| 100 + at * 37 % 61),
        ("j", |at| 90 + at * 41 % 59),
    ];

    #[test]
    fn ordinary() {
        let day = TimeDelta::days(1);
        let series: &[Sample] =
            &[("a", |at| at * 7 % 23), ("b", |at| at % 5), ("c", |at| u64::from(at == 12) * 40)];
        same("area.svg", &svg(&steps(day, 30, series, Some(|at| at % 3), true)));
    }

    #[test]
    fn one_bucket() {
        let series: &[Sample] = &[("a", |_| 20), ("b", |_| 7)];
        let svg = svg(&chart(1, series, Some(|_| 3), true));
        assert_eq!((svg.matches("<rect").count(), svg.matches("<polygon").count()), (3, 0));
        same("area-one-bucket.svg", &svg);
    }

    #[test]
    fn one_series() {
        same("area-one-series.svg", &svg(&chart(24, &[("a", |at| at * at)], None, false)));
    }

    #[test]
    fn nothing_but_zeros() {
        same("area-zeros.svg", &svg(&chart(24, &[("a", |_| 0)], None, false)));
        let none = svg(&chart(24, &[], None, false));
        assert!(!none.contains("<polygon") && none.contains("<polyline"));
        let nothing = Chart { starts: Vec::new(), ..chart(1, &[], None, false) };
        assert!(!svg(&nothing).contains("NaN"));
    }

    #[test]
    fn as_many_buckets_as_there_can_be() {
        let chart = chart(1_500, ELEVEN, Some(|at| at % 900), true);
        let svg = svg(&chart);
        assert_eq!(svg.matches("<polygon").count(), 11);
        same("area-1500-buckets.svg", &svg);
    }

    #[test]
    fn thirty_days_of_eleven_series_are_small() {
        for (width, buckets) in [
            (TimeDelta::days(1), 30),
            (TimeDelta::hours(6), 120),
            (TimeDelta::hours(1), 720),
            (TimeDelta::minutes(270), 160),
        ] {
            let svg = svg(&steps(width, buckets, ELEVEN, Some(|at| at % 900), true));
            assert!(svg.len() <= LIMIT, "{buckets} buckets: {} bytes", svg.len());
        }
    }

    #[test]
    fn the_stack_stands_on_the_ground() {
        let svg = svg(&chart(2, &[("a", |_| 4), ("b", |_| 4)], None, false));
        // Half and whole height of 200, from the back: b's edge, then a's.
        assert!(svg.contains("fill=\"#020202\" points=\"0,0 1000,0 1000,200 0,200\""), "{svg}");
        assert!(svg.contains("fill=\"#010101\" points=\"0,100 1000,100"), "{svg}");
    }
}
