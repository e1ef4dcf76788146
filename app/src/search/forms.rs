//! Forms to unblock and to let through once.

use crate::form::outcome;
use crate::ui::{Button, ButtonKind, Hidden, Select, options, reason_field};
use engine::signins::LinkedName;
use leptos::prelude::*;
use uuid::Uuid;

/// How long a bypass is valid: seconds and label.
const LASTS: [(&str, &str); 4] =
    [("900", "15 minutes"), ("3600", "1 hour"), ("14400", "4 hours"), ("86400", "1 day")];

/// The form to end a block.
#[component]
pub(super) fn Unblock(
    q: String,
    id: Uuid,
    /// Whom or what the block is about.
    whom: String,
) -> impl IntoView {
    let tried = outcome(&format!("unblock-{id}"));
    let open = tried.error("reason").is_some();
    let hidden = vec![("q".to_owned(), q), ("id".to_owned(), id.to_string())];
    view! {
        <details class="act" open=open>
            <summary>"Unblock "{whom}</summary>
            <form class="form" method="post" action="/_fn/search-unblock">
                <Hidden values=hidden/>
                {reason_field(format!("unblock-{id}"), &tried)}
                <div class="form-end"><Button kind=ButtonKind::Danger>"Unblock"</Button></div>
            </form>
        </details>
    }
}

/// The form to let a user or a number through once.
#[component]
pub(super) fn Bypass(q: String, whom: LinkedName) -> impl IntoView {
    let tried = outcome("bypass");
    let seconds = tried.error("seconds");
    let open = seconds.is_some() || tried.error("reason").is_some();
    let options = options(LASTS);
    let chosen = Some(tried.value("seconds")).filter(|value| !value.is_empty());
    let hidden = vec![("q".to_owned(), q), ("of".to_owned(), whom.handle)];
    view! {
        <details class="act" open=open>
            <summary>"Let "{whom.text}" through once"</summary>
            <form class="form" method="post" action="/_fn/search-bypass">
                <Hidden values=hidden/>
                <Select
                    label="Can be used for" name="seconds" id="bypass-seconds" options
                    value=chosen.unwrap_or_else(|| "3600".to_owned()) error=seconds
                />
                {reason_field("bypass-reason", &tried)}
                <div class="form-end"><Button>"Give a bypass"</Button></div>
            </form>
        </details>
    }
}
