//! Accounts: signing in and out, the first account, one's own password.

mod account_page;
mod api;
mod reset_page;
pub mod session;
mod set_up_page;
mod sign_in_page;

pub use account_page::AccountPage;
pub use api::{ChangePassword, Reset, SetUp, SignIn, SignOut, sign_in_path};
pub use reset_page::ResetPage;
pub use set_up_page::SetUpPage;
pub use sign_in_page::SignInPage;
