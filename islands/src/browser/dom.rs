//! Small words over `web-sys`.

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, HtmlElement, UrlSearchParams, Window};

/// The window. There is always one: islands run on pages.
pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// Listens on the whole document for as long as it lives.
pub(super) fn on<E: JsCast + 'static>(event: &str, mut hear: impl FnMut(E) + 'static) {
    let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        if let Ok(event) = event.dyn_into::<E>() {
            hear(event);
        }
    });
    if let Some(document) = document() {
        let _ = document.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    }
    heard.forget();
}

/// Runs something later.
pub(super) fn after(milliseconds: i32, run: impl FnOnce() + 'static) {
    if let Some(window) = window() {
        let run = Closure::once_into_js(run);
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            run.unchecked_ref(),
            milliseconds,
        );
    }
}

/// The nearest element around what an event happened to.
pub(super) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// The first element that fits.
pub(super) fn find(selector: &str) -> Option<HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element that fits.
pub(super) fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// The query string of the address shown.
pub(super) fn shown_query() -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(&window()?.location().search().ok()?).ok()
}

/// Names and values of a query.
pub(super) fn pairs(query: &UrlSearchParams) -> Vec<(String, String)> {
    let pair = |pair: JsValue| {
        let pair: Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Array::from(query).iter().filter_map(pair).collect()
}

/// Waits for a promise that resolves to something.
pub(super) async fn future<T: JsCast>(promise: Promise) -> Option<T> {
    let value: JsValue = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?;
    value.dyn_into().ok()
}

/// The first element that fits below another.
pub(super) fn below(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}
