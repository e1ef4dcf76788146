//! Tiles that change in place. The URL of a link or form inside a tile says what the tile should
//! show: the tile's own parameters (`ip-failures.page`) come from it, all others from the page's
//! current URL, which other tiles may have changed. Links that change the whole page (`data-keep`)
//! work the other way round.

use super::charts::TakenOut;
use super::dom::{
    after, all, around, document, find, future, is_plain, on, pairs, parse, shown_query, text,
    window,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, Event, FormData, HtmlAnchorElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    HtmlTemplateElement, MouseEvent, Response, Url, UrlSearchParams,
};

/// The pause in typing after which a filter is applied, in milliseconds.
const TYPING: i32 = 180;
/// How long an answer may take before the tile shows that it loads, in milliseconds.
const PATIENCE: i32 = 150;

/// The number of each tile's newest request: older answers are dropped.
type RequestNumbers = Rc<RefCell<HashMap<String, u32>>>;

pub(crate) fn listen() {
    let asked = RequestNumbers::default();
    let (clicks, submits, letters) = (Rc::clone(&asked), Rc::clone(&asked), asked);
    on("click", move |event: MouseEvent| clicked(&event, &clicks));
    on("submit", move |event: Event| submitted(&event, &submits));
    on("input", move |event: Event| typed(&event, &letters));
}

fn clicked(event: &MouseEvent, asked: &RequestNumbers) {
    if !is_plain(event) {
        return;
    }
    if let Some((link, tile)) = around(event, "a[data-tile-link]").and_then(in_tile) {
        let href = link.unchecked_ref::<HtmlAnchorElement>().href();
        let Some(query) = Url::new(&href).ok().map(|url| url.search_params()) else {
            return;
        };
        event.prevent_default();
        if link.has_attribute("data-clear")
            && let Ok(Some(input)) = tile.query_selector("input[type=search]")
            && let Ok(input) = input.dyn_into::<HtmlInputElement>()
        {
            input.set_value("");
            let _ = input.focus();
        }
        show(tile, &query, link.has_attribute("data-whole"), asked);
    } else if let Some(link) = around(event, "a[data-keep]")
        && let Ok(link) = link.dyn_into::<HtmlAnchorElement>()
        && let Some(query) =
            Url::new(&link.href()).ok().and_then(|url| with_tile_state(&url.search_params()))
    {
        // Changes the link instead of navigating, so that the browser follows it as usual.
        link.set_search(&query);
    }
}

fn submitted(event: &Event, asked: &RequestNumbers) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
    else {
        return;
    };
    if form.has_attribute("data-tile-form") {
        if let Some((form, tile)) = in_tile(form.into()) {
            event.prevent_default();
            ask_form(&form, tile, asked);
        }
    } else if form.has_attribute("data-keep-form")
        && let Some(query) = filled(&form).as_ref().and_then(with_tile_state)
        && let Some(window) = window()
    {
        event.prevent_default();
        let _ = window.location().assign(&format!("/?{query}"));
    }
}

fn typed(event: &Event, asked: &RequestNumbers) {
    let Some((form, tile)) = around(event, "form.search").and_then(in_tile) else {
        return;
    };
    let Some(name) = tile.get_attribute("data-tile") else {
        return;
    };
    let mine = next(asked, &name);
    let asked = Rc::clone(asked);
    after(TYPING, move || {
        if asked.borrow().get(&name) == Some(&mine) {
            ask_form(&form, tile, &asked);
        }
    });
}

fn in_tile(element: Element) -> Option<(Element, Element)> {
    let tile = element.closest("[data-tile]").ok()??;
    Some((element, tile))
}

fn next(asked: &RequestNumbers, name: &str) -> u32 {
    let mut asked = asked.borrow_mut();
    let number = asked.entry(name.to_owned()).or_default();
    *number += 1;
    *number
}

pub(super) fn filled(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let data: JsValue = FormData::new_with_form(form).ok()?.into();
    // The constructor takes any iterable of pairs; web-sys declares only records and strings.
    UrlSearchParams::new_with_str_sequence_sequence(&data).ok()
}

fn ask_form(form: &Element, tile: Element, asked: &RequestNumbers) {
    if let Some(query) = filled(form.unchecked_ref()) {
        show(tile, &query, false, asked);
    }
}

/// A page-wide change with the tiles' current state, without their page numbers: the rows will
/// differ.
fn with_tile_state(change: &UrlSearchParams) -> Option<String> {
    let query = UrlSearchParams::new().ok()?;
    let of_tile = |name: &str| name.contains('.');
    let wide =
        pairs(change).into_iter().filter(|(name, value)| !of_tile(name) && !value.is_empty());
    let tiles = pairs(&shown_query()?)
        .into_iter()
        .filter(|(name, _)| of_tile(name) && !name.ends_with(".page"));
    wide.chain(tiles).for_each(|(name, value)| query.append(&name, &value));
    Some(query.to_string().into())
}

/// Shows a tile in the state that a link or form in it asked for.
fn show(tile: Element, wanted: &UrlSearchParams, whole: bool, asked: &RequestNumbers) {
    let (Some(name), Some(query)) = (tile.get_attribute("data-tile"), shown_query()) else {
        return;
    };
    let prefix = format!("{name}.");
    let pairs_of = |query: &UrlSearchParams, mine: bool| {
        pairs(query).into_iter().filter(move |(name, _)| name.starts_with(&prefix) == mine)
    };
    let Ok(next_query) = UrlSearchParams::new() else {
        return;
    };
    let mine = pairs_of.clone()(wanted, true).filter(|(_, value)| !value.is_empty());
    pairs_of(&query, false).chain(mine).for_each(|(name, value)| next_query.append(&name, &value));
    let query: String = next_query.to_string().into();

    let number = next(asked, &name);
    let asked = Rc::clone(asked);
    let (late, slow, slow_name) = (Rc::clone(&asked), tile.clone(), name.clone());
    after(PATIENCE, move || {
        if late.borrow().get(&slow_name) == Some(&number) && !slow.has_attribute("data-settled") {
            let _ = slow.set_attribute("aria-busy", "true");
        }
    });
    let _ = tile.remove_attribute("data-settled");
    remember(&query);
    spawn_local(async move {
        let answer = fetch(&format!("/tiles/{name}?{query}")).await;
        if asked.borrow().get(&name) != Some(&number) {
            return;
        }
        match answer {
            Ok(html) => swap(&tile, &html, whole),
            Err(reference) => fail(&tile, &query, reference.as_deref()),
        }
        let _ = tile.set_attribute("data-settled", "");
        let _ = tile.remove_attribute("aria-busy");
    });
}

/// Writes the state into the URL, without a history entry.
fn remember(query: &str) {
    let address = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Fetches a tile's HTML. The error is the answer's reference, if there was an answer.
async fn fetch(address: &str) -> Result<String, Option<String>> {
    let window = window().ok_or(None)?;
    let response: Response = future(window.fetch_with_str(address)).await.ok_or(None)?;
    if response.redirected() || response.status() == 401 {
        // The session has ended: reloading redirects to the sign-in.
        let _ = window.location().reload();
    }
    let reference = response.headers().get("x-request-id").ok().flatten();
    text(&response).await.filter(|html| html.contains("data-tile=")).ok_or(reference)
}

/// Replaces the changed parts of a tile and restores the focus.
fn swap(tile: &Element, html: &str, whole: bool) {
    let Some(fresh) = parse(html).and_then(|page| page.query_selector("[data-tile]").ok()?) else {
        return;
    };
    let focused = document().and_then(|document| document.active_element());
    let focused = focused.filter(|element| tile.contains(Some(element)));
    let taken_out = TakenOut::of(tile);
    if whole {
        let _ = tile.replace_with_with_node_1(&fresh);
    } else {
        for old in all(tile, "[data-swap]") {
            let part = old.get_attribute("data-swap").unwrap_or_default();
            if let Ok(Some(new)) = fresh.query_selector(&format!("[data-swap='{part}']")) {
                let _ = old.replace_with_with_node_1(&new);
            }
        }
    }
    let tile = if whole { &fresh } else { tile };
    taken_out.keep(tile);
    if let Some(before) = focused
        && !before.is_connected()
    {
        let same = document().and_then(|document| document.get_element_by_id(&before.id()));
        let at = same.or_else(|| tile.query_selector("[data-swap='body']").ok().flatten());
        if let Some(Ok(at)) = at.map(Element::dyn_into::<HtmlElement>) {
            let _ = at.focus();
        }
    }
    // Announces the new state to screen readers.
    if let (Ok(Some(said)), Ok(Some(shown))) = (
        tile.query_selector("[data-said]"),
        tile.query_selector("[data-shown], .empty p, .failed-state p"),
    ) {
        said.set_text_content(shown.text_content().as_deref());
    }
}

/// Shows the page's template for a failed tile, with a link to retry the request.
fn fail(tile: &Element, query: &str, reference: Option<&str>) {
    let Some(Ok(template)) = find("#tile-failed").map(HtmlElement::dyn_into::<HtmlTemplateElement>)
    else {
        return;
    };
    if let (Ok(Some(body)), Ok(copy)) =
        (tile.query_selector("[data-swap='body']"), template.content().clone_node_with_deep(true))
    {
        body.set_text_content(None);
        let _ = body.append_child(&copy);
        if let Ok(Some(retry)) = body.query_selector("a") {
            let _ = retry.set_attribute("href", &format!("/?{query}"));
        }
        if let Ok(Some(span)) = body.query_selector(".reference") {
            match (reference, span.query_selector("code")) {
                (Some(reference), Ok(Some(code))) => code.set_text_content(Some(reference)),
                _ => span.remove(),
            }
        }
    }
}
