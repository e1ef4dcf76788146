//! Donuts: a ring of slices with the total in its middle.

use super::paint::{Canvas, DrawResult, MarkColour, drawn};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Width and height in user units.
const SIDE: i32 = 480;
const MIDDLE: (i32, i32) = (SIDE / 2, SIDE / 2);
const OUTER: i32 = 232;
const INNER: i32 = 158;
/// Degrees between the points of an arc: its error is about a hundredth of a pixel.
const STEP: f64 = 3.0;
/// Fewest degrees of a slice, so that a small one is visible.
const THIN: f64 = 1.5;

/// Most slices of a donut, including `Other`.
pub(crate) const SLICES: usize = 6;

/// Reserved colour of the total.
const STRONG: RGBColor = RGBColor(8, 8, 8);
/// Reserved colour of the unit below the total.
const WEAK: RGBColor = RGBColor(9, 9, 9);

/// One slice of a donut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) name: String,
    pub(crate) count: u64,
    /// Index of its series; `None` for `Other`.
    pub(crate) series: Option<usize>,
    pub(crate) link: Option<String>,
    /// Count in the previous range, if it is compared.
    pub(crate) before: Option<u64>,
}

/// The content of `<svg viewBox="0 0 480 480">` for a donut.
pub(crate) fn donut(slices: &[Slice], total: &str, unit: &str) -> String {
    let side = SIDE.unsigned_abs();
    drawn((side, side), |canvas| draw(canvas, slices, total, unit))
}

fn draw(area: &Canvas<'_>, slices: &[Slice], total: &str, unit: &str) -> DrawResult {
    let slices: Vec<_> = slices.iter().filter(|slice| slice.count > 0).collect();
    if let [only] = slices.as_slice() {
        // A ring of one slice has no seam.
        let style = ink(only).colour().stroke_width(OUTER.abs_diff(INNER));
        area.draw(&Circle::new(MIDDLE, (OUTER + INNER) / 2, style))?;
    } else {
        let mut from = -90.0;
        for (slice, degrees) in slices.iter().zip(angles(&slices)) {
            area.draw(&Polygon::new(wedge(from, from + degrees), ink(slice).colour().filled()))?;
            from += degrees;
        }
    }
    let (x, y) = MIDDLE;
    // A longer total is smaller, to fit into the ring.
    let size = (f64::from(SIDE) * 1.6 / total.chars().count().max(5) as f64).min(88.0);
    let middle = Pos::new(HPos::Center, VPos::Center);
    let text = |size: f64, colour: &'static RGBColor| {
        TextStyle::from(("sans-serif", size)).color(colour).pos(middle)
    };
    area.draw(&Text::new(total.to_owned(), (x, y - 18), text(size, &STRONG)))?;
    area.draw(&Text::new(unit.to_owned(), (x, y + 44), text(40.0, &WEAK)))
}

fn ink(slice: &Slice) -> MarkColour {
    slice.series.map_or(MarkColour::Other, MarkColour::Series)
}

/// Degrees of each slice; thin ones are widened at the expense of the others.
fn angles(slices: &[&Slice]) -> Vec<f64> {
    let total: f64 = slices.iter().map(|slice| slice.count as f64).sum();
    let raw: Vec<f64> =
        slices.iter().map(|slice| (slice.count as f64 / total * 360.0).max(THIN)).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|degrees| degrees * 360.0 / sum).collect()
}

/// The outline of a slice: along the outer arc and back along the inner one.
fn wedge(from: f64, to: f64) -> Vec<(i32, i32)> {
    let steps = ((to - from) / STEP).ceil().max(1.0) as i32;
    let at = |radius: i32, step: i32| {
        let angle = (from + (to - from) * f64::from(step) / f64::from(steps)).to_radians();
        let along = |middle: i32, part: f64| middle + (f64::from(radius) * part).round() as i32;
        (along(MIDDLE.0, angle.cos()), along(MIDDLE.1, angle.sin()))
    };
    let outer = (0..=steps).map(|step| at(OUTER, step));
    let inner = (0..=steps).rev().map(|step| at(INNER, step));
    outer.chain(inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::snapshot::same;

    fn slices(counts: &[u64]) -> Vec<Slice> {
        let slice = |(at, &count): (usize, &u64)| Slice {
            name: format!("n{at}"),
            count,
            series: (at < SLICES - 1).then_some(at),
            link: None,
            before: None,
        };
        counts.iter().enumerate().map(slice).collect()
    }

    #[test]
    fn a_polygon_for_each_slice_and_the_total_in_the_middle() {
        let svg = donut(&slices(&[428, 8, 7, 5, 5, 2]), "455", "failures");
        assert_eq!(svg.matches("<polygon").count(), 6);
        for fill in ["#010101", "#020202", "#030303", "#040404", "#050505", "#070707"] {
            assert_eq!(svg.matches(&format!("fill=\"{fill}\"")).count(), 1, "{fill}");
        }
        let total = svg.find("455").unwrap();
        let text = &svg[svg[..total].rfind("<text").unwrap()..total];
        assert!(text.contains("x=\"240\"") && text.contains("text-anchor=\"middle\""), "{text}");
        assert!(svg.contains("failures"));
        assert!(!svg.contains("<svg") && !svg.contains("</svg>"));
        assert!(svg.len() < 8_000, "{} bytes", svg.len());
        same("donut.svg", &svg);
    }

    #[test]
    fn one_slice_is_a_ring_without_a_seam() {
        let svg = donut(&slices(&[9, 0]), "9", "failures");
        assert_eq!((svg.matches("<circle").count(), svg.matches("<polygon").count()), (1, 0));
        assert!(svg.contains("stroke=\"#010101\"") && svg.contains("stroke-width=\"74\""));
    }

    #[test]
    fn thin_slices_show_and_the_circle_closes() {
        let all = slices(&[u64::MAX / 2, 1, 1]);
        let angles = angles(&all.iter().collect::<Vec<_>>());
        assert!(angles.iter().all(|degrees| *degrees > 1.0));
        assert!((angles.iter().sum::<f64>() - 360.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_drawn_as_nothing_but_its_total() {
        let svg = donut(&[], "0", "failures");
        assert!(!svg.contains("<polygon") && svg.contains("failures"));
    }
}
