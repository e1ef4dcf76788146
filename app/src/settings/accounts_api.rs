//! The forms of Set-up's accounts. Only admins come here; the guard sees to that.

use super::links::{self, ACCOUNTS};
use crate::accounts::invalid;
use crate::accounts::sessions::gone;
use crate::form::{Form, engine};
use crate::who;
use domain::roles::Role;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::{self, AccountError};
use http::header;
use http::request::Parts;
use leptos::prelude::*;
use uuid::Uuid;

/// Adds an account, with a password or with a link by which its holder chooses one.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "add-account")]
pub async fn add_account(
    /// Its address.
    #[server(default)]
    email: String,
    /// What it may do.
    #[server(default)]
    role: String,
    /// Its password; empty for a link.
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
                "{} is added. Hand this link over: it is not shown again, works once, for an hour.",
                account.email
            );
            form.show(&words, address(&engine()?, &link.path()))
        }
        Err(error) => form.refuse(&values, told(error, "email")?).await,
    }
}

/// Gives an account another role.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "change-role")]
pub async fn change_role(
    /// The account.
    #[server(default)]
    account: String,
    /// Its new role.
    #[server(default)]
    new_role: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(account);
    let Ok(role) = new_role.parse::<Role>() else {
        return opened.refuse(unknown_role()).await;
    };
    let done = accounts::set_role(&engine()?.db, &who::by(), opened.id, role).await;
    opened.told(done, "role", "The role is changed, and its sessions have ended.").await
}

/// Shuts an account out, or lets it in again.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "disable-account")]
pub async fn disable_account(
    /// The account.
    #[server(default)]
    account: String,
    /// `yes` or `no`.
    #[server(default)]
    disabled: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(account);
    let (disable, words) = match &*disabled {
        "yes" => (true, "The account is disabled, and its sessions have ended."),
        "no" => (false, "The account is enabled."),
        _ => {
            let invalid =
                Invalid::one("disabled", Fault::InvalidChoice, "Choose Disable or Enable.");
            return opened.refuse(invalid).await;
        }
    };
    let done = accounts::set_disabled(&engine()?.db, &who::by(), opened.id, disable).await;
    opened.told(done, "disabled", words).await
}

/// Ends every session of an account.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "end-sessions")]
pub async fn end_sessions(
    /// The account.
    #[server(default)]
    account: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(account);
    let done = accounts::end_sessions(&engine()?.db, &who::by(), opened.id).await;
    opened.told(done, "sessions", "Its sessions have ended.").await
}

/// Ends one session of an account.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "end-account-session")]
pub async fn end_account_session(
    /// The account.
    #[server(default)]
    account: String,
    /// The session, by its name on the page.
    #[server(default)]
    session: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(account);
    match accounts::sessions::end(&engine()?.db, &who::by(), opened.id, &session).await {
        Ok(false) => opened.refuse(gone()).await,
        done => opened.told(done.map(|_| ()), "sessions", "The session has ended.").await,
    }
}

/// Makes a link by which an account's holder chooses a new password, and shows it once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "reset-account")]
pub async fn reset_account(
    /// The account.
    #[server(default)]
    account: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(account);
    match accounts::reset(&engine()?.db, &who::by(), opened.id).await {
        Ok(link) => {
            let words = "Its sessions have ended. Hand this link over: it is not shown again, \
                         works once, for an hour.";
            let link = address(&engine()?, &link.path());
            opened.form().show_with(&opened.values(), words, link)
        }
        Err(error) => opened.refuse(told(error, "reset")?).await,
    }
}

/// The account that a form is about.
struct Opened {
    /// As the form has it.
    account: String,
    /// No id is none's.
    id: Uuid,
    /// The page that shows it.
    path: String,
}

impl Opened {
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

    /// Says what was done, or why not, beside `field` when that is about none.
    async fn told(
        &self,
        done: Result<(), AccountError>,
        field: &str,
        words: &str,
    ) -> Result<(), ServerFnError> {
        match done {
            Ok(()) => self.form().done_with(&self.values(), words).await,
            Err(error) => self.refuse(told(error, field)?).await,
        }
    }
}

fn unknown_role() -> Invalid {
    Invalid::one("role", Fault::InvalidChoice, "Choose one of the roles.")
}

/// What the form has to say, beside `field` when it is about none.
fn told(error: AccountError, field: &str) -> Result<Invalid, ServerFnError> {
    let one = |code, words: &str| Ok(Invalid::one(field, code, words));
    match error {
        AccountError::Missing => one(Fault::NotFound, "There is no such account any more."),
        AccountError::LastAdmin => one(
            Fault::Conflict,
            "Without this admin nobody could set Tollwarden up. Make another admin first.",
        ),
        error => invalid(error, field),
    }
}

/// The address of a path as whoever gets it types it: at `public_url`, else where the admin's own
/// browser reaches this server, since the form was sent from there.
fn address(engine: &Engine, path: &str) -> String {
    engine.notify.address(path).unwrap_or_else(|| format!("{}{path}", origin()))
}

fn origin() -> String {
    let header = |name| {
        let parts = use_context::<Parts>()?;
        Some(parts.headers.get(name)?.to_str().ok()?.to_owned())
    };
    let origin = header(header::ORIGIN).filter(|origin| origin.starts_with("http"));
    let host = || header(header::HOST).map(|host| format!("http://{host}"));
    origin.or_else(host).unwrap_or_default()
}
