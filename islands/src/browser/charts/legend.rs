//! A legend whose buttons hide series. The other series are stacked again over the full height: the
//! gridlines stay, their labels change.

use super::figure::{Figure, TOGGLE, is_on, pressed};
use crate::browser::dom::all;
use crate::scale::Scale;
use crate::text::thousands;
use std::fmt::Write;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The attribute in which a part of the page keeps its hidden series, one name per line: they stay
/// hidden even if the part shows numbers or lacks a series for a while.
const NOTED: &str = "data-taken-out";

/// The buttons of a part of the page with their names. Masks can make names equal; duplicates get a
/// number.
fn named(part: &Element) -> Vec<(String, Element)> {
    let mut named: Vec<(String, Element)> = Vec::new();
    for button in all(part, TOGGLE) {
        let name = button.get_attribute("aria-label").unwrap_or_default();
        let alike = |(other, _): &&(String, Element)| other.split('\t').next() == Some(&*name);
        let name = match named.iter().filter(alike).count() {
            0 => name,
            others => format!("{name}\t{others}"),
        };
        named.push((name, button));
    }
    named
}

/// The series that a reader has hidden, carried over to the element that replaces this part of the
/// page.
#[derive(Debug)]
pub(in crate::browser) struct TakenOut(Vec<String>);

impl TakenOut {
    /// Reads them from a part of the page.
    pub(in crate::browser) fn of(part: &Element) -> Self {
        let named = named(part);
        let noted = part.get_attribute(NOTED).unwrap_or_default();
        let gone = |name: &&str| !name.is_empty() && named.iter().all(|(other, _)| other != name);
        let mut names: Vec<_> = noted.split('\n').filter(gone).map(str::to_owned).collect();
        names.extend(named.into_iter().filter(|(_, button)| !is_on(button)).map(|(name, _)| name));
        Self(names)
    }

    /// Hides them in the new part.
    pub(in crate::browser) fn keep(self, part: &Element) {
        for (name, button) in named(part) {
            if is_on(&button) && self.0.contains(&name) {
                toggle(&button);
            }
        }
        let _ = if self.0.is_empty() {
            part.remove_attribute(NOTED)
        } else {
            part.set_attribute(NOTED, &self.0.join("\n"))
        };
    }
}

/// Hides or shows a button's series.
pub(super) fn toggle(button: &Element) {
    let Ok(Some(element)) = button.closest("[data-values]") else { return };
    let pressed_now = button.get_attribute("aria-pressed").as_deref() == Some("true");
    let _ = button.set_attribute("aria-pressed", if pressed_now { "false" } else { "true" });
    let figure = Figure { element };
    figure.forget();
    draw(&figure);
}

fn draw(figure: &Figure) {
    let on = pressed(&figure.element);
    let values = figure.values();
    let shapes = all(&figure.element, ".drawing polygon");
    if shapes.len() != on.len() {
        // Bars are not stacked.
        for (bar, on) in all(&figure.element, ".drawing rect").into_iter().zip(on) {
            display(&bar, on);
        }
        return;
    }
    let edges = stacked(&values, &on);
    let before = values.get(on.len()).filter(|_| on.iter().all(|on| *on));
    let largest = edges.last().into_iter().chain(before).flatten().copied().max().unwrap_or(0);
    let words = all(&figure.element, ".drawing .count");
    let scale = Scale::within(largest, (words.len() as u64).saturating_sub(1));
    for (word, count) in words.iter().zip(scale.ticks()) {
        word.set_text_content(Some(&thousands(count)));
    }
    // Shapes are drawn back to front.
    for ((shape, counts), on) in shapes.iter().rev().zip(&edges).zip(&on) {
        let mut outline = line(counts, scale);
        outline.push_str("1000,200 0,200");
        let _ = shape.set_attribute("points", &outline);
        display(shape, *on);
    }
    for ghost in all(&figure.element, ".drawing [stroke='#212121']") {
        display(&ghost, before.is_some());
        if let Some(counts) = before {
            let _ = ghost.set_attribute("points", &line(counts, scale));
        }
    }
}

/// Cumulative sums of the shown series.
fn stacked(values: &[Vec<u64>], on: &[bool]) -> Vec<Vec<u64>> {
    let mut sums = vec![0; values.first().map_or(0, Vec::len)];
    let add = |(counts, on): (&Vec<u64>, &bool)| {
        if *on {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        sums.clone()
    };
    values.iter().zip(on).map(add).collect()
}

/// Points from edge to edge of the picture, 1,000 wide and 200 high (`charts/area.rs`).
fn line(counts: &[u64], scale: Scale) -> String {
    let last = counts.len().saturating_sub(1).max(1);
    let mut out = String::new();
    for (at, count) in counts.iter().enumerate() {
        let _ = write!(out, "{},{} ", (at * 1_000 + last / 2) / last, scale.y(*count, 200));
    }
    out
}

fn display(element: &Element, shown: bool) {
    // SVG elements have a style, too; web-sys declares it only for HTML.
    let style = element.unchecked_ref::<HtmlElement>().style();
    let _ = if shown {
        style.remove_property("display").map(drop)
    } else {
        style.set_property("display", "none")
    };
}
