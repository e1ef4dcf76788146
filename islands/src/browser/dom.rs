//! Helpers for `web-sys`.

use js_sys::{Array, JsString, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, DocumentFragment, Element, Event, HtmlElement, HtmlTemplateElement, MouseEvent,
    Response, Storage, UrlSearchParams, Window,
};

pub(super) fn window() -> Option<Window> {
    web_sys::window()
}

pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// What this tab stores until it is closed.
pub(super) fn storage() -> Option<Storage> {
    window()?.session_storage().ok()?
}

/// Listens on the document for as long as it lives.
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

pub(super) fn after(milliseconds: i32, run: impl FnOnce() + 'static) {
    if let Some(window) = window() {
        let run = Closure::once_into_js(run);
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            run.unchecked_ref(),
            milliseconds,
        );
    }
}

/// The nearest element around an event's target.
pub(super) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

pub(super) fn find(selector: &str) -> Option<HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

pub(super) fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// The query of the page's URL.
pub(super) fn shown_query() -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str(&window()?.location().search().ok()?).ok()
}

pub(super) fn pairs(query: &UrlSearchParams) -> Vec<(String, String)> {
    let pair = |pair: JsValue| {
        let pair: Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Array::from(query).iter().filter_map(pair).collect()
}

pub(super) async fn future<T: JsCast>(promise: Promise) -> Option<T> {
    let value: JsValue = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?;
    value.dyn_into().ok()
}

pub(super) async fn text(response: &Response) -> Option<String> {
    Some(future::<JsString>(response.text().ok()?).await?.into())
}

pub(super) fn below(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Shows or hides an element.
pub(super) fn show(element: &Element, shown: bool) {
    let _ = element.toggle_attribute_with_force("hidden", !shown);
}

/// The content of a piece of HTML.
pub(super) fn parse(html: &str) -> Option<DocumentFragment> {
    let template: HtmlTemplateElement =
        document()?.create_element("template").ok()?.dyn_into().ok()?;
    template.set_inner_html(html);
    Some(template.content())
}

/// Whether a click neither opens a tab or a menu nor is handled already.
pub(super) fn is_plain(event: &MouseEvent) -> bool {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    event.button() == 0 && !modified && !event.default_prevented()
}
