//! What events are read by, and how old it is.

use super::unread::unread;
use crate::ui::When;
use engine::Engine;
use engine::agent::DATE;
use leptos::prelude::*;

/// Each kind of data with its date.
#[component]
pub(super) fn Data(
    /// The engine.
    engine: Engine,
) -> impl IntoView {
    view! {
        <section class="panel" id="data" aria-labelledby="data-title">
            <h2 id="data-title">"Data"</h2>
            <p class="panel-note">
                "What events are read with, and how recent it is."
            </p>
            <dl class="facts">
                <div>
                    <dt>"Browsers and systems"</dt>
                    <dd>"uap-core of "{DATE}</dd>
                </div>
                <div>
                    <dt>"Numbering plans"</dt>
                    <dd>{Suspend::new(number_data(engine))}</dd>
                </div>
            </dl>
        </section>
    }
}

/// The metadata that numbers are looked up in, and since when where somebody brought it.
async fn number_data(engine: Engine) -> impl IntoView {
    let now = engine.clock().now();
    match engine::number_data::about(&engine.db).await {
        Ok((name, brought)) => {
            let since = brought.map(|kept| {
                view! { ", taken in "<When time=kept.at now/>" by "{kept.by}" ("<code>"tollwarden number-data update"</code>")" }
            });
            view! { "Google’s metadata, "{name}{since} }.into_any()
        }
        Err(error) => unread("number data", &error),
    }
}
