//! Parts of a page that renew themselves while the server says so.

use super::dom::{after, find, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, Response};

/// Between two looks, in milliseconds.
const PAUSE: i32 = 1_000;

/// Looks again in a moment, if there is anything to look at.
pub(crate) fn listen() {
    after(PAUSE, || {
        let Some(part) = find("[data-poll]") else { return };
        spawn_local(async move {
            renew(&part).await;
            listen();
        });
    });
}

/// Puts what the server has now in place of the part; leaves it as it is when no answer comes.
async fn renew(part: &HtmlElement) -> Option<()> {
    let address = part.get_attribute("data-poll")?;
    let response: Response =
        JsFuture::from(window()?.fetch_with_str(&address)).await.ok()?.dyn_into().ok()?;
    if !response.ok() || response.redirected() {
        return None;
    }
    let html = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    part.set_outer_html(&html);
    Some(())
}
