//! The delivery log.

use crate::After;
use crate::Result;
use crate::parsed::{parsed, read_all, read_one};
use chrono::{DateTime, Utc};
use domain::notify::{MessageState, Reach};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgExecutor, Row as _};
use uuid::Uuid;

/// A message in the delivery log.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Orders messages of the same time.
    pub id: Uuid,
    /// Id of the recipient.
    pub recipient: Uuid,
    /// How the recipient is reached.
    pub reach: Reach,
    /// E-mail address or URL of the recipient.
    pub address: String,
    /// Whether the recipient was removed since.
    pub removed: bool,
    /// Kind of the alert, or `test`.
    pub alert: String,
    /// Time of creation.
    pub created: DateTime<Utc>,
    /// Time of the next delivery attempt.
    pub due: DateTime<Utc>,
    /// Waiting, sent, kept or failed.
    pub state: MessageState,
    /// Number of delivery attempts.
    pub attempts: i32,
    /// Number of alerts it reports.
    pub count: i64,
    /// Up to 20 user names from the alerts.
    pub users: Vec<String>,
    /// The first alert, as JSON.
    pub payload: Value,
    /// When the receiving server accepted it.
    pub sent: Option<DateTime<Utc>>,
    /// Last answer of the receiving server.
    pub answer: Option<String>,
    /// Subject as sent.
    pub subject: Option<String>,
    /// Body as sent.
    pub body: Option<String>,
}

fn read(row: &PgRow) -> Result<Message> {
    Ok(Message {
        id: row.try_get("id")?,
        recipient: row.try_get("recipient")?,
        reach: parsed("outbox", row.try_get("kind")?)?,
        address: row.try_get("address")?,
        removed: row.try_get("removed")?,
        alert: row.try_get("alert")?,
        created: row.try_get("created")?,
        due: row.try_get("due")?,
        state: parsed("outbox", row.try_get("state")?)?,
        attempts: row.try_get("attempts")?,
        count: row.try_get("count")?,
        users: row.try_get("users")?,
        payload: row.try_get("payload")?,
        sent: row.try_get("sent")?,
        answer: row.try_get("answer")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
    })
}

/// Conditions of a page of messages; none means any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Id of a recipient.
    pub recipient: Option<Uuid>,
    /// State of the message.
    pub state: Option<MessageState>,
}

/// Selects the columns that [`read`] needs.
macro_rules! messages {
    () => {
        "select outbox.id, recipient, kind, address, removed is not null as removed, alert,
            outbox.created, due, state, attempts, count, users, payload, sent, answer, subject,
            body
         from outbox join recipient on recipient.id = outbox.recipient "
    };
}

/// Messages that match, newest first, after a position if one is given.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Message>> {
    let query = sqlx::query(concat!(
        messages!(),
        "where ($1::uuid is null or recipient = $1)
           and ($2::text is null or state = $2)
           and ($3::timestamptz is null or outbox.created < $3
                or (outbox.created = $3 and outbox.id > $4))
         order by outbox.created desc, outbox.id limit $5"
    ))
    .persistent(false)
    .bind(filter.recipient)
    .bind(filter.state.map(MessageState::as_str));
    read_all(db, After::bind(after, query, limit), read).await
}

/// The message with an id, if any.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Message>> {
    let sql = concat!(messages!(), "where outbox.id = $1");
    read_one(db, sqlx::query(sql).bind(id), read).await
}

/// A delivery attempt of a message.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DeliveryAttempt {
    /// Number within the message, from 1.
    pub number: i32,
    /// Time of the attempt.
    pub time: DateTime<Utc>,
    /// Whether the receiving server accepted it.
    pub ok: bool,
    /// Answer of the receiving server, or why it was not reached.
    pub answer: String,
}

/// Delivery attempts of a message, in order.
pub async fn attempts(db: impl PgExecutor<'_>, message: Uuid) -> Result<Vec<DeliveryAttempt>> {
    let sql =
        "select number, time, ok, answer from outbox_attempt where message = $1 order by number";
    Ok(sqlx::query_as(sql).bind(message).fetch_all(db).await?)
}
