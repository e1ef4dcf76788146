//! Parts of a page that poll while the server says so.

use super::dom::{after, find, future, text, window};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, Response};

/// The polling interval, in milliseconds.
const PAUSE: i32 = 1_000;

/// Polls after a pause, if the page has such a part.
pub(crate) fn listen() {
    after(PAUSE, || {
        let Some(part) = find("[data-poll]") else { return };
        spawn_local(async move {
            renew(&part).await;
            listen();
        });
    });
}

/// Replaces the part with the server's version; keeps it if there is no usable answer.
async fn renew(part: &HtmlElement) -> Option<()> {
    let address = part.get_attribute("data-poll")?;
    let response: Response = future(window()?.fetch_with_str(&address)).await?;
    if !response.ok() || response.redirected() {
        return None;
    }
    part.set_outer_html(&text(&response).await?);
    Some(())
}
