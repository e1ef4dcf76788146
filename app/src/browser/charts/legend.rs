//! A legend that takes series out of the picture. The rest is stacked anew and fills the height:
//! the lines stay, the counts beside them change.

use super::Figure;
use crate::browser::dom::all;
use crate::charts::scale::Scale;
use crate::ui::text::thousands;
use std::fmt::Write;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Which of the series are shown, in the legend's order.
pub(super) fn pressed(figure: &Element) -> Vec<bool> {
    let shown = |button: &Element| button.get_attribute("aria-pressed").as_deref() != Some("false");
    all(figure, "button.toggle").iter().map(shown).collect()
}

/// Hides what a button names, or shows it again.
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
        // Bars stand for themselves.
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
    // The picture is drawn from the back.
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

/// What the shown series up to each count together.
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
    // SVG's elements have a style too; web-sys knows it of HTML's.
    let style = element.unchecked_ref::<HtmlElement>().style();
    let _ = if shown {
        style.remove_property("display").map(drop)
    } else {
        style.set_property("display", "none")
    };
}
