//! The page `/stop/{token}`, linked in every mail. Viewing it stops nothing, since mail programs
//! prefetch links.

use crate::page::by_link;
use crate::ui::{Button, PageHead};
use engine::Engine;
use leptos::prelude::*;
use store::recipients::Row;

#[component]
pub(crate) fn StopPage() -> impl IntoView {
    let find =
        |engine: Engine, token: String| async move { engine.notify.of_stop_link(&token).await };
    let lives = |token: String, row: Row| match row.stopped {
        Some(_) => view! { <Stopped row/> }.into_any(),
        None => view! { <Stop token row/> }.into_any(),
    };
    by_link(find, lives, dead)
}

#[component]
fn Stop(token: String, row: Row) -> impl IntoView {
    view! {
        <PageHead title="Stop these messages" line="Tollwarden's alerts by e-mail."/>
        <p>"No more alerts are sent to " <b>{row.address}</b> ". An admin can turn them on again."</p>
        <form method="post" action=format!("/stop/{token}")>
            <Button>"Stop the messages"</Button>
        </form>
    }
}

#[component]
fn Stopped(row: Row) -> impl IntoView {
    view! {
        <PageHead title="The messages are stopped" line="Tollwarden's alerts by e-mail."/>
        <p>"No more alerts are sent to " <b>{row.address}</b> ". An admin can turn them on again."</p>
    }
}

fn dead() -> AnyView {
    view! {
        <PageHead title="This link is no longer valid" line="It is incomplete, or its recipient was removed."/>
        <p>"If messages still come, ask the admin named in the first message."</p>
    }
    .into_any()
}
