//! The worker: claims a message, sends it, records the answer.

use super::email;
use super::{Audience, Notifier, plain_alert, raise_to};
use crate::Error;
use crate::work::Progress;
use chrono::TimeDelta;
use domain::notify::{
    Alert, AlertKind, Greeting, MessageContent, MessageState, Reach, WebhookUrl, payload, retry_at,
    signature_header, stop_token,
};
use serde_json::Value;
use std::time::Duration;
use store::outbox::{Claimed, Outcome};
use store::recipients::Row;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a worker holds a claimed message; longer than sending can take.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// Most messages of one kind (mail or webhook) being sent at once.
const LANES: usize = 4;
/// How often the outbox is checked without a notification.
const LOOK: Duration = Duration::from_millis(200);
/// How long to wait if the store does not answer.
const REST: Duration = Duration::from_secs(2);
/// Answer recorded if there is no mail server.
const NO_SERVER: &str = "No mail server is set up (smtp_url), so this mail was not sent: it is kept here to \
                         read, and can be resent.";

impl Notifier {
    /// Sends at most one due mail and one due webhook call.
    ///
    /// # Errors
    /// If the store fails; a message that was sent meanwhile is sent again when the lease is over.
    pub async fn step(&self) -> Result<Progress, Error> {
        let (mail, hook) = tokio::join!(self.step_of(Reach::Email), self.step_of(Reach::Webhook));
        Ok(Progress::of(mail? | hook?))
    }

    /// Sends at most one due message of a kind; returns whether there was one.
    async fn step_of(&self, reach: Reach) -> Result<bool, store::Error> {
        let Some(message) = self.claim(reach).await? else { return Ok(false) };
        self.deliver(message).await?;
        Ok(true)
    }

    async fn claim(&self, reach: Reach) -> Result<Option<Claimed>, store::Error> {
        let now = self.db.clock.now();
        store::outbox::claim(self.db.facts(), reach, now, now + LEASE).await
    }

    /// Sends due messages until the token is cancelled: after each commit of this process, and
    /// every fifth of a second for commits of others.
    pub async fn work(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.lanes(Reach::Email) => {}
            () = self.lanes(Reach::Webhook) => {}
        }
    }

    /// Sends up to [`LANES`] messages at once, so that a slow one does not delay the next.
    async fn lanes(&self, reach: Reach) {
        let mut open = JoinSet::new();
        let mut changes = self.db.next_change();
        loop {
            let mut pause = LOOK;
            while open.len() < LANES {
                match self.claim(reach).await {
                    Ok(Some(message)) => {
                        let notifier = self.clone();
                        open.spawn(async move { notifier.deliver(message).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(
                            error = store::with_sources(&error),
                            "the outbox cannot be read; going on trying"
                        );
                        pause = REST;
                        break;
                    }
                }
            }
            tokio::select! {
                // Any commit may have raised a message.
                _ = changes.changed() => {}
                () = tokio::time::sleep(pause) => {}
                Some(done) = open.join_next(), if !open.is_empty() => {
                    if let Ok(Err(error)) = done {
                        tracing::warn!(error = store::with_sources(&error), "a delivery could not be recorded; it is tried again");
                    }
                }
            }
        }
    }

    /// Sends a claimed message and records the result.
    pub(super) async fn deliver(&self, message: Claimed) -> Result<Delivered, store::Error> {
        let recipient = store::recipients::by_id(self.db.read(), message.recipient).await?;
        let missing = || store::Error::Corrupt { table: "outbox", what: "no recipient".to_owned() };
        let recipient = recipient.ok_or_else(missing)?;
        let sent = match recipient.kind {
            Reach::Email => self.by_mail(&message, &recipient).await,
            Reach::Webhook => self.by_webhook(&message, &recipient).await,
        };
        let now = self.db.clock.now();
        let failed = u32::try_from(message.failed).unwrap_or(u32::MAX).saturating_add(1);
        let retry = message.alert.parse::<AlertKind>().ok();
        let retry = retry.and_then(|_| retry_at(message.since, failed, now));
        let (state, ok, answer) = match sent.result {
            Ok(answer) => (MessageState::Sent, true, answer),
            Err(Failed::NoServer) => (MessageState::Kept, false, NO_SERVER.to_owned()),
            Err(Failed::Said(words)) if retry.is_some() => (MessageState::Waiting, false, words),
            Err(Failed::Said(words)) => (MessageState::Failed, false, words),
        };
        let due = retry.filter(|_| state == MessageState::Waiting);
        let Sent { subject, body, .. } = sent;
        let outcome = Outcome { state, ok, answer, due, subject, body };
        self.record(&message, &recipient, &outcome).await?;
        Ok(Delivered { state, answer: outcome.answer })
    }

    async fn record(
        &self,
        message: &Claimed,
        recipient: &Row,
        outcome: &Outcome,
    ) -> Result<(), store::Error> {
        let now = self.db.clock.now();
        let mut tx = self.db.begin().await?;
        // Locks the recipient before its message, in the same order as changes of recipients.
        if outcome.ok && !recipient.greeted {
            store::recipients::greeted(&mut tx, recipient.id).await?;
        }
        let stands =
            store::outbox::record(&mut tx, message.id, message.attempt, now, outcome).await?;
        let given_up = stands && outcome.state == MessageState::Failed;
        if given_up && let Some(alert) = trouble(message, recipient, &outcome.answer) {
            let others = Audience { except: Some(recipient.id), admins: false };
            raise_to(&mut tx, now, &alert, others).await?;
        }
        tx.commit().await?;
        if !outcome.ok {
            let (id, answer) = (message.id, &outcome.answer);
            tracing::warn!(message = %id, attempt = message.attempt, answer, "a message was not taken");
        }
        Ok(())
    }

    async fn by_mail(&self, message: &Claimed, recipient: &Row) -> Sent {
        let token = stop_token(&self.db.secret.link_key(), recipient.id);
        // Admins are always notified, so their mails have no stop link.
        let stop = recipient.account.is_none().then(|| format!("/stop/{token}"));
        let greeting = (!recipient.greeted)
            .then(|| Greeting { by: recipient.created_by.clone(), at: recipient.created });
        let links = &self.links;
        let mail =
            letter_of(message).mail(&recipient.address, links, greeting.as_ref(), stop.as_deref());
        let stop = stop.filter(|_| links.are_whole()).map(|stop| links.to(&stop));
        let result = match &self.mailer {
            None => Err(Failed::NoServer),
            Some(mailer) => {
                let outgoing = email::Outgoing {
                    to: &recipient.address,
                    id: message.id,
                    mail: &mail,
                    stop: stop.as_deref(),
                    now: self.db.clock.now(),
                };
                mailer.send(outgoing).await.map_err(Failed::Said)
            }
        };
        // Readers of the log must not get the recipient's stop link.
        let body = mail.text.replace(&token, "…");
        Sent { result, subject: mail.subject, body }
    }

    async fn by_webhook(&self, message: &Claimed, recipient: &Row) -> Sent {
        let letter = letter_of(message);
        let body = payload(&letter, message.created, &self.links.to(&letter.path));
        let result = self.post(message, recipient, &body).await.map_err(Failed::Said);
        Sent { result, subject: letter.subject(), body }
    }

    async fn post(&self, message: &Claimed, recipient: &Row, body: &str) -> Result<String, String> {
        let url = WebhookUrl::parse(&recipient.address).map_err(|invalid| invalid.to_string())?;
        let now = self.db.clock.now();
        let secrets = self.signing_secrets(recipient, now);
        if secrets.is_empty() {
            let words = "This webhook's secret cannot be decrypted: it was encrypted under \
                         another secret of this server. Create a new one.";
            return Err(words.to_owned());
        }
        let id = format!("msg_{}", message.id.simple());
        let headers = [
            ("webhook-signature", signature_header(&secrets, &id, now.timestamp(), body)),
            ("webhook-timestamp", now.timestamp().to_string()),
            ("webhook-id", id),
        ];
        self.outgoing.post(&url, &headers, body.to_owned()).await
    }
}

/// Result of a delivery, for a caller that waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The message's new state.
    pub state: MessageState,
    /// Answer of the mail server or webhook.
    pub answer: String,
}

/// The alert for other recipients about a message that was given up. None if that message was such
/// an alert itself, so that two failing recipients do not report each other forever.
fn trouble(message: &Claimed, recipient: &Row, answer: &str) -> Option<Alert> {
    let kind = message.alert.parse::<AlertKind>().ok()?;
    if kind == AlertKind::DeliveryTrouble {
        return None;
    }
    let whom = recipient_text(recipient);
    let line = format!(
        "A message to {whom} could not be delivered for {} hours and was given up: {answer}",
        domain::notify::GIVE_UP_HOURS
    );
    let path = format!("/notifications?message={}", message.id);
    Some(plain_alert(AlertKind::DeliveryTrouble, line, path))
}

/// A recipient as named in messages to others: for a webhook only the host, because the rest of its
/// address may be a secret.
pub(super) fn recipient_text(recipient: &Row) -> String {
    match recipient.kind {
        Reach::Email => recipient.address.clone(),
        Reach::Webhook => match WebhookUrl::parse(&recipient.address) {
            Ok(url) => format!("the webhook at {}", url.host()),
            Err(_) => "a webhook".to_owned(),
        },
    }
}

enum Failed {
    NoServer,
    /// Answer of the mail server or webhook.
    Said(String),
}

struct Sent {
    result: Result<String, Failed>,
    subject: String,
    body: String,
}

/// The current content of a message, which may have collected further alerts since the first.
pub fn letter(alert: &str, count: i64, users: &[String], payload: &Value) -> MessageContent {
    let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    MessageContent {
        about: alert.parse().ok(),
        count: u64::try_from(count).unwrap_or(0),
        users: users.to_vec(),
        line: text("line"),
        path: text("path"),
    }
}

fn letter_of(message: &Claimed) -> MessageContent {
    letter(&message.alert, message.count, &message.users, &message.payload)
}
