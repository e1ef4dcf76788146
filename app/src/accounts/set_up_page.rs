//! `/set-up/{token}`: the form that makes the first account.

use super::password_help;
use crate::form::{Outcome, outcome};
use crate::ui::{Button, Field, Hidden, PageHead};
use engine::Engine;
use engine::accounts::link_lives;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;

/// What a link turned out to be.
enum Link {
    Lives,
    Dead,
    Unknown,
}

/// The form, while the link lives.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let tried = outcome("set-up");
    let asked = look(token.clone());
    view! {
        <div class="narrow">
            <Suspense fallback=|| ()>
                {Suspend::new(async move {
                    match asked.await {
                        Link::Lives => view! { <SetUpForm token tried/> }.into_any(),
                        Link::Dead => view! { <DeadLink/> }.into_any(),
                        Link::Unknown => view! { <NoAnswer/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// Looks the link up. The context is asked before the first await, while it is surely there.
fn look(token: String) -> impl Future<Output = Link> + Send {
    let engine = use_context::<Engine>();
    let response = use_context::<ResponseOptions>();
    async move {
        let Some(engine) = engine else { return Link::Unknown };
        let (link, status) = match link_lives(&engine.db, &token).await {
            Ok(true) => return Link::Lives,
            Ok(false) => (Link::Dead, StatusCode::NOT_FOUND),
            Err(error) => {
                tracing::error!(
                    error = store::whole(&error),
                    "a set-up link could not be looked up"
                );
                (Link::Unknown, StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        if let Some(response) = response {
            response.set_status(status);
        }
        link
    }
}

/// Address and password of the first admin.
#[component]
fn SetUpForm(token: String, tried: Outcome) -> impl IntoView {
    view! {
        <PageHead
            title="Set up Tollwarden"
            line="Make the first account. It is an admin and can add others."
        />
        <form class="form" method="post" action="/_fn/set-up">
            <Hidden values=vec![("token".to_owned(), token)]/>
            <Field
                label="E-mail" name="email" kind="email" autocomplete="username"
                value=tried.value("email") error=tried.error("email")
                required=true autofocus=true
            />
            <Field
                label="Password" name="password" kind="password" autocomplete="new-password"
                help=password_help()
                error=tried.error("password") required=true
            />
            <Field
                label="Password again" name="again" kind="password" autocomplete="new-password"
                error=tried.error("again") required=true
            />
            <div class="form-end"><Button>"Create account"</Button></div>
        </form>
    }
}

/// For links that are over.
#[component]
fn DeadLink() -> impl IntoView {
    view! {
        <PageHead
            title="This link is no longer valid"
            line="A set-up link works once, for an hour, and only while there is no account."
        />
        <p>"Start the server again for a new one, or " <a href="/sign-in">"sign in"</a> "."</p>
    }
}

/// For when the store does not answer.
#[component]
fn NoAnswer() -> impl IntoView {
    view! {
        <PageHead title="The link could not be checked" line="The database does not answer."/>
        <p>"Reload the page to try again."</p>
    }
}
