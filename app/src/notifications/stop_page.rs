//! `/stop/{token}`: where the link in every mail leads. Looking at it stops nothing, since mail
//! programs look at links by themselves.

use crate::ui::{Button, PageHead};
use engine::Engine;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use store::recipients::Row;

/// The button that stops the messages, or that they are stopped.
#[component]
pub fn StopPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    view! {
        <div class="narrow">
            <Suspense fallback=|| ()>
                {Suspend::new(async move {
                    let found = match engine {
                        Some(engine) => engine.notify.of_stop_link(&token).await,
                        None => Ok(None),
                    };
                    let status = |status| {
                        if let Some(response) = &response {
                            response.set_status(status);
                        }
                    };
                    match found {
                        Ok(Some(row)) if row.stopped.is_some() => view! { <Stopped row/> }.into_any(),
                        Ok(Some(row)) => view! { <Stop token row/> }.into_any(),
                        Ok(None) => {
                            status(StatusCode::NOT_FOUND);
                            view! { <Dead/> }.into_any()
                        }
                        Err(error) => {
                            tracing::error!(error = store::whole(&error), "a stop link could not be looked up");
                            status(StatusCode::INTERNAL_SERVER_ERROR);
                            view! { <NoAnswer/> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
    }
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

#[component]
fn Dead() -> impl IntoView {
    view! {
        <PageHead title="This link is no longer valid" line="It was cut off on its way, or its recipient was removed."/>
        <p>"If messages still come, ask the admin who is named in the first of them."</p>
    }
}

#[component]
fn NoAnswer() -> impl IntoView {
    view! {
        <PageHead title="The link could not be checked" line="The database does not answer."/>
        <p>"Reload the page to try again."</p>
    }
}
