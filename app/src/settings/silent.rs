//! The banner for silent sources.

use crate::ui::when::length;
use crate::ui::{Notice, NoticeKind};
use engine::Engine;
use leptos::prelude::*;

/// A warning about sources that have been silent for longer than ever before; nothing if there are
/// none or the store fails.
#[component]
pub(crate) fn SilentSources(engine: Engine) -> impl IntoView {
    Suspend::new(silent(engine))
}

async fn silent(engine: Engine) -> Option<impl IntoView> {
    let silent = engine::sources::silent(&engine.db).await.ok()?;
    let (name, longest) = silent.first()?.clone();
    let others = silent.len() - 1;
    let words = match others {
        0 => format!("{name} has been silent for {}, longer than ever before.", length(longest)),
        1 => format!("{name} and 1 other source have been silent for longer than ever before."),
        _ => format!(
            "{name} and {others} other sources have been silent for longer than ever before."
        ),
    };
    Some(view! {
        <Notice kind=NoticeKind::Warning>
            {words}" Figures may be incomplete. "
            <a href="/settings#sources">"View sources"</a>
        </Notice>
    })
}
