//! Recipients of alerts: added, changed, removed, tested.

use super::outbox::{Delivered, recipient_text};
use super::{Audience, Notifier, plain_alert, raise_to, seal};
use chrono::TimeDelta;
use domain::audit::{Activity, By, Change};
use domain::notify::{
    Address, AlertKind, MessageState, NewRecipient, Reach, RecipientChange, SigningSecret,
    read_stop_token,
};
use domain::{Fault, Invalid};
use serde_json::{Value, json};
use std::net::IpAddr;
use store::Write;
use store::outbox::Claimed;
use store::recipients::Row;
use uuid::Uuid;

/// How long the previous secret continues to sign after a rotation.
const ROTATION: TimeDelta = TimeDelta::hours(24);
/// How long a test message is reserved for its sender.
const TEST_LEASE: TimeDelta = TimeDelta::seconds(90);

/// Why a change of recipients failed.
#[derive(Debug, thiserror::Error)]
pub enum RecipientError {
    /// The input is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No recipient or message has this id.
    #[error("there is no such recipient or message")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Notifier {
    /// Adds a recipient. A webhook's new secret is returned; later only [`Self::secret_of`] shows
    /// it.
    ///
    /// # Errors
    /// [`RecipientError::Invalid`] in field `address` if it is not valid, is taken, or is a webhook
    /// that may not be reached; in `events` if there are none.
    pub async fn add(
        &self,
        by: &By,
        new: NewRecipient,
    ) -> Result<(Row, Option<SigningSecret>), RecipientError> {
        let address = Address::parse(new.kind, &new.address)?;
        let events = chosen(new.events.unwrap_or_else(|| AlertKind::ALL.to_vec()))?;
        let id = store::random::uuid();
        let mut secret = None;
        if let Address::Webhook(url) = &address {
            let checked = self.outgoing.check(url).await;
            checked.map_err(|words| Invalid::one("address", Fault::InvalidValue, words))?;
            secret = Some(SigningSecret::new(store::random::bytes()));
        }
        let sealed = secret.as_ref().map(|secret| self.sealed(id, secret)).transpose()?;
        let mut write = self.db.write(by).await?;
        let row = Row {
            id,
            kind: new.kind,
            address: address.as_str().to_owned(),
            events,
            paused: false,
            created: write.now(),
            created_by: by.actor.to_string(),
            secret: sealed,
            old_secret: None,
            old_secret_until: None,
            greeted: false,
            stopped: None,
            removed: None,
            account: None,
        };
        if !store::recipients::insert(&mut write, &row).await? {
            let words = format!("{} is a recipient already.", row.address);
            return Err(Invalid::one("address", Fault::Duplicate, words).into());
        }
        raise_alert(&mut write, &row, "added").await?;
        let change = Change::new(Activity::RecipientAdded, &row.address);
        write.commit(change.after(document(&row))).await?;
        Ok((row, secret))
    }

    /// Changes which alerts a recipient gets; pauses or resumes it. A recipient that stopped its
    /// own messages is told again who added it.
    ///
    /// # Errors
    /// [`RecipientError::Invalid`] in field `events` if there are none;
    /// [`RecipientError::Missing`].
    pub async fn change(
        &self,
        by: &By,
        id: Uuid,
        change: RecipientChange,
    ) -> Result<Row, RecipientError> {
        let events = change.events.map(chosen).transpose()?;
        let mut write = self.db.write(by).await?;
        let before = locked(&mut write, id).await?;
        let mut row = before.clone();
        row.events = events.unwrap_or(row.events);
        match change.paused {
            Some(true) => row.paused = true,
            Some(false) => {
                row.greeted &= row.stopped.is_none();
                (row.paused, row.stopped) = (false, None);
            }
            None => {}
        }
        if row == before {
            return Ok(row);
        }
        store::recipients::update(&mut write, &row, None).await?;
        raise_alert(&mut write, &row, "changed").await?;
        if row.paused && !before.paused {
            store::outbox::give_up(&mut write, id, "Not sent: the recipient was paused.").await?;
        }
        let entry = Change::new(Activity::RecipientChanged, &row.address);
        write.commit(entry.before(document(&before)).after(document(&row))).await?;
        Ok(row)
    }

    /// Removes a recipient and gives up its waiting messages.
    ///
    /// # Errors
    /// [`RecipientError::Missing`] if there is no such recipient.
    pub async fn remove(&self, by: &By, id: Uuid) -> Result<Row, RecipientError> {
        let mut write = self.db.write(by).await?;
        let mut row = locked(&mut write, id).await?;
        let before = document(&row);
        row.removed = Some(write.now());
        (row.secret, row.old_secret, row.old_secret_until) = (None, None, None);
        let removed_by = by.actor.to_string();
        store::recipients::update(&mut write, &row, Some(&removed_by)).await?;
        raise_alert(&mut write, &row, "removed").await?;
        store::outbox::give_up(&mut write, id, "Not sent: the recipient was removed.").await?;
        let entry = Change::new(Activity::RecipientRemoved, &row.address);
        write.commit(entry.before(before)).await?;
        Ok(row)
    }

    /// Gives a webhook a new secret; the previous one continues to sign for a day.
    ///
    /// # Errors
    /// [`RecipientError::Invalid`] in field `kind` if it is not a webhook;
    /// [`RecipientError::Missing`].
    pub async fn rotate(&self, by: &By, id: Uuid) -> Result<(Row, SigningSecret), RecipientError> {
        let mut write = self.db.write(by).await?;
        let mut row = locked(&mut write, id).await?;
        if row.kind != Reach::Webhook {
            let words = "Only webhooks have a secret.";
            return Err(Invalid::one("kind", Fault::Conflict, words).into());
        }
        let secret = SigningSecret::new(store::random::bytes());
        row.old_secret = row.secret.replace(self.sealed(id, &secret)?);
        row.old_secret_until = Some(write.now() + ROTATION);
        store::recipients::update(&mut write, &row, None).await?;
        raise_alert(&mut write, &row, "gave a new secret to").await?;
        write.commit(Change::new(Activity::SecretRotated, &row.address)).await?;
        Ok((row, secret))
    }

    /// A webhook's current secret, for the page that shows it once.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn secret_of(&self, id: Uuid) -> Result<Option<SigningSecret>, store::Error> {
        let row = store::recipients::by_id(self.db.read(), id).await?;
        Ok(row.and_then(|row| self.open(id, row.secret.as_deref()?)))
    }

    /// Sends a test message once, now, and waits for the answer.
    ///
    /// # Errors
    /// [`RecipientError::Invalid`] in field `recipient` if it stopped its messages;
    /// [`RecipientError::Missing`].
    pub async fn test(&self, by: &By, id: Uuid) -> Result<(Row, Delivered), RecipientError> {
        let mut write = self.db.write(by).await?;
        let row = locked(&mut write, id).await?;
        if row.stopped.is_some() {
            let words =
                "The recipient stopped its messages with the link in them. Resume it first.";
            return Err(Invalid::one("recipient", Fault::Conflict, words).into());
        }
        let now = write.now();
        let line =
            format!("{} sent this message to test delivery to {}.", by.actor, recipient_text(&row));
        let message = Claimed {
            id: store::random::uuid(),
            recipient: id,
            alert: domain::notify::TEST.to_owned(),
            created: now,
            since: now,
            count: 1,
            users: Vec::new(),
            payload: json!({ "line": domain::notify::one_line(&line, 500), "path": "/notifications" }),
            attempt: 1,
            failed: 0,
        };
        let lease = now + TEST_LEASE;
        store::outbox::put_test(write.conn(), message.id, id, now, lease, &message.payload).await?;
        write.commit(Change::new(Activity::TestSent, &row.address)).await?;
        let delivered = self.deliver(message).await?;
        Ok((row, delivered))
    }

    /// Sends a message again that was sent, kept or given up.
    ///
    /// # Errors
    /// [`RecipientError::Invalid`] in field `message` if it is already waiting, or its recipient
    /// gets none; [`RecipientError::Missing`].
    pub async fn resend(&self, by: &By, message: Uuid) -> Result<(), RecipientError> {
        let mut write = self.db.write(by).await?;
        let found = store::outbox::by_id(&mut *write.conn(), message).await?;
        let found = found.ok_or(RecipientError::Missing)?;
        let refuse = |words: &str| Invalid::one("message", Fault::Conflict, words);
        let recipient = store::recipients::lock(write.conn(), found.recipient).await?;
        let recipient = recipient.ok_or_else(|| refuse("Its recipient was removed."))?;
        if recipient.stopped.is_some() {
            return Err(
                refuse("Its recipient stopped messages by their link. Resume it first.").into()
            );
        }
        if recipient.paused {
            return Err(refuse("Its recipient is paused. Resume it first.").into());
        }
        let now = write.now();
        if found.state == MessageState::Waiting
            || !store::outbox::resend(&mut write, message, now).await?
        {
            return Err(refuse("It is already waiting to be sent.").into());
        }
        let entry = Change::new(Activity::MessageResent, &found.address);
        write.commit(entry.after(json!({ "message": message }))).await?;
        Ok(())
    }

    /// The recipient of a stop link, if the link is genuine and the recipient exists.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn of_stop_link(&self, token: &str) -> Result<Option<Row>, store::Error> {
        let Some(id) = read_stop_token(&self.db.secret.link_key(), token) else { return Ok(None) };
        let row = store::recipients::by_id(self.db.read(), id).await?;
        Ok(row.filter(|row| row.removed.is_none() && row.account.is_none()))
    }

    /// Stops a recipient's messages through its stop link; a second call changes nothing. `false`
    /// if the link is not genuine or the recipient was removed.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn stop(&self, token: &str, from: IpAddr) -> Result<bool, store::Error> {
        let Some(id) = read_stop_token(&self.db.secret.link_key(), token) else {
            return Ok(false);
        };
        let mut write = self.db.write(&By::unknown(from)).await?;
        let row = store::recipients::lock(write.conn(), id).await?;
        let Some(mut row) = row.filter(|row| row.account.is_none()) else {
            return Ok(false);
        };
        if row.stopped.is_some() {
            return Ok(true);
        }
        row.stopped = Some(write.now());
        store::recipients::update(&mut write, &row, None).await?;
        let line = format!("{} stopped its messages with the link in them.", recipient_text(&row));
        raise_change(&mut write, line, id).await?;
        let why = "Not sent: the recipient stopped its messages.";
        store::outbox::give_up(&mut write, id, why).await?;
        write.commit(Change::new(Activity::RecipientStopped, &row.address)).await?;
        Ok(true)
    }

    fn sealed(&self, id: Uuid, secret: &SigningSecret) -> Result<Vec<u8>, store::Error> {
        let what = "a secret could not be sealed".to_owned();
        seal::seal(&self.db.secret.seal_key(), id.as_bytes(), secret.bytes())
            .ok_or(store::Error::Corrupt { table: "recipient", what })
    }
}

async fn locked(write: &mut Write, id: Uuid) -> Result<Row, RecipientError> {
    let row = store::recipients::lock(write.conn(), id).await?;
    // Nobody can change an admin's own entry.
    row.filter(|row| row.account.is_none()).ok_or(RecipientError::Missing)
}

/// The chosen alerts, sorted and without duplicates.
fn chosen(events: Vec<AlertKind>) -> Result<Vec<AlertKind>, Invalid> {
    let all = AlertKind::ALL.iter().copied();
    let events: Vec<_> = all.filter(|kind| events.contains(kind)).collect();
    if events.is_empty() {
        let words = "Choose at least 1 kind of alert, or pause the recipient.";
        return Err(Invalid::one("events", Fault::Required, words));
    }
    Ok(events)
}

/// Raises an alert for the other recipients and every admin, so that a recipient cannot be removed
/// unnoticed.
async fn raise_alert(write: &mut Write, row: &Row, did: &str) -> Result<(), store::Error> {
    let line = format!("{} {did} the recipient {}.", write.by().actor, recipient_text(row));
    raise_change(write, line, row.id).await
}

async fn raise_change(write: &mut Write, line: String, except: Uuid) -> Result<(), store::Error> {
    let alert = plain_alert(AlertKind::SetUpChange, line, "/notifications");
    let now = write.now();
    raise_to(write.conn(), now, &alert, Audience { except: Some(except), admins: true }).await
}

/// A recipient in the audit log, without its secret.
fn document(row: &Row) -> Value {
    json!({
        "kind": row.kind,
        "address": row.address,
        "events": row.events,
        "paused": row.paused,
    })
}
