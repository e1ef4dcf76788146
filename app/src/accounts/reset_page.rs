//! `/reset/{token}`: the form by which an account's holder chooses a password.

use super::password_help;
use crate::form::{Outcome, outcome};
use crate::ui::{Button, Field, Hidden, PageHead};
use engine::Engine;
use engine::accounts::reset_lives;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;

/// The form, while the link lives. Looking at it uses nothing up.
#[component]
pub fn ResetPage() -> impl IntoView {
    let token = use_params_map().get_untracked().get("token").unwrap_or_default();
    let tried = outcome("reset");
    // The context is asked before the first await, while it is surely there.
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let status = move |status| {
        if let Some(response) = &response {
            response.set_status(status);
        }
    };
    let form = Suspend::new(async move {
        let found = match &engine {
            Some(engine) => reset_lives(&engine.db, &token).await,
            None => Ok(None),
        };
        match found {
            Ok(Some(email)) => view! { <ResetForm token email tried/> }.into_any(),
            Ok(None) => {
                status(StatusCode::NOT_FOUND);
                view! { <DeadLink/> }.into_any()
            }
            Err(error) => {
                tracing::error!(
                    error = store::whole(&error),
                    "a reset link could not be looked up"
                );
                status(StatusCode::INTERNAL_SERVER_ERROR);
                view! {
                    <PageHead title="The link could not be checked" line="The database does not answer."/>
                    <p>"Reload the page to try again."</p>
                }
                .into_any()
            }
        }
    });
    view! { <div class="narrow"><Suspense fallback=|| ()>{form}</Suspense></div> }
}

#[component]
fn ResetForm(token: String, email: String, tried: Outcome) -> impl IntoView {
    view! {
        <PageHead title="Choose a password" line=format!("For {email}. Its sessions end.")/>
        <form class="form" method="post" action="/_fn/reset">
            <Hidden values=vec![("token".to_owned(), token)]/>
            // Tells password managers whose password this is.
            <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
            <Field
                label="New password" name="password" kind="password" autocomplete="new-password"
                help=password_help()
                error=tried.error("password") required=true autofocus=true
            />
            <Field
                label="New password again" name="again" kind="password" autocomplete="new-password"
                error=tried.error("again") required=true
            />
            <div class="form-end"><Button>"Set password"</Button></div>
        </form>
    }
}

/// For links that are over.
#[component]
fn DeadLink() -> impl IntoView {
    view! {
        <PageHead
            title="This link is no longer valid"
            line="A link to choose a password works once, for an hour, and only while nothing else of the account is changed."
        />
        <p>"Ask an admin for a new one, or " <a href="/sign-in">"sign in"</a> "."</p>
    }
}
