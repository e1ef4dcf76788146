//! The two requests of a live page: the stream of news, and the page itself.

use crate::browser::dom::{future, text, window};
use domain::doors::LIVE;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response};

/// Tells the server that the page makes this request by itself: it must not keep the session alive.
const BY_ITSELF: &str = "x-by-itself";

/// The session has ended.
pub(super) struct SignedOut;

async fn request(address: &str, accept: &str, signal: Option<&AbortSignal>) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("accept", accept).ok()?;
    headers.set(BY_ITSELF, "1").ok()?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_signal(signal);
    future(window()?.fetch_with_str_and_init(address, &init)).await
}

/// The answer, if there is a good one. An ended session shows in a redirect to the sign-in, or 401.
async fn fetch(
    address: &str,
    accept: &str,
    signal: Option<&AbortSignal>,
) -> Result<Option<Response>, SignedOut> {
    match request(address, accept, signal).await {
        Some(response) if response.redirected() || response.status() == 401 => Err(SignedOut),
        response => Ok(response.filter(Response::ok)),
    }
}

/// Fetches a page; `None` without a usable answer.
pub(super) async fn page(address: &str) -> Result<Option<String>, SignedOut> {
    let Some(response) = fetch(address, "text/html", None).await? else { return Ok(None) };
    Ok(text(&response).await)
}

/// Listens until the stream ends. Calls `hear` with each number, and with `None` for a heartbeat.
pub(super) async fn listen(
    signal: &AbortSignal,
    mut hear: impl FnMut(Option<u64>),
) -> Result<(), SignedOut> {
    // With `text/html` the server redirects to the sign-in instead of refusing, so that the
    // browser's console shows no error.
    let accept = "text/event-stream, text/html;q=0.1";
    let response = fetch(LIVE, accept, Some(signal)).await?;
    let reader = response.and_then(|response| response.body()).map(|body| body.get_reader());
    let Some(reader) = reader else { return Ok(()) };
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
    Ok(())
}

/// The next piece of a stream; `None` at its end.
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
