//! Reference data for reading events, with its dates.

use super::unread::unread;
use crate::ui::{Panel, When};
use engine::{Engine, agent::DATE};
use leptos::prelude::*;

#[component]
pub(super) fn Data(engine: Engine) -> impl IntoView {
    view! {
        <Panel id="data" by="data-title" title="Data">
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
        </Panel>
    }
}

/// The version of the number metadata, and who updated it when.
async fn number_data(engine: Engine) -> impl IntoView {
    let now = engine.clock().now();
    match engine::number_data::about(&engine.db).await {
        Ok((name, brought)) => {
            let since = brought.map(|kept| {
                view! { ", loaded "<When time=kept.at now/>" by "{kept.by}" ("<code>"tollwarden number-data update"</code>")" }
            });
            view! { "Google’s metadata, "{name}{since} }.into_any()
        }
        Err(error) => unread("number data", &error),
    }
}
