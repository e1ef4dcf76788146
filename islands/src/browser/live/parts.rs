//! The parts of a page that update themselves, and their replacement without moving what is being
//! read.

use super::super::charts::TakenOut;
use super::super::dom::{after, all, below, document, parse, window};
use std::collections::{HashMap, HashSet};
use wasm_bindgen::JsCast;
use web_sys::{DomParser, Element, HtmlInputElement, HtmlTextAreaElement, SupportedType};

/// The parts that update themselves.
const PART: &str = "[data-tile], [data-live-part], main section[aria-labelledby], main .strip[id]";
/// Open menus and dialogs, and full-screen elements: the reader is using them.
const OPEN: &str = "details.menu[open], dialog[open], :popover-open, :fullscreen";
/// Charts under the pointer.
const READ: &str = "figure:hover, svg:hover, [data-values]:hover";
/// How long a new row is marked, in milliseconds.
const MARKED: i32 = 4_000;

/// The latest version of each part from the server, and the versions that wait to be shown.
#[derive(Debug, Default)]
pub(super) struct Parts {
    known: HashMap<String, String>,
    waiting: HashMap<String, String>,
}

impl Parts {
    /// Whether nothing waits.
    pub(super) fn is_settled(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes a new page; parts that differ are shown now or wait.
    pub(super) fn take(&mut self, html: &str) {
        let parsed =
            DomParser::new().and_then(|one| one.parse_from_string(html, SupportedType::TextHtml));
        let Ok(page) = parsed else { return };
        for part in live_parts() {
            let Some(selector) = selector(&part) else { continue };
            let Ok(Some(fresh)) = page.query_selector(&selector) else { continue };
            let fresh = fresh.outer_html();
            let same = match self.known.get(&selector) {
                Some(known) => *known == fresh,
                None => part.outer_html() == fresh,
            };
            if same {
                self.waiting.remove(&selector);
            } else {
                self.waiting.insert(selector.clone(), fresh.clone());
            }
            self.known.insert(selector, fresh);
        }
        self.settle();
    }

    /// Shows the waiting parts that the reader is not using.
    pub(super) fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut anchor = None;
        for part in live_parts() {
            let Some(selector) = selector(&part) else { continue };
            let Some(fresh) = self.waiting.get(&selector) else { continue };
            if is_held(&part) {
                let _ = part.set_attribute("data-waiting", "");
                continue;
            }
            anchor.get_or_insert_with(Anchor::find);
            swap(&part, fresh);
            self.waiting.remove(&selector);
        }
        // Drops parts that are no longer on the page.
        self.waiting.retain(|selector, _| {
            document().is_some_and(|page| matches!(page.query_selector(selector), Ok(Some(_))))
        });
        if let Some(Some(anchor)) = anchor {
            anchor.keep();
        }
    }
}

fn live_parts() -> Vec<Element> {
    document()
        .and_then(|page| page.document_element())
        .map_or_else(Vec::new, |root| all(&root, PART))
}

/// The selector of a part on the shown and the new page; `None` for a part within another, which is
/// replaced with it.
fn selector(part: &Element) -> Option<String> {
    if part.parent_element().is_some_and(|above| matches!(above.closest(PART), Ok(Some(_)))) {
        return None;
    }
    ["data-tile", "data-live-part", "aria-labelledby", "id"]
        .iter()
        .find_map(|name| Some(format!("[{name}='{}']", part.get_attribute(name)?)))
}

/// Whether the reader is using a part.
fn is_held(part: &Element) -> bool {
    let has = |selector: &str| matches!(part.query_selector(selector), Ok(Some(_)));
    let focused = document().and_then(|page| page.active_element());
    let focused = focused.is_some_and(|element| part.contains(Some(&element)));
    let selection = window().and_then(|window| window.get_selection().ok().flatten());
    let selected = selection.is_some_and(|selection| {
        !selection.is_collapsed()
            && selection.contains_node_with_allow_partial_containment(part, true).unwrap_or(false)
    });
    focused
        || selected
        || has(OPEN)
        || has(READ)
        || part.get_attribute("aria-busy").as_deref() == Some("true")
        || all(part, "input, textarea").iter().any(is_typed_in)
}

/// Whether a field contains unsent input.
fn is_typed_in(field: &Element) -> bool {
    if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        return area.default_value().is_ok_and(|before| before != area.value());
    }
    field.dyn_ref::<HtmlInputElement>().is_some_and(|input| match input.type_().as_str() {
        "hidden" => false,
        "checkbox" | "radio" => input.checked() != input.default_checked(),
        _ => input.value() != input.default_value(),
    })
}

/// Replaces a part. Open details, scroll positions and hidden series stay; new rows are marked for
/// a moment.
fn swap(old: &Element, html: &str) {
    let Some(new) = parse(html).and_then(|page| page.first_element_child()) else { return };
    let unfolded = |of: &Element| all(of, "details");
    for (old, new) in unfolded(old).iter().zip(unfolded(&new)) {
        let _ = new.toggle_attribute_with_force("open", old.has_attribute("open"));
    }
    let taken_out = TakenOut::of(old);
    let boxes = "div, ol, ul, pre";
    let scrolled: Vec<_> =
        all(old, boxes).iter().map(|one| (one.scroll_left(), one.scroll_top())).collect();
    let there: HashSet<String> = all(old, "tbody tr").iter().map(row_key).collect();
    if !there.is_empty() {
        let mut fresh = all(&new, "tbody tr");
        fresh.retain(|row| !there.contains(&row_key(row)));
        fresh.iter().for_each(|row| drop(row.set_attribute("data-new", "")));
        after(MARKED, move || fresh.iter().for_each(|row| drop(row.remove_attribute("data-new"))));
    }
    if old.replace_with_with_node_1(&new).is_err() {
        return;
    }
    for (one, (left, top)) in all(&new, boxes).iter().zip(scrolled) {
        if left != 0 {
            one.set_scroll_left(left);
        }
        if top != 0 {
            one.set_scroll_top(top);
        }
    }
    taken_out.keep(&new);
}

/// Identifies a row: by its link, or else by its first cell.
fn row_key(row: &Element) -> String {
    let of = |selector: &str| below(row, selector);
    let leads = of("a[href]").and_then(|link| link.get_attribute("href"));
    let words = || of("th, td").and_then(|cell| cell.text_content());
    leads.or_else(words).unwrap_or_default()
}

/// The part and row that the reader is looking at, and its position on the screen.
#[derive(Debug)]
struct Anchor {
    part: Option<String>,
    row: Option<String>,
    top: f64,
}

impl Anchor {
    /// The element a third down the window; `None` at the top of the page.
    fn find() -> Option<Self> {
        let window = window()?;
        if window.scroll_y().ok()? <= 0.0 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        let at = |side: Result<wasm_bindgen::JsValue, _>, share: f64| {
            side.ok().and_then(|side| side.as_f64()).map(|side| (side / share) as f32)
        };
        let (x, y) = (at(window.inner_width(), 2.0)?, at(window.inner_height(), 3.0)?);
        let seen = document()?.element_from_point(x, y)?;
        let part = seen.closest(PART).ok().flatten();
        let row = seen.closest("tbody tr").ok().flatten();
        let place = row.as_ref().or(part.as_ref())?;
        let top = place.get_bounding_client_rect().top();
        Some(Self { part: part.as_ref().and_then(selector), row: row.as_ref().map(row_key), top })
    }

    /// Scrolls it back to its position.
    fn keep(&self) {
        if let (Some(moved), Some(window)) = (self.moved(), window())
            && moved.abs() >= 1.0
        {
            window.scroll_by_with_x_and_y(0.0, moved);
        }
    }

    /// How far it moved down, in pixels.
    fn moved(&self) -> Option<f64> {
        let part = document()?.query_selector(self.part.as_ref()?).ok()??;
        let row = self
            .row
            .as_ref()
            .and_then(|key| all(&part, "tbody tr").into_iter().find(|row| row_key(row) == *key));
        Some(row.unwrap_or(part).get_bounding_client_rect().top() - self.top)
    }
}
