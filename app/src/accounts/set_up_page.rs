//! The page `/set-up/{token}`: the form to create the first account.

use super::{dead_link, new_password};
use crate::form::{Outcome, outcome};
use crate::page::by_link;
use crate::ui::{Button, Field, Hidden, PageHead};
use engine::{Engine, accounts::link_lives};
use leptos::prelude::*;

#[component]
pub(crate) fn SetUpPage() -> impl IntoView {
    let tried = outcome("set-up");
    let find = |engine: Engine, token: String| async move {
        link_lives(&engine.db, &token).await.map(|lives| lives.then_some(()))
    };
    by_link(find, |token, ()| view! { <SetUpForm token tried/> }.into_any(), dead)
}

#[component]
fn SetUpForm(token: String, tried: Outcome) -> impl IntoView {
    view! {
        <PageHead
            title="Set up Tollwarden"
            line="Create the first account. It is an admin and can add others."
        />
        <form class="form" method="post" action="/_fn/set-up">
            <Hidden values=vec![("token".to_owned(), token)]/>
            <Field
                label="E-mail" name="email" kind="email" autocomplete="username"
                value=tried.value("email") error=tried.error("email")
                required=true autofocus=true
            />
            {new_password("Password", &tried, false)}
            <div class="form-end"><Button>"Create account"</Button></div>
        </form>
    }
}

fn dead() -> AnyView {
    let why = "A set-up link works once, within an hour, and only while there is no account.";
    dead_link(why, "Restart the server to get a new one, or ")
}
