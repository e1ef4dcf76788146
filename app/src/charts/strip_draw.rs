//! Draws the timeline: attempts sent as an area, and their outcomes as lines over it.

use super::area::{Picture, TOP, WIDTH, counts, digits, level, stretched, times};
use super::paint::{MarkColour, drawn};
use super::points::Points;
use super::times::ticks;
use domain::zone::Zone;
use islands::scale::Scale;
use plotters::prelude::*;

/// Most points of the timeline.
pub(crate) const POINTS: usize = 200;
const HEIGHT: i32 = 72;
/// Total height, with the times below and the space above that every chart has.
const STRIP: i32 = TOP + HEIGHT + 20;

/// Draws the series, each in its ink: the first as an area, the others and the previous range as
/// lines. The width of a bucket is its duration, because the brush selects whole buckets.
pub(crate) fn strip(points: &Points, inks: &[MarkColour], zone: Zone) -> Picture {
    let all = points.counts.iter().chain(&points.before);
    let largest = all.flatten().copied().max().unwrap_or(0);
    let scale = Scale::to(largest);
    let shapes = drawn((WIDTH.unsigned_abs(), HEIGHT.unsigned_abs()), |canvas| {
        for (at, counts) in points.counts.iter().enumerate() {
            let ink = inks.get(at).copied().unwrap_or(MarkColour::Other).colour();
            let mut line = steps(points, counts, scale);
            if at == 0 {
                line.extend([(WIDTH, HEIGHT), (0, HEIGHT)]);
                canvas.draw(&Polygon::new(line, ink.filled()))?;
            } else {
                canvas.draw(&PathElement::new(line, ink))?;
            }
        }
        if let Some(before) = &points.before {
            let line = steps(points, before, scale);
            canvas.draw(&PathElement::new(line, MarkColour::Ghost.colour()))?;
        }
        [0, HEIGHT].into_iter().try_for_each(|y| level(canvas, y, MarkColour::Mesh))
    });
    let counts = counts([(0, HEIGHT), (scale.top(), 0)].into_iter());
    let ticks =
        points.starts.first().map(|first| ticks(*first, points.end, zone)).unwrap_or_default();
    let svg = stretched(&shapes, HEIGHT) + &counts + &times(&ticks, STRIP - 4);
    Picture { svg, height: STRIP, digits: digits(scale) }
}

/// A step line: each bucket's count from its begin to its end.
fn steps(points: &Points, counts: &[u64], scale: Scale) -> Vec<(i32, i32)> {
    let mut line: Vec<(i32, i32)> = Vec::new();
    for (at, count) in counts.iter().enumerate() {
        let y = scale.y(*count, HEIGHT);
        // Of buckets with equal counts only the ends are written.
        if let [.., (_, before), (end, last)] = line.as_mut_slice()
            && (*before, *last) == (y, y)
        {
            *end = edge(points, at + 1);
        } else {
            line.extend([(edge(points, at), y), (edge(points, at + 1), y)]);
        }
    }
    line
}

/// Begin of a bucket in user units; after the last one, the right edge.
fn edge(points: &Points, at: usize) -> i32 {
    (share(points, at) * f64::from(WIDTH)).round() as i32
}

/// Begin of a bucket, from 0 to 1.
pub(crate) fn share(points: &Points, at: usize) -> f64 {
    let Some(first) = points.starts.first() else { return 0.0 };
    let begin = points.starts.get(at).unwrap_or(&points.end);
    let length = (points.end - *first).num_seconds().max(1);
    (*begin - *first).num_seconds() as f64 / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::{Sample, chart};
    use crate::charts::snapshot::{LIMIT, same};

    const INKS: [MarkColour; 4] =
        [MarkColour::Sent, MarkColour::Verified, MarkColour::Failed, MarkColour::Refused];
    const SERIES: &[Sample] = &[
        ("sent", |at| 400 + at * 37 % 90),
        ("verified", |at| 300 + at * 31 % 70),
        ("failed", |at| 10 + at * 17 % 23 + u64::from(at % 50 > 44) * 200),
        ("refused", |at| at % 3),
    ];

    #[test]
    fn a_month() {
        same(
            "strip.svg",
            &strip(&Points::of(&chart(30, SERIES, None, false), POINTS), &INKS, Zone::utc()).svg,
        );
    }

    #[test]
    fn beside_the_range_before() {
        let mut chart = chart(30, SERIES, None, true);
        chart.before = Some((0..30).map(|at| 500 + at * 29 % 120).collect());
        same("strip-before.svg", &strip(&Points::of(&chart, POINTS), &INKS, Zone::utc()).svg);
        // More of it than of the range has room too.
        chart.before = Some(vec![1_000; 30]);
        let svg = strip(&Points::of(&chart, POINTS), &INKS, Zone::utc()).svg;
        assert!(
            svg.contains("stroke=\"#212121\" stroke-width=\"1\" points=\"0,0 1000,0\""),
            "{svg}"
        );
    }

    #[test]
    fn as_many_buckets_as_there_can_be() {
        let svg =
            strip(&Points::of(&chart(1_500, SERIES, None, true), POINTS), &INKS, Zone::utc()).svg;
        assert!(svg.len() < LIMIT, "{} bytes", svg.len());
    }

    #[test]
    fn buckets_are_as_wide_as_their_time() {
        let mut chart = chart(3, &[("sent", |at| at)], None, false);
        chart.end += chrono::TimeDelta::hours(1);
        let points = Points::of(&chart, POINTS);
        let shares: Vec<_> = (0..=3).map(|at| share(&points, at)).collect();
        assert_eq!(shares, [0.0, 0.25, 0.5, 1.0]);
        // Levels of 0, 1 and 2 of 2.
        let line = steps(&points, &points.counts[0], Scale::to(2));
        assert_eq!(line, [(0, 72), (250, 72), (250, 36), (500, 36), (500, 0), (1_000, 0)]);
    }

    #[test]
    fn level_stretches_are_short() {
        let chart = chart(100, &[("sent", |_| 5)], None, false);
        let points = Points::of(&chart, POINTS);
        assert_eq!(steps(&points, &points.counts[0], Scale::to(5)), [(0, 12), (1_000, 12)]);
    }
}
