//! The forms of accounts. The guard admits only admins.

use super::links::{self, ACCOUNTS};
use crate::form::{Form, engine};
use crate::request::header;
use crate::{accounts::invalid, accounts::sessions::gone, who};
use domain::{Fault, Invalid, roles::Role};
use engine::Engine;
use engine::accounts::{self, AccountError};
use http::header::{HOST, ORIGIN};
use leptos::prelude::*;
use uuid::Uuid;

/// Adds an account with a password, or with a link to choose one.
#[server(prefix = "/_fn", endpoint = "add-account")]
async fn add_account(
    #[server(default)] email: String,
    #[server(default)] role: String,
    /// Empty for a link.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let form = Form { page: "/settings", path: ACCOUNTS, name: "add-account" };
    let values = [("email", &*email), ("role", &*role)];
    let Ok(known) = role.parse::<Role>() else {
        return form.refuse(&values, unknown_role()).await;
    };
    let (db, by) = (engine()?.db, who::by());
    let added = if password.is_empty() {
        let invited = accounts::invite(&db, &by, &email, known).await;
        invited.map(|(account, link)| (account, Some(link)))
    } else {
        accounts::add(&db, &by, &email, known, &password).await.map(|account| (account, None))
    };
    match added {
        Ok((account, None)) => form.done(&format!("{} can sign in now.", account.email)).await,
        Ok((account, Some(link))) => {
            let words = format!(
                "{} added. Pass this link on: it is shown only once, and works once, within an \
                 hour.",
                account.email
            );
            form.show(&[], &words, address(&engine()?, &link.path()))
        }
        Err(error) => form.refuse(&values, invalid_of(error, "email")?).await,
    }
}

#[server(prefix = "/_fn", endpoint = "change-role")]
async fn change_role(
    #[server(default)] account: String,
    #[server(default)] new_role: String,
) -> Result<(), ServerFnError> {
    let opened = AccountForm::of(account);
    let Ok(role) = new_role.parse::<Role>() else {
        return opened.refuse(unknown_role()).await;
    };
    let done = accounts::set_role(&engine()?.db, &who::by(), opened.id, role).await;
    opened.answer(done, "role", "Role changed. The account’s sessions have ended.").await
}

/// Disables or enables an account.
#[server(prefix = "/_fn", endpoint = "disable-account")]
async fn disable_account(
    #[server(default)] account: String,
    #[server(default)] disabled: String,
) -> Result<(), ServerFnError> {
    let opened = AccountForm::of(account);
    let (disable, words) = match &*disabled {
        "yes" => (true, "Account disabled. Its sessions have ended."),
        "no" => (false, "Account enabled."),
        _ => {
            let invalid =
                Invalid::one("disabled", Fault::InvalidChoice, "Choose Disable or Enable.");
            return opened.refuse(invalid).await;
        }
    };
    let done = accounts::set_disabled(&engine()?.db, &who::by(), opened.id, disable).await;
    opened.answer(done, "disabled", words).await
}

#[server(prefix = "/_fn", endpoint = "end-sessions")]
async fn end_sessions(#[server(default)] account: String) -> Result<(), ServerFnError> {
    let opened = AccountForm::of(account);
    let done = accounts::end_sessions(&engine()?.db, &who::by(), opened.id).await;
    opened.answer(done, "sessions", "Its sessions have ended.").await
}

#[server(prefix = "/_fn", endpoint = "end-account-session")]
async fn end_account_session(
    #[server(default)] account: String,
    /// The session's handle.
    #[server(default)]
    session: String,
) -> Result<(), ServerFnError> {
    let opened = AccountForm::of(account);
    match accounts::sessions::end(&engine()?.db, &who::by(), opened.id, &session).await {
        Ok(false) => opened.refuse(gone()).await,
        done => opened.answer(done.map(|_| ()), "sessions", "The session has ended.").await,
    }
}

/// Creates a link to choose a new password, and shows it once.
#[server(prefix = "/_fn", endpoint = "reset-account")]
async fn reset_account(#[server(default)] account: String) -> Result<(), ServerFnError> {
    let opened = AccountForm::of(account);
    match accounts::reset(&engine()?.db, &who::by(), opened.id).await {
        Ok(link) => {
            let words = "Its sessions have ended. Pass this link on: it is shown only once, and \
                         works once, within an hour.";
            let link = address(&engine()?, &link.path());
            opened.form().show(&opened.values(), words, link)
        }
        Err(error) => opened.refuse(invalid_of(error, "reset")?).await,
    }
}

/// The account that a form is about.
struct AccountForm {
    /// The id as sent, for the page to find its form again.
    account: String,
    /// Nil for an invalid id, which no account has.
    id: Uuid,
    path: String,
}

impl AccountForm {
    fn of(account: String) -> Self {
        let (id, path) = match account.parse::<Uuid>() {
            Ok(id) => (id, links::account(id)),
            Err(_) => (Uuid::nil(), ACCOUNTS.to_owned()),
        };
        Self { account, id, path }
    }

    fn form(&self) -> Form<'_> {
        Form { page: "/settings", path: &self.path, name: "account" }
    }

    fn values(&self) -> [(&str, &str); 1] {
        [("account", &self.account)]
    }

    async fn refuse(&self, invalid: Invalid) -> Result<(), ServerFnError> {
        self.form().refuse(&self.values(), invalid).await
    }

    /// Shows `words`, or the error; errors about no field of the form go to `field`.
    async fn answer(
        &self,
        done: Result<(), AccountError>,
        field: &str,
        words: &str,
    ) -> Result<(), ServerFnError> {
        match done {
            Ok(()) => self.form().done_with(&self.values(), words).await,
            Err(error) => self.refuse(invalid_of(error, field)?).await,
        }
    }
}

fn unknown_role() -> Invalid {
    Invalid::one("role", Fault::InvalidChoice, "Choose one of the roles.")
}

/// The errors to show; those about no field of the form go to `field`.
fn invalid_of(error: AccountError, field: &str) -> Result<Invalid, ServerFnError> {
    let one = |code, words: &str| Ok(Invalid::one(field, code, words));
    match error {
        AccountError::Missing => one(Fault::NotFound, "This account no longer exists."),
        AccountError::LastAdmin => {
            one(Fault::Conflict, "This is the last admin who can sign in. Add another admin first.")
        }
        error => invalid(error, field),
    }
}

/// The absolute URL of a path: at `public_url`, else at the origin from which the admin's browser
/// sent the form.
fn address(engine: &Engine, path: &str) -> String {
    engine.notify.address(path).unwrap_or_else(|| format!("{}{path}", origin()))
}

fn origin() -> String {
    let origin = header(ORIGIN).filter(|origin| origin.starts_with("http"));
    let host = || header(HOST).map(|host| format!("http://{host}"));
    origin.or_else(host).unwrap_or_default()
}
