//! The forms of notifications.

use super::{PATH, message_path, recipient_path};
use crate::form::{Form, engine, failed};
use crate::saving::{refuse, save};
use crate::who;
use domain::notify::{AlertKind, MessageState, NewRecipient, Reach, RecipientChange, Settings};
use domain::roles::Permission;
use domain::{Fault, Invalid};
use engine::notify::{Notifier, RecipientError};
use engine::settings::Seen;
use leptos::prelude::*;
use uuid::Uuid;

const STALE: &str =
    "Somebody else has changed this since; what holds now is shown. Nothing was saved.";

/// Adds a recipient. A webhook's secret is shown once, by the page.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-add")]
pub async fn add_recipient(
    /// `email` or `webhook`.
    #[server(default)]
    kind: String,
    /// Where.
    #[server(default)]
    address: String,
    /// Which alerts.
    #[server(default)]
    events: Vec<String>,
) -> Result<(), ServerFnError> {
    let form = Form::on(PATH, "add");
    let values = [("kind", &*kind), ("address", &*address), ("events", &*events.join(" "))];
    let new = match kind.parse::<Reach>() {
        Ok(kind) => NewRecipient { kind, address: address.clone(), events: Some(kinds(&events)) },
        Err(words) => {
            return form.refuse(&values, Invalid::one("kind", Fault::InvalidChoice, words)).await;
        }
    };
    match notifier()?.add(&who::by(), new).await {
        Ok((row, Some(_))) => Form::on(PATH, "secret").done(&row.id.to_string()).await,
        Ok((row, None)) => form.done(&format!("{} was added.", shown(&row))).await,
        Err(error) => form.refuse(&values, invalid(error)?).await,
    }
}

/// Changes which alerts a recipient gets.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-change")]
pub async fn change_recipient(
    /// The recipient.
    #[server(default)]
    id: String,
    /// Which alerts.
    #[server(default)]
    events: Vec<String>,
) -> Result<(), ServerFnError> {
    let change = RecipientChange { events: Some(kinds(&events)), paused: None };
    let opened = Opened::of(&id);
    match notifier()?.change(&who::by(), opened.id, change).await {
        Ok(row) => opened.done("change", &format!("{} was changed.", shown(&row))).await,
        Err(error) => {
            let values = [("events", &*events.join(" "))];
            opened.form("change").refuse(&values, invalid(error)?).await
        }
    }
}

/// Pauses a recipient, or resumes it.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-pause")]
pub async fn pause_recipient(
    /// The recipient.
    #[server(default)]
    id: String,
    /// `yes` pauses, all else resumes.
    #[server(default)]
    pause: String,
) -> Result<(), ServerFnError> {
    let pause = pause == "yes";
    let opened = Opened::of(&id);
    let change = RecipientChange { events: None, paused: Some(pause) };
    match notifier()?.change(&who::by(), opened.id, change).await {
        Ok(row) if pause => opened.done("change", &format!("{} is paused.", shown(&row))).await,
        Ok(row) => opened.done("change", &format!("{} gets alerts again.", shown(&row))).await,
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Sends a test message and tells what the other side said.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-test")]
pub async fn test_recipient(
    /// The recipient.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(&id);
    let (row, delivered) = match notifier()?.test(&who::by(), opened.id).await {
        Ok(done) => done,
        Err(error) => return opened.refuse("test", error).await,
    };
    let answer = delivered.answer;
    if delivered.state == MessageState::Sent {
        let words = format!("{} took the test message: {answer}", shown(&row));
        return opened.done("test", &words).await;
    }
    let words = format!("The test message did not arrive. {answer}");
    opened.refuse("test", Invalid::one("recipient", Fault::Conflict, words).into()).await
}

/// Gives a webhook another secret, which the page shows once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-secret")]
pub async fn rotate_secret(
    /// The recipient.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(&id);
    match notifier()?.rotate(&who::by(), opened.id).await {
        Ok((row, _)) => opened.done("secret", &row.id.to_string()).await,
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Removes a recipient.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "recipient-remove")]
pub async fn remove_recipient(
    /// The recipient.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    let opened = Opened::of(&id);
    match notifier()?.remove(&who::by(), opened.id).await {
        Ok(row) => Form::on(PATH, "change").done(&format!("{} was removed.", shown(&row))).await,
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Sends a message again.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "message-resend")]
pub async fn resend_message(
    /// The message.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    let id = id.parse().unwrap_or_default();
    let path = message_path(id);
    let form = Form { page: PATH, path: &path, name: "message" };
    match notifier()?.resend(&who::by(), id).await {
        Ok(()) => form.done("The message is on its way again.").await,
        Err(error) => form.refuse(&[], invalid(error)?).await,
    }
}

/// Says which kinds of alert are raised at all.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "notification-kinds")]
pub async fn save_kinds(
    /// The version of the settings that was seen.
    #[server(default)]
    version: String,
    /// The kinds that are on.
    #[server(default)]
    kinds: Vec<String>,
) -> Result<(), ServerFnError> {
    let form = Form::on(PATH, "kinds");
    let on = kinds;
    let new = Settings::of(&self::kinds(&on));
    match save(&engine()?, Seen::of_form(&version), &new).await {
        Ok(_) => form.done("The kinds of alert are saved.").await,
        Err(error) => refuse(form, &[("kinds", &on.join(","))], error, STALE).await,
    }
}

/// The recipient of a form, and the page with it opened. What is no id is nobody's.
struct Opened {
    id: Uuid,
    path: String,
}

impl Opened {
    fn of(id: &str) -> Self {
        let id = id.parse().unwrap_or_default();
        Self { id, path: recipient_path(id) }
    }

    fn form<'a>(&'a self, name: &'a str) -> Form<'a> {
        Form { page: PATH, path: &self.path, name }
    }

    async fn done(&self, form: &str, what: &str) -> Result<(), ServerFnError> {
        self.form(form).done(what).await
    }

    async fn refuse(&self, form: &str, error: RecipientError) -> Result<(), ServerFnError> {
        self.form(form).refuse(&[], invalid(error)?).await
    }
}

/// The kinds chosen; what is none of ours was not among the boxes.
fn kinds(words: &[String]) -> Vec<AlertKind> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

fn notifier() -> Result<Notifier, ServerFnError> {
    Ok(engine()?.notify)
}

fn invalid(error: RecipientError) -> Result<Invalid, ServerFnError> {
    match error {
        RecipientError::Invalid(invalid) => Ok(invalid),
        RecipientError::Missing => {
            Ok(Invalid::one("recipient", Fault::NotFound, "It no longer exists."))
        }
        RecipientError::Store(error) => Err(failed(&error)),
    }
}

/// Where a recipient is, as whoever sent the form may see it.
fn shown(row: &store::recipients::Row) -> String {
    domain::notify::shown_address(row.kind, &row.address, who::may(Permission::SetUp))
}
