//! The delivery log.

use crate::Result;
use crate::parsed::parsed;
use chrono::{DateTime, Utc};
use domain::notify::{MessageState, Reach};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use uuid::Uuid;

/// A message as the log shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// For whom.
    pub recipient: Uuid,
    /// How that is reached.
    pub reach: Reach,
    /// Its address.
    pub address: String,
    /// Whether the recipient was removed.
    pub removed: bool,
    /// The alert's kind, or `test`.
    pub alert: String,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// When it leaves, or is tried again.
    pub due: DateTime<Utc>,
    /// What became of it.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i32,
    /// How many alerts it tells of.
    pub count: i64,
    /// Up to 20 users.
    pub users: Vec<String>,
    /// The first alert.
    pub payload: Value,
    /// When it was taken.
    pub sent: Option<DateTime<Utc>>,
    /// The other side's last words.
    pub answer: Option<String>,
    /// What left.
    pub subject: Option<String>,
    /// The same.
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

/// Which messages a page asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one recipient.
    pub recipient: Option<Uuid>,
    /// Of one state.
    pub state: Option<MessageState>,
}

/// A place in the log: the last message seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When it was written.
    pub created: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

/// Messages with the columns that [`read`] takes.
macro_rules! messages {
    () => {
        "select outbox.id, recipient, kind, address, removed is not null as removed, alert,
            outbox.created, due, state, attempts, count, users, payload, sent, answer, subject,
            body
         from outbox join recipient on recipient.id = outbox.recipient "
    };
}

/// Messages that fit, newest first, after a place if one is given.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows = sqlx::query(concat!(
        messages!(),
        "where ($1::uuid is null or recipient = $1)
           and ($2::text is null or state = $2)
           and ($3::timestamptz is null or outbox.created < $3
                or (outbox.created = $3 and outbox.id > $4))
         order by outbox.created desc, outbox.id limit $5"
    ))
    .persistent(false)
    .bind(filter.recipient)
    .bind(filter.state.map(MessageState::as_str))
    .bind(after.map(|cursor| cursor.created))
    .bind(after.map(|cursor| cursor.id))
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// One message.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Message>> {
    let row = sqlx::query(concat!(messages!(), "where outbox.id = $1"))
        .bind(id)
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One try to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: i32,
    /// When.
    pub time: DateTime<Utc>,
    /// Whether the other side took it.
    pub ok: bool,
    /// The other side's words.
    pub answer: String,
}

/// A message's tries, first to last.
///
/// # Errors
/// When the database refuses.
pub async fn attempts(db: impl PgExecutor<'_>, message: Uuid) -> Result<Vec<Attempt>> {
    let rows = sqlx::query(
        "select number, time, ok, answer from outbox_attempt where message = $1 order by number",
    )
    .bind(message)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Attempt {
                number: row.try_get("number")?,
                time: row.try_get("time")?,
                ok: row.try_get("ok")?,
                answer: row.try_get("answer")?,
            })
        })
        .collect()
}
