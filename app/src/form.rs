//! Plain forms: a form is sent, answered with 303, and the page it leads to tells once what became
//! of it. A refused form comes back with its values, secrets left out, and its errors beside their
//! fields. The same with and without JavaScript.

use crate::accounts::confirm_path;
use crate::answer::{answer_with, see_other};
use domain::Invalid;
use domain::doors::AskAgain;
use engine::Engine;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tower_sessions::Session;

/// Where the session keeps what became of the last form.
const KEY: &str = "form";
/// Where the session keeps a form that waits for the password to be given again.
const ASKED: &str = "asked";
/// Most fields of a form that are kept while the password is asked for.
const FIELDS: usize = 500;
/// Parts of the names of fields that hold secrets: what is typed there is not kept.
const SECRETS: [&str; 4] = ["password", "secret", "token", "current"];
/// Most bytes of one value that is kept: as many as a form may have, so that nothing typed is lost.
const VALUE: usize = 64 << 10;

/// What became of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The page that tells it, as `domain::doors` writes its path.
    page: String,
    /// The form's name on that page.
    form: String,
    values: BTreeMap<String, String>,
    invalid: Invalid,
    /// What was done, if it was.
    done: Option<String>,
    /// Whether it waited for the password and is to be sent again.
    #[serde(default)]
    again: bool,
    /// What is shown this once and kept nowhere, so not in the session either.
    #[serde(skip)]
    secret: Option<String>,
}

impl Outcome {
    /// With what was typed.
    fn typed(values: &[(&str, &str)]) -> Self {
        let kept = values.iter().filter(|(_, value)| value.len() <= VALUE);
        let kept = kept.map(|&(name, value)| (name.to_owned(), without_zero(value)));
        let values = kept.collect();
        Self { values, ..Self::default() }
    }

    /// What was wrong; it may quote what was typed.
    fn wrong(mut self, mut invalid: Invalid) -> Self {
        invalid.fields.iter_mut().for_each(|error| error.message = without_zero(&error.message));
        self.invalid = invalid;
        self
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.invalid.of(field).map(str::to_owned)
    }

    /// Everything that is wrong with a field.
    pub fn errors(&self, field: &str) -> Vec<String> {
        let errors = self.invalid.fields.iter().filter(|error| error.field == field);
        errors.map(|error| error.message.clone()).collect()
    }

    /// The same, if it is of this form; nothing else.
    #[must_use]
    pub fn of(&self, form: &str) -> Self {
        if self.form == form { self.clone() } else { Self::default() }
    }

    /// Whether it waited for the password: nothing was done, and it is to be sent again.
    pub fn is_again(&self) -> bool {
        self.again
    }

    /// Whether there is anything to tell.
    pub fn is_told(&self) -> bool {
        !self.form.is_empty()
    }

    /// What was done.
    pub fn done(&self) -> Option<&str> {
        self.done.as_deref()
    }

    /// What is shown this once: a new key, a link to hand over.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }
}

/// Postgres keeps no zero bytes, and what it would refuse must not lose the rest.
fn without_zero(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// What became of the last form of this page, whichever it was; for pages with many forms.
pub fn last() -> Outcome {
    let parts = use_context::<Parts>();
    parts.and_then(|parts| parts.extensions.get::<Outcome>().cloned()).unwrap_or_default()
}

/// What became of a form of this page; nothing, most of the time.
pub fn outcome(form: &str) -> Outcome {
    last().of(form)
}

/// Takes out of the session what the page behind a door has to tell, so that it is told once.
///
/// # Errors
/// When the session cannot be read.
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

/// Keeps what was typed into a form that the guard did not let through, until the password is
/// given: secrets are left out, and fields of several values are joined with commas.
///
/// # Errors
/// When the session cannot be written.
pub async fn keep_asked(
    session: &Session,
    ask: &AskAgain,
    body: &[u8],
) -> Result<(), tower_sessions::session::Error> {
    let values = typed_in(body);
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (&**n, &**v)).collect();
    Form { page: ask.path(), path: ask.page, name: ask.form }.wait(session, &values).await
}

/// What was typed into a form, of its body.
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

/// Hands a form that waited for the password to its page.
///
/// # Errors
/// When the session cannot be read or written.
pub async fn release(session: &Session) -> Result<(), tower_sessions::session::Error> {
    if let Some(outcome) = session.remove::<Outcome>(ASKED).await? {
        session.insert(KEY, outcome).await?;
    }
    Ok(())
}

/// Where a server function leaves what its page shows once. The router finds it there and answers
/// the form with the page itself instead of leading there: what is shown is then in this one
/// answer and nowhere else, neither in the session nor in an address.
#[derive(Debug, Clone, Default)]
pub struct Once(Arc<Mutex<Option<(String, Outcome)>>>);

impl Once {
    /// The page's address and what it tells, if a server function left anything.
    pub fn take(&self) -> Option<(String, Outcome)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A form on a page.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The page as `domain::doors` writes its path (`/set-up/{token}`).
    pub page: &'a str,
    /// The page's address (`/set-up/1a2b…`).
    pub path: &'a str,
    /// The form's name on the page.
    pub name: &'a str,
}

impl<'a> Form<'a> {
    /// A form on a page whose address is its path.
    pub fn on(page: &'a str, name: &'a str) -> Self {
        Self { page, path: page, name }
    }

    /// Sends the form back with what was typed, without secrets, and what is wrong with it.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn refuse(
        self,
        values: &[(&str, &str)],
        invalid: Invalid,
    ) -> Result<(), ServerFnError> {
        self.tell(Outcome::typed(values).wrong(invalid)).await
    }

    /// Says on the form's page what was done.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn done(self, what: &str) -> Result<(), ServerFnError> {
        self.tell(Outcome { done: Some(what.to_owned()), ..Outcome::default() }).await
    }

    /// Answers with the form's page, which says what was done and shows a secret this once.
    ///
    /// # Errors
    /// When the router has no place for it.
    pub fn show(self, what: &str, secret: String) -> Result<(), ServerFnError> {
        self.show_with(&[], what, secret)
    }

    /// The same for one of several things on a page: `values` say which.
    ///
    /// # Errors
    /// See [`Form::show`].
    pub fn show_with(
        self,
        values: &[(&str, &str)],
        what: &str,
        secret: String,
    ) -> Result<(), ServerFnError> {
        let outcome =
            Outcome { done: Some(what.to_owned()), secret: Some(secret), ..Outcome::typed(values) };
        self.leave(outcome)
    }

    /// Asks for the password first, and then leads back to the form with what was typed. A program
    /// gets 403.
    ///
    /// # Errors
    /// For a program, and when the session cannot be written.
    pub async fn ask_again(self, values: &[(&str, &str)]) -> Result<(), ServerFnError> {
        let parts = use_context::<Parts>();
        if !parts.is_some_and(|parts| reads_html(&parts.headers)) {
            answer_with(StatusCode::FORBIDDEN);
            return Err(ServerFnError::new("the password has to be given first"));
        }
        self.wait(&session()?, values).await.map_err(|error| failed(&error))?;
        see_other(&confirm_path(self.path));
        Ok(())
    }

    async fn wait(
        self,
        session: &Session,
        values: &[(&str, &str)],
    ) -> Result<(), tower_sessions::session::Error> {
        let (page, form) = (self.page.to_owned(), self.name.to_owned());
        let outcome = Outcome { page, form, again: true, ..Outcome::typed(values) };
        session.insert(ASKED, outcome).await
    }

    /// Says what was done to one of several things on a page: `values` say which.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn done_with(self, values: &[(&str, &str)], what: &str) -> Result<(), ServerFnError> {
        self.tell(Outcome { done: Some(what.to_owned()), ..Outcome::typed(values) }).await
    }

    /// Leaves an outcome for the router to show.
    fn leave(self, outcome: Outcome) -> Result<(), ServerFnError> {
        let once = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Once>().cloned());
        let once = once.ok_or_else(|| failed(&std::io::Error::other("no place to show it")))?;
        let outcome = Outcome { page: self.page.to_owned(), form: self.name.to_owned(), ..outcome };
        let mut slot = once.0.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((self.path.to_owned(), outcome));
        Ok(())
    }

    /// Keeps what is wrong with a form that a plain handler took, for its page to tell.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(
        self,
        session: &Session,
        invalid: Invalid,
    ) -> Result<(), tower_sessions::session::Error> {
        let (page, form) = (self.page.to_owned(), self.name.to_owned());
        let outcome = Outcome { page, form, ..Outcome::default() };
        session.insert(KEY, outcome.wrong(invalid)).await
    }

    async fn tell(self, outcome: Outcome) -> Result<(), ServerFnError> {
        let session = session()?;
        let outcome = Outcome { page: self.page.to_owned(), form: self.name.to_owned(), ..outcome };
        session.insert(KEY, outcome).await.map_err(|error| failed(&error))?;
        see_other(self.path);
        Ok(())
    }
}

/// What all pages and forms work with.
///
/// # Errors
/// When the router gives none.
pub(crate) fn engine_of_request() -> Result<Engine, std::io::Error> {
    use_context::<Engine>().ok_or_else(|| std::io::Error::other("no engine in context"))
}

/// The same, for a server function.
///
/// # Errors
/// When the router gives none.
pub fn engine() -> Result<Engine, ServerFnError> {
    engine_of_request().map_err(|error| failed(&error))
}

/// The request's session.
///
/// # Errors
/// When the router has no session layer.
pub fn session() -> Result<Session, ServerFnError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Session>().cloned())
        .ok_or_else(|| failed(&std::io::Error::other("the request has no session")))
}

/// Whether who sent a request reads HTML: a browser that goes to a page or sends a form.
pub fn reads_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Answers 500 and logs why; the answer's reference (`x-request-id`) leads to the log's line.
pub fn failed(error: &(dyn std::error::Error + 'static)) -> ServerFnError {
    tracing::error!(error = store::whole(error), "a form failed");
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
