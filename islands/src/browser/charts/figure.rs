//! A chart on the page: its values, its crosshair, and the table beside it.

use crate::browser::dom::{all, around, below, show};
use crate::text::thousands;
use web_sys::{Element, Event, HtmlElement};

/// Hundredths of a percent in a whole. Integers: floats would add 10 KiB of code that parses and
/// formats them.
const WHOLE: i64 = 10_000;

/// The element that takes pointer and key events.
pub(super) const PROBE: &str = ".probe";

/// The button that hides a series.
pub(super) const TOGGLE: &str = "button.toggle";

/// A share as a CSS percentage.
pub(super) fn percent(hundredths: usize) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Which of the series are shown, in the legend's order.
pub(super) fn pressed(figure: &Element) -> Vec<bool> {
    all(figure, TOGGLE).iter().map(is_on).collect()
}

pub(super) fn is_on(button: &Element) -> bool {
    button.get_attribute("aria-pressed").as_deref() != Some("false")
}

pub(super) struct Figure {
    pub(super) element: Element,
}

impl Figure {
    /// The chart around what an event happened to, if that is inside `selector`.
    pub(super) fn around(event: &Event, selector: &str) -> Option<Self> {
        let element = around(event, selector)?.closest("[data-values]").ok()??;
        Some(Self { element })
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.element.get_attribute(name).unwrap_or_default()
    }

    pub(super) fn find(&self, selector: &str) -> Option<HtmlElement> {
        below(&self.element, selector)
    }

    pub(super) fn has_brush(&self) -> bool {
        self.element.has_attribute("data-brush")
    }

    /// The counts of each series, followed by those of the previous range if it is shown.
    pub(super) fn values(&self) -> Vec<Vec<u64>> {
        let count = |text: &str| text.parse().unwrap_or(0);
        let counts = |text: &str| text.split(',').map(count).collect();
        self.text("data-values").split(';').map(counts).collect()
    }

    pub(super) fn times(&self) -> Vec<String> {
        self.text("data-times").split('|').map(str::to_owned).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.times().len()
    }

    /// The starts of the buckets, in hundredths of a percent of the width. Charts without a brush
    /// have points instead, from edge to edge.
    pub(super) fn shares(&self) -> Vec<u32> {
        self.text("data-shares").split(',').filter_map(|share| share.parse().ok()).collect()
    }

    /// The point nearest to a screen coordinate, or with a brush the bucket around it.
    pub(super) fn under(&self, x: i32) -> Option<usize> {
        let edges = self.find(PROBE)?.get_bounding_client_rect();
        let (left, width) = (edges.left() as i64, (edges.width() as i64).max(1));
        let share = usize::try_from((i64::from(x) - left).clamp(0, width) * WHOLE / width).ok()?;
        let last = self.len().saturating_sub(1);
        Some(if self.has_brush() {
            let before = self.shares().iter().filter(|begin| **begin as usize <= share).count();
            before.saturating_sub(1).min(last)
        } else {
            (share * last + WHOLE as usize / 2) / WHOLE as usize
        })
    }

    /// The point that the crosshair shows.
    pub(super) fn crosshair_point(&self) -> Option<usize> {
        self.find(PROBE)?.get_attribute("data-at")?.parse().ok()
    }

    /// Shows the values of the points `from..to`, next to the crosshair and for screen readers.
    pub(super) fn show(&self, from: usize, to: usize) {
        let (Some(probe), Some(readout)) = (self.find(PROBE), self.find(".readout")) else {
            return;
        };
        let (times, shares) = (self.times(), self.shares());
        let place = match (shares.get(from), shares.get(to)) {
            (Some(begin), Some(end)) => begin.midpoint(*end) as usize,
            _ => WHOLE as usize * from / times.len().saturating_sub(1).max(1),
        };
        let first = times.get(from).cloned().unwrap_or_default();
        let time = match times.get(to.saturating_sub(1)) {
            Some(last) if *last != first => format!("{first} – {last}"),
            _ => first,
        };
        let sum = |counts: &Vec<u64>| counts.iter().skip(from).take(to - from).sum::<u64>();
        let sums: Vec<u64> = self.values().iter().map(sum).collect();
        let said = self.fill(&readout, &time, &sums);
        for element in [&probe, &readout] {
            let _ = element.style().set_property("--at", &percent(place));
        }
        let _ = readout.set_attribute("data-side", if place > 5_000 { "left" } else { "right" });
        show(&readout, true);
        let _ = probe.set_attribute("data-at", &from.to_string());
        let _ = probe.set_attribute("aria-valuenow", &from.to_string());
        let _ = probe.set_attribute("aria-valuetext", &format!("{time}: {said}"));
    }

    /// Writes values into the small table, without hidden and empty series; returns them as text.
    pub(super) fn fill(&self, readout: &Element, time: &str, sums: &[u64]) -> String {
        if let Ok(Some(caption)) = readout.query_selector("caption") {
            caption.set_text_content(Some(time));
        }
        let pressed = pressed(&self.element);
        // Part of the series must not be compared with all of the previous range.
        let whole = pressed.iter().all(|on| *on);
        let on = |at: usize| pressed.get(at).copied().unwrap_or(whole);
        let total: u64 = sums
            .iter()
            .enumerate()
            .filter(|(at, _)| *at < self.stacked() && on(*at))
            .map(|(_, sum)| sum)
            .sum();
        let nothing = sums.iter().all(|sum| *sum == 0);
        let mut said = Vec::new();
        for (at, row) in all(readout, "tr").into_iter().enumerate() {
            let sum = if row.has_attribute("data-sum") { Some(&total) } else { sums.get(at) };
            let (Some(sum), Ok(Some(cell))) = (sum, row.query_selector("td")) else { continue };
            let shown = row.has_attribute("data-sum") || on(at) && (*sum > 0 || nothing);
            show(&row, shown);
            let text = thousands(*sum);
            if shown && let Ok(Some(name)) = row.query_selector("th") {
                said.push(format!("{} {text}", name.text_content().unwrap_or_default()));
            }
            cell.set_text_content(Some(&text));
        }
        said.join(", ")
    }

    /// The number of series, without the previous range.
    pub(super) fn stacked(&self) -> usize {
        self.values().len() - usize::from(self.element.has_attribute("data-before"))
    }

    /// Hides the crosshair.
    pub(super) fn forget(&self) {
        if let (Some(probe), Some(readout)) = (self.find(PROBE), self.find(".readout")) {
            let _ = probe.remove_attribute("data-at");
            show(&readout, false);
        }
    }
}
