//! The two questions of a page that stays current: whether anything is new, and what.

use crate::browser::dom::{future, window};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response};

/// Says to the server that no hand made this request: it must not keep the session alive.
const BY_ITSELF: &str = "x-by-itself";

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was cut, or refused for now.
    Cut,
    /// Nobody is signed in any more.
    SignedOut,
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Page {
    /// The page.
    Html(String),
    /// Nobody is signed in any more.
    SignedOut,
    /// No answer, or none that could be used.
    Nothing,
}

async fn fetch(address: &str, accept: &str, signal: Option<&AbortSignal>) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("accept", accept).ok()?;
    headers.set(BY_ITSELF, "1").ok()?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_signal(signal);
    future(window()?.fetch_with_str_and_init(address, &init)).await
}

/// A browser that is led to the sign-in, or a program that is told: nobody is signed in.
fn is_signed_out(response: &Response) -> bool {
    response.redirected() || response.status() == 401
}

/// Asks for a page.
pub(super) async fn page(address: &str) -> Page {
    let Some(response) = fetch(address, "text/html", None).await else { return Page::Nothing };
    if is_signed_out(&response) {
        return Page::SignedOut;
    }
    let text = match response.text() {
        Ok(text) if response.ok() => future::<js_sys::JsString>(text).await,
        _ => None,
    };
    text.map_or(Page::Nothing, |text| Page::Html(text.into()))
}

/// Listens until the stream ends. `hear` is told of each number, and of nothing (`None`) when only
/// a sign of life came.
pub(super) async fn listen(signal: &AbortSignal, mut hear: impl FnMut(Option<u64>)) -> Ended {
    // With `text/html` the server leads to the sign-in instead of refusing, so that the browser's
    // console stays clear of what is no error.
    let accept = "text/event-stream, text/html;q=0.1";
    let Some(response) = fetch("/live", accept, Some(signal)).await else { return Ended::Cut };
    if is_signed_out(&response) {
        return Ended::SignedOut;
    }
    let reader = response.ok().then(|| response.body()).flatten().map(|body| body.get_reader());
    let Some(reader) = reader else { return Ended::Cut };
    let reader: ReadableStreamDefaultReader = reader.unchecked_into();
    let mut kept = Vec::new();
    while let Some(bytes) = read(&reader).await {
        kept.extend(bytes);
        let mut told = None;
        while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = kept.drain(..=end).collect();
            told = number(&line).or(told);
        }
        hear(told);
    }
    Ended::Cut
}

/// The next piece of a stream; nothing at its end.
async fn read(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let piece = wasm_bindgen_futures::JsFuture::from(reader.read()).await.ok()?;
    let value = Reflect::get(&piece, &JsValue::from_str("value")).ok()?;
    Some(value.dyn_into::<Uint8Array>().ok()?.to_vec())
}

/// The number in a line `data: {"seq":7}`.
fn number(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?.trim().strip_prefix("data:")?;
    text.trim().strip_prefix("{\"seq\":")?.strip_suffix('}')?.parse().ok()
}
