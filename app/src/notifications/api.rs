//! The forms of notifications.

use super::{PATH, message_path, recipient_path};
use crate::form::{Form, engine, failed};
use crate::saving::{refuse, save};
use crate::who;
use domain::notify::{AlertKind, MessageState, NewRecipient, Reach, RecipientChange, Settings};
use domain::{Fault, Invalid, roles::Permission};
use engine::notify::{Notifier, RecipientError};
use engine::settings::ExpectedVersion;
use leptos::prelude::*;
use uuid::Uuid;

const STALE: &str =
    "Somebody else changed this in the meantime. The current state is shown; nothing was saved.";

/// Adds a recipient. The page shows a webhook's secret once.
#[server(prefix = "/_fn", endpoint = "recipient-add")]
async fn add_recipient(
    /// `email` or `webhook`.
    #[server(default)]
    kind: String,
    #[server(default)] address: String,
    #[server(default)] events: Vec<String>,
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
        Ok((row, None)) => form.done(&format!("{} was added.", address_text(&row))).await,
        Err(error) => form.refuse(&values, invalid(error)?).await,
    }
}

/// Changes which alerts a recipient gets.
#[server(prefix = "/_fn", endpoint = "recipient-change")]
async fn change_recipient(
    #[server(default)] id: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), ServerFnError> {
    let change = RecipientChange { events: Some(kinds(&events)), paused: None };
    let opened = RecipientForm::of(&id);
    match notifier()?.change(&who::by(), opened.id, change).await {
        Ok(row) => opened.done("change", &format!("{} was changed.", address_text(&row))).await,
        Err(error) => {
            let values = [("events", &*events.join(" "))];
            opened.form("change").refuse(&values, invalid(error)?).await
        }
    }
}

/// Pauses a recipient, or resumes it.
#[server(prefix = "/_fn", endpoint = "recipient-pause")]
async fn pause_recipient(
    #[server(default)] id: String,
    /// `yes` pauses, anything else resumes.
    #[server(default)]
    pause: String,
) -> Result<(), ServerFnError> {
    let pause = pause == "yes";
    let opened = RecipientForm::of(&id);
    let change = RecipientChange { events: None, paused: Some(pause) };
    let words = if pause { "is paused" } else { "gets alerts again" };
    match notifier()?.change(&who::by(), opened.id, change).await {
        Ok(row) => opened.done("change", &format!("{} {words}.", address_text(&row))).await,
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Sends a test message and shows the answer of the other side.
#[server(prefix = "/_fn", endpoint = "recipient-test")]
async fn test_recipient(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let opened = RecipientForm::of(&id);
    let (row, delivered) = match notifier()?.test(&who::by(), opened.id).await {
        Ok(done) => done,
        Err(error) => return opened.refuse("test", error).await,
    };
    let answer = delivered.answer;
    if delivered.state == MessageState::Sent {
        let words = format!("{} accepted the test message: {answer}", address_text(&row));
        return opened.done("test", &words).await;
    }
    let words = format!("The test message did not arrive. {answer}");
    opened.refuse("test", Invalid::one("recipient", Fault::Conflict, words).into()).await
}

/// Rotates a webhook's secret, which the page shows once.
#[server(prefix = "/_fn", endpoint = "recipient-secret")]
async fn rotate_secret(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let opened = RecipientForm::of(&id);
    match notifier()?.rotate(&who::by(), opened.id).await {
        Ok((row, _)) => opened.done("secret", &row.id.to_string()).await,
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Removes a recipient.
#[server(prefix = "/_fn", endpoint = "recipient-remove")]
async fn remove_recipient(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let opened = RecipientForm::of(&id);
    match notifier()?.remove(&who::by(), opened.id).await {
        Ok(row) => {
            Form::on(PATH, "change").done(&format!("{} was removed.", address_text(&row))).await
        }
        Err(error) => opened.refuse("change", error).await,
    }
}

/// Sends a message again.
#[server(prefix = "/_fn", endpoint = "message-resend")]
async fn resend_message(#[server(default)] id: String) -> Result<(), ServerFnError> {
    let id = id.parse().unwrap_or_default();
    let path = message_path(id);
    let form = Form { page: PATH, path: &path, name: "message" };
    match notifier()?.resend(&who::by(), id).await {
        Ok(()) => form.done("The message is being sent again.").await,
        Err(error) => form.refuse(&[], invalid(error)?).await,
    }
}

/// Chooses which kinds of alert are raised at all.
#[server(prefix = "/_fn", endpoint = "notification-kinds")]
async fn save_kinds(
    #[server(default)] version: String,
    #[server(default)] kinds: Vec<String>,
) -> Result<(), ServerFnError> {
    let form = Form::on(PATH, "kinds");
    let on = kinds;
    let new = Settings::of(&self::kinds(&on));
    match save(&engine()?, ExpectedVersion::of_form(&version), &new).await {
        Ok(_) => form.done("Kinds of alerts saved.").await,
        Err(error) => refuse(form, &[("kinds", &on.join(","))], error, STALE).await,
    }
}

/// The recipient that a form is about; nil for an invalid id, which no recipient has.
struct RecipientForm {
    id: Uuid,
    path: String,
}

impl RecipientForm {
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

/// The kinds chosen; other words are ignored, since the page has no boxes for them.
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

/// A recipient's address as the account may see it.
fn address_text(row: &store::recipients::Row) -> String {
    domain::notify::shown_address(row.kind, &row.address, who::may(Permission::SetUp))
}
