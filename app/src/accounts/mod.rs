//! Accounts: sign-in and sign-out, the first account, the own password.

mod account_page;
mod api;
mod confirm_page;
mod known;
mod paths;
mod reset_page;
pub mod session;
pub(crate) mod sessions;
mod set_up_page;
mod sign_in_page;

pub(crate) use account_page::AccountPage;
pub(crate) use api::invalid;
pub(crate) use confirm_page::ConfirmPage;
pub use known::Https;
pub use paths::{confirm_path, sign_in_path};
pub(crate) use reset_page::ResetPage;
pub(crate) use set_up_page::SetUpPage;
pub(crate) use sign_in_page::SignInPage;

use crate::form::Outcome;
use crate::ui::{Field, PageHead};
use domain::accounts::{PASSWORD_MAX, PASSWORD_MIN};
use leptos::prelude::*;

/// What a link leads to that is expired, used or unknown: why, and how `what` to do begins.
fn dead_link(why: &'static str, what: &'static str) -> AnyView {
    view! {
        <PageHead title="This link is no longer valid" line=why/>
        <p>{what} <a href="/sign-in">"sign in"</a> "."</p>
    }
    .into_any()
}

/// The fields for a new password, which is typed twice.
fn new_password(label: &'static str, tried: &Outcome, autofocus: bool) -> impl IntoView + use<> {
    let help = format!(
        "{PASSWORD_MIN} to {PASSWORD_MAX} characters, and not easy to guess, for example a few \
         uncommon words."
    );
    view! {
        <Field
            label name="password" kind="password" autocomplete="new-password" help
            error=tried.error("password") required=true autofocus
        />
        <Field
            label=format!("{label} again") name="again" kind="password" autocomplete="new-password"
            error=tried.error("again") required=true
        />
    }
}
