//! Plain HTML forms with post/redirect/get: a form is answered with 303, and the next page shows
//! its result once (a flash message in the session). A refused form comes back with its values,
//! except secrets, and with errors beside its fields. Works with and without JavaScript.

use crate::accounts::confirm_path;
use crate::answer::{answer_with, redirect};
use crate::request::extension;
use domain::{Invalid, doors::AskAgain};
use engine::Engine;
use http::{HeaderMap, StatusCode, header, request::Parts};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tower_sessions::Session;

/// Session key of the last form's result.
const KEY: &str = "form";
/// Session key of a form that waits for the password.
const ASKED: &str = "asked";
/// Maximum number of fields kept while the password is asked for.
const FIELDS: usize = 500;
/// A field whose name contains one of these holds a secret and is not kept.
const SECRETS: [&str; 4] = ["password", "secret", "token", "current"];
/// Maximum length of a kept value in bytes: the limit of a whole form, so that nothing typed is
/// lost.
const VALUE: usize = 64 << 10;

/// The result of a form, shown once on its page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The page that shows it: a path as in `domain::doors`.
    page: String,
    form: String,
    values: BTreeMap<String, String>,
    invalid: Invalid,
    /// Success message.
    done: Option<String>,
    /// The form waited for the password; nothing was done and it must be sent again.
    #[serde(default)]
    again: bool,
    /// Shown once and never stored, not even in the session.
    #[serde(skip)]
    secret: Option<String>,
}

impl Outcome {
    fn typed(values: &[(&str, &str)]) -> Self {
        let kept = values.iter().filter(|(_, value)| value.len() <= VALUE);
        let kept = kept.map(|&(name, value)| (without_zero(name), without_zero(value)));
        let values = kept.collect();
        Self { values, ..Self::default() }
    }

    /// Adds errors. Their messages may quote what was typed.
    fn wrong(mut self, mut invalid: Invalid) -> Self {
        invalid.fields.iter_mut().for_each(|error| error.message = without_zero(&error.message));
        self.invalid = invalid;
        self
    }

    pub(crate) fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// The first error of a field.
    pub(crate) fn error(&self, field: &str) -> Option<String> {
        self.invalid.of(field).map(str::to_owned)
    }

    pub(crate) fn errors(&self, field: &str) -> Vec<String> {
        let errors = self.invalid.fields.iter().filter(|error| error.field == field);
        errors.map(|error| error.message.clone()).collect()
    }

    /// This result if it belongs to the form, else an empty one.
    #[must_use]
    pub(crate) fn of(&self, form: &str) -> Self {
        if self.form == form { self.clone() } else { Self::default() }
    }

    /// Whether the form waited for the password and must be sent again.
    pub(crate) fn is_again(&self) -> bool {
        self.again
    }

    pub(crate) fn is_told(&self) -> bool {
        !self.form.is_empty()
    }

    /// Success message, if the form succeeded.
    pub(crate) fn done(&self) -> Option<&str> {
        self.done.as_deref()
    }

    /// A secret to show once: a new key, a link to hand over.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }
}

/// Postgres stores no zero bytes: one of them would lose the whole result.
fn without_zero(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The result of this page's last form, whichever it was.
pub(crate) fn last() -> Outcome {
    extension().unwrap_or_default()
}

/// The result of one form of this page; usually empty.
pub(crate) fn outcome(form: &str) -> Outcome {
    last().of(form)
}

/// Removes the result for the page of a door from the session, so that it is shown once.
///
/// # Errors
/// Returns the error of the session store if the session cannot be read or written.
pub async fn take(
    session: &Session,
    door: &str,
) -> Result<Option<Outcome>, tower_sessions::session::Error> {
    let outcome = session.get::<Outcome>(KEY).await?.filter(|outcome| outcome.page == door);
    if outcome.is_some() {
        session.remove_value(KEY).await?;
    }
    Ok(outcome)
}

/// Stores what was typed into a form that the guard held back until the password is confirmed.
/// Secrets are left out; multiple values of a field are joined with commas.
///
/// # Errors
/// Returns the error of the session store if the session cannot be written.
pub async fn keep_asked(
    session: &Session,
    ask: &AskAgain,
    body: &[u8],
) -> Result<(), tower_sessions::session::Error> {
    let values = typed_in(body);
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (&**n, &**v)).collect();
    Form { page: ask.path(), path: ask.page, name: ask.form }.wait(session, &values).await
}

fn typed_in(body: &[u8]) -> BTreeMap<String, String> {
    let mut values = BTreeMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(body).take(FIELDS) {
        if SECRETS.iter().any(|secret| name.contains(secret)) {
            continue;
        }
        match values.get_mut(name.trim_end_matches("[]")) {
            Some(several) => *several = format!("{several},{value}"),
            None => drop(values.insert(name.trim_end_matches("[]").to_owned(), value.into())),
        }
    }
    values
}

/// Moves a form that waited for the password to its page.
pub(crate) async fn release(session: &Session) -> Result<(), tower_sessions::session::Error> {
    if let Some(outcome) = session.remove::<Outcome>(ASKED).await? {
        session.insert(KEY, outcome).await?;
    }
    Ok(())
}

/// A slot for a result that must not be stored. The router answers the form with the page itself
/// instead of a redirect, so that a secret is in this one response and neither in the session nor
/// in a URL.
#[derive(Debug, Clone, Default)]
pub struct UnstoredResult(Arc<Mutex<Option<(String, Outcome)>>>);

impl UnstoredResult {
    /// The page's URL and the result, if a server function left one.
    pub fn take(&self) -> Option<(String, Outcome)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A form on a page, to answer it.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The page's path as in `domain::doors` (`/set-up/{token}`).
    pub page: &'a str,
    /// The URL to redirect to (`/set-up/1a2b…`).
    pub path: &'a str,
    /// Name of the form, unique on its page.
    pub name: &'a str,
}

impl<'a> Form<'a> {
    /// A form on a page without parameters in its path.
    pub(crate) fn on(page: &'a str, name: &'a str) -> Self {
        Self { page, path: page, name }
    }

    /// Sends the form back with what was typed and its errors. `values` must not contain secrets.
    pub(crate) async fn refuse(
        self,
        values: &[(&str, &str)],
        invalid: Invalid,
    ) -> Result<(), ServerFnError> {
        self.redirect_with(Outcome::typed(values).wrong(invalid)).await
    }

    /// Shows a success message on the form's page.
    pub(crate) async fn done(self, what: &str) -> Result<(), ServerFnError> {
        self.redirect_with(Outcome { done: Some(what.to_owned()), ..Outcome::default() }).await
    }

    /// Answers through [`UnstoredResult`] with the form's page, which shows a success message and,
    /// once, a secret. `values` say which of several things on the page the message is about.
    pub(crate) fn show(
        self,
        values: &[(&str, &str)],
        what: &str,
        secret: String,
    ) -> Result<(), ServerFnError> {
        let once = extension::<UnstoredResult>()
            .ok_or_else(|| failed(&std::io::Error::other("no place to show it")))?;
        let outcome =
            Outcome { done: Some(what.to_owned()), secret: Some(secret), ..Outcome::typed(values) };
        let mut slot = once.0.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((self.path.to_owned(), self.named(outcome)));
        Ok(())
    }

    /// Asks for the password, then returns to the form with what was typed.
    ///
    /// # Errors
    /// 403 for a client that does not read HTML; 500 if the session cannot be written.
    pub(crate) async fn ask_again(self, values: &[(&str, &str)]) -> Result<(), ServerFnError> {
        let parts = use_context::<Parts>();
        if !parts.is_some_and(|parts| reads_html(&parts.headers)) {
            answer_with(StatusCode::FORBIDDEN);
            return Err(ServerFnError::new("the password has to be given first"));
        }
        self.wait(&session()?, values).await.map_err(|error| failed(&error))?;
        redirect(&confirm_path(self.path))
    }

    async fn wait(
        self,
        session: &Session,
        values: &[(&str, &str)],
    ) -> Result<(), tower_sessions::session::Error> {
        let outcome = Outcome { again: true, ..Outcome::typed(values) };
        session.insert(ASKED, self.named(outcome)).await
    }

    /// As [`Form::done`], for one of several things on a page: `values` say which.
    pub(crate) async fn done_with(
        self,
        values: &[(&str, &str)],
        what: &str,
    ) -> Result<(), ServerFnError> {
        self.redirect_with(Outcome { done: Some(what.to_owned()), ..Outcome::typed(values) }).await
    }

    fn named(self, outcome: Outcome) -> Outcome {
        Outcome { page: self.page.to_owned(), form: without_zero(self.name), ..outcome }
    }

    /// Stores the errors of a form that a plain handler received, for its page to show.
    ///
    /// # Errors
    /// Returns the error of the session store if the session cannot be written.
    pub async fn keep(
        self,
        session: &Session,
        invalid: Invalid,
    ) -> Result<(), tower_sessions::session::Error> {
        session.insert(KEY, self.named(Outcome::default().wrong(invalid))).await
    }

    async fn redirect_with(self, outcome: Outcome) -> Result<(), ServerFnError> {
        session()?.insert(KEY, self.named(outcome)).await.map_err(|error| failed(&error))?;
        redirect(self.path)
    }
}

pub(crate) fn engine_of_request() -> Result<Engine, std::io::Error> {
    use_context::<Engine>().ok_or_else(|| std::io::Error::other("no engine in context"))
}

/// As [`engine_of_request`], for a server function.
pub(crate) fn engine() -> Result<Engine, ServerFnError> {
    engine_of_request().map_err(|error| failed(&error))
}

/// The request's session.
pub(crate) fn session() -> Result<Session, ServerFnError> {
    extension().ok_or_else(|| failed(&std::io::Error::other("the request has no session")))
}

/// Whether the client accepts HTML, as a browser does for pages and forms.
pub fn reads_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Answers 500 and logs the error; the response's `x-request-id` leads to the log line.
pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> ServerFnError {
    tracing::error!(error = store::with_sources(error), "a form failed");
    answer_with(StatusCode::INTERNAL_SERVER_ERROR);
    ServerFnError::new("something went wrong on the server")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_the_password_has_no_secret() {
        let body = b"name=a+b&scopes%5B%5D=read&scopes%5B%5D=admin&new_password=hunter2&secret=x";
        let typed = typed_in(body);
        let typed: Vec<_> = typed.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(typed, [("name", "a b"), ("scopes", "read,admin")]);
    }

    #[test]
    fn an_outcome_is_of_one_form() {
        let owner = Owner::new();
        owner.with(|| {
            let (mut parts, ()) = http::Request::new(()).into_parts();
            parts.extensions.insert(Outcome {
                form: "password".into(),
                values: [("email".to_owned(), "a@example.com".to_owned())].into(),
                invalid: Invalid::one("again", domain::Fault::Conflict, "They differ."),
                ..Outcome::default()
            });
            provide_context(parts);
            let mine = outcome("password");
            assert_eq!(mine.value("email"), "a@example.com");
            assert_eq!(mine.error("again").as_deref(), Some("They differ."));
            assert_eq!(outcome("other"), Outcome::default());
        });
    }
}
