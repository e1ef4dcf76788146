//! The page `/account/confirm`: asks for the password again before a sensitive change.

use crate::ui::{Button, Field, Hidden, PageHead};
use crate::{form::outcome, who};
use domain::{accounts::ASK_AGAIN, doors::local_path};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn ConfirmPage() -> impl IntoView {
    let next = use_query_map().get_untracked().get("next").unwrap_or_default();
    let next = local_path(&next).unwrap_or("/").to_owned();
    let tried = outcome("confirm");
    let email = who::account().map(|account| account.email).unwrap_or_default();
    let line = format!(
        "This change affects who has access, or turns off a protection. It needs your password, \
         unless you entered it within the last {} minutes. Nothing has been changed yet.",
        ASK_AGAIN.num_minutes()
    );
    view! {
        <div class="narrow">
            <PageHead title="Confirm your password" line/>
            <form class="form" method="post" action="/_fn/confirm">
                <Hidden values=vec![("next".to_owned(), next.clone())]/>
                // Tells password managers whose password this is.
                <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
                <Field
                    label="Password" name="password" kind="password"
                    autocomplete="current-password" error=tried.error("password")
                    help="You then return to the form as you filled it in, to submit it again."
                    required=true autofocus=true
                />
                <div class="form-end">
                    <Button>"Confirm"</Button>
                    <a class="button" href=next>"Go back without confirming"</a>
                </div>
            </form>
        </div>
    }
}
