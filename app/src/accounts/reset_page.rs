//! The page `/reset/{token}`: the form to choose a password.

use super::{dead_link, new_password};
use crate::form::{Outcome, outcome};
use crate::page::by_link;
use crate::ui::{Button, Hidden, PageHead};
use engine::{Engine, accounts::reset_lives};
use leptos::prelude::*;

/// Viewing the page does not use up the link.
#[component]
pub(crate) fn ResetPage() -> impl IntoView {
    let tried = outcome("reset");
    let find = |engine: Engine, token: String| async move { reset_lives(&engine.db, &token).await };
    by_link(find, |token, email| view! { <ResetForm token email tried/> }.into_any(), dead)
}

#[component]
fn ResetForm(token: String, email: String, tried: Outcome) -> impl IntoView {
    view! {
        <PageHead title="Choose a password" line=format!("For {email}. All its sessions will end.")/>
        <form class="form" method="post" action="/_fn/reset">
            <Hidden values=vec![("token".to_owned(), token)]/>
            // Tells password managers whose password this is.
            <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
            {new_password("New password", &tried, true)}
            <div class="form-end"><Button>"Set password"</Button></div>
        </form>
    }
}

fn dead() -> AnyView {
    let why = "A link to choose a password works once, within an hour, and only if the account is \
               not changed in the meantime.";
    dead_link(why, "Ask an admin for a new one, or ")
}
