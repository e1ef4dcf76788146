//! Accounts: signing in and out, the first account, one's own password.

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

pub use account_page::AccountPage;
pub(crate) use api::invalid;
pub use api::{ChangePassword, Confirm, Reset, SetUp, SignIn, SignOut};
pub use confirm_page::ConfirmPage;
pub use known::Https;
pub use paths::{confirm_path, sign_in_path};
pub use reset_page::ResetPage;
pub use sessions::{EndOtherSessions, EndOwnSession};
pub use set_up_page::SetUpPage;
pub use sign_in_page::SignInPage;

use domain::accounts::{PASSWORD_MAX, PASSWORD_MIN};

/// What is said beside a field for a new password.
fn password_help() -> String {
    format!(
        "{PASSWORD_MIN} to {PASSWORD_MAX} characters, and not easy to guess: a few uncommon words \
         do."
    )
}
