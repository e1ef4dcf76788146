//! The timeline's brush: selects whole buckets by pointer or keys; the page then shows that range.

use super::figure::{Figure, PROBE, percent};
use crate::browser::dom::{around, below, find, pairs, show, shown_query, storage};
use js_sys::Date;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, HtmlAnchorElement, HtmlElement, MouseEvent, PointerEvent, Url, UrlSearchParams,
};

/// What the pointer moves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DragHandle {
    /// The other end of a new selection, which began at this bucket.
    New(usize),
    /// The selection's start.
    From,
    /// The selection's end.
    To,
}

#[derive(Default)]
pub(super) struct Brush {
    held: Option<(Figure, DragHandle)>,
}

impl Brush {
    /// Grabs a handle, or starts a new selection.
    pub(super) fn begin(&mut self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let handle =
            around(event, "[data-handle]").and_then(|handle| handle.get_attribute("data-handle"));
        let Some(figure) = Figure::around(event, "[data-handle], .probe").filter(Figure::has_brush)
        else {
            return;
        };
        let held = match handle.as_deref() {
            Some("from") => DragHandle::From,
            Some(_) => DragHandle::To,
            None => match figure.under(event.client_x()) {
                Some(at) => DragHandle::New(at),
                None => return,
            },
        };
        event.prevent_default();
        if let Some(probe) = figure.find(PROBE) {
            let _ = probe.focus();
        }
        self.held = Some((figure, held));
    }

    /// Moves what is held; returns whether anything is.
    pub(super) fn drag(&mut self, event: &PointerEvent) -> bool {
        let Some((figure, held)) = &self.held else { return false };
        if let Some(at) = figure.under(event.client_x()) {
            let (from, to) = chosen(figure).unwrap_or((at, at + 1));
            match held {
                // A click selects nothing.
                DragHandle::New(begin) if *begin == at && chosen(figure).is_none() => {}
                DragHandle::New(begin) => choose(figure, at.min(*begin), at.max(*begin) + 1),
                DragHandle::From => choose(figure, at.min(to - 1), to),
                DragHandle::To => choose(figure, from, (at + 1).max(from + 1)),
            }
        }
        true
    }

    /// Lets go. A new selection is opened at once; after a handle was moved, Enter or the link
    /// opens it.
    pub(super) fn end(&mut self, event: &PointerEvent) {
        let Some((figure, held)) = self.held.take() else { return };
        if let (DragHandle::New(begin), Some(at)) = (held, figure.under(event.client_x())) {
            if begin == at {
                clear(&figure);
            } else {
                go(&figure);
            }
        }
    }

    /// A double click goes back to the wider range.
    pub(super) fn back(&mut self, event: &MouseEvent) {
        if let Some(figure) =
            Figure::around(event, "[data-handle], .probe").filter(Figure::has_brush)
        {
            clear(&figure);
            out(&figure);
        }
    }
}

/// Handles a key on the timeline; returns whether it was used.
pub(super) fn key(figure: &Figure, key: &str, shift: bool) -> bool {
    let len = figure.len();
    let (from, to) = match (chosen(figure), key) {
        (_, "Escape") => {
            if chosen(figure).is_some() {
                clear(figure);
            } else {
                out(figure);
            }
            return true;
        }
        (Some(_), "Enter") => {
            go(figure);
            return true;
        }
        (None, "ArrowRight" | "Home") => (0, 1),
        (None, "ArrowLeft" | "End") => (len.saturating_sub(1), len),
        (Some((from, to)), "ArrowRight") if shift => (from, (to + 1).min(len)),
        (Some((from, to)), "ArrowLeft") if shift => (from, (to - 1).max(from + 1)),
        (Some((from, to)), "ArrowRight") if to < len => (from + 1, to + 1),
        (Some((from, to)), "ArrowLeft") if from > 0 => (from - 1, to - 1),
        (Some((from, to)), "Home") => (0, to - from),
        (Some((from, to)), "End") => (len - (to - from), len),
        (Some(same), "ArrowRight" | "ArrowLeft") => same,
        _ => return false,
    };
    choose(figure, from, to);
    true
}

/// The selected buckets; the end is exclusive.
fn chosen(figure: &Figure) -> Option<(usize, usize)> {
    let read = |name: &str| figure.element.get_attribute(name)?.parse().ok();
    read("data-from").zip(read("data-to"))
}

fn choose(figure: &Figure, from: usize, to: usize) {
    let shares = figure.shares();
    let (Some(begin), Some(end), Some(brush)) =
        (shares.get(from), shares.get(to), figure.find(".brush"))
    else {
        return;
    };
    let _ = figure.element.set_attribute("data-from", &from.to_string());
    let _ = figure.element.set_attribute("data-to", &to.to_string());
    let _ = brush.style().set_property("--from", &percent(*begin as usize));
    let _ = brush.style().set_property("--to", &percent(*end as usize));
    show(&brush, true);
    figure.show(from, to);
    if let (Some(link), Some(address)) = (link(figure, ".zoom-in"), address(figure, from, to)) {
        let _ = link.set_attribute("href", &address);
        show(&link, true);
    }
}

fn clear(figure: &Figure) {
    for name in ["data-from", "data-to"] {
        let _ = figure.element.remove_attribute(name);
    }
    for hidden in [figure.find(".brush"), link(figure, ".zoom-in")].into_iter().flatten() {
        show(&hidden, false);
    }
    figure.forget();
}

/// The page's URL with the selected range.
fn address(figure: &Figure, from: usize, to: usize) -> Option<String> {
    let edges = figure.text("data-edges");
    let time = |at: usize| -> Option<String> {
        let seconds: u32 = edges.split(',').nth(at)?.parse().ok()?;
        let text = Date::new(&JsValue::from_f64(f64::from(seconds) * 1_000.0)).to_iso_string();
        let text: String = text.into();
        // Whole seconds: `2026-11-21T18:00:00.000Z` without its thousandths.
        Some(format!("{}Z", text.get(..19)?))
    };
    Some(format!("{}from={}&to={}", figure.text("data-address"), time(from)?, time(to)?))
}

/// Clicks the link to the selection, so that tiles add their state.
fn go(figure: &Figure) {
    if let Some(link) = link(figure, ".zoom-in") {
        link.click();
    }
}

/// Clicks the link to the wider range, if there is one.
fn out(figure: &Figure) {
    recall();
    if let Some(link) = link(figure, ".zoom-out") {
        link.click();
    }
}

/// The range in a query, as URLs have it.
fn range(query: &UrlSearchParams) -> String {
    let of_range = |(name, _): &(String, String)| matches!(name.as_str(), "range" | "from" | "to");
    let pairs: Vec<_> = pairs(query).into_iter().filter(of_range).collect();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Stores for this session from which range one zoomed in.
pub(super) fn remember(link: &Element) {
    let href = link.unchecked_ref::<HtmlAnchorElement>().href();
    if let (Ok(to), Some(from)) = (Url::new(&href), shown_query())
        && let Some(kept) = storage()
    {
        let _ = kept.set_item(&range(&to.search_params()), &range(&from));
    }
}

/// Makes the zoom-out link lead back to where one came from, instead of to the next wider range.
pub(super) fn recall() {
    if let (Some(kept), Some(query)) = (storage(), shown_query())
        && let Ok(Some(before)) = kept.get_item(&range(&query))
        && let Some(link) = find(".strip .zoom-out")
        && let Some(figure) = find(".strip [data-address]")
    {
        let address = figure.get_attribute("data-address").unwrap_or_default();
        let _ = link.set_attribute("href", &format!("{address}{before}"));
    }
}

fn link(figure: &Figure, selector: &str) -> Option<HtmlElement> {
    let strip = figure.element.closest(".strip").ok()??;
    below(&strip, selector)
}
