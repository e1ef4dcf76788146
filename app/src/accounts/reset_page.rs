//! `/reset/{token}`: the form by which an account's holder chooses a password.

use super::password_help;
use crate::form::{Outcome, outcome};
use crate::page::by_link;
use crate::ui::{Button, Field, Hidden, PageHead};
use engine::Engine;
use engine::accounts::reset_lives;
use leptos::prelude::*;

/// The form, while the link lives. Looking at it uses nothing up.
#[component]
pub fn ResetPage() -> impl IntoView {
    let tried = outcome("reset");
    let find = |engine: Engine, token: String| async move { reset_lives(&engine.db, &token).await };
    by_link(find, |token, email| view! { <ResetForm token email tried/> }.into_any(), dead)
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
fn dead() -> AnyView {
    view! {
        <PageHead
            title="This link is no longer valid"
            line="A link to choose a password works once, for an hour, and only while nothing else of the account is changed."
        />
        <p>"Ask an admin for a new one, or " <a href="/sign-in">"sign in"</a> "."</p>
    }
    .into_any()
}
