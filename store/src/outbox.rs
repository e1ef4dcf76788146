//! Messages to recipients: written with what they tell of, claimed, sent, recorded.

use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::notify::{Alert, MessageState, Reach, Window};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

mod log;

pub use log::{Attempt, Cursor, Filter, Message, attempts, by_id, list};

/// Locks the minutes of an alert's recipients until the transaction ends, in one order, so that
/// two transactions that raise the same alert wait for each other and none is lost. A recipient
/// without a minute gets one that is over. There are none when the settings say that alerts of
/// this kind are not raised. With `admins` every admin's account is among them.
///
/// # Errors
/// When the database refuses.
pub async fn windows(
    conn: &mut PgConnection,
    alert: &str,
    except: Option<Uuid>,
    admins: bool,
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Window)>> {
    let rows = sqlx::query(
        "insert into outbox_window (recipient, alert, ends)
         select id, $1, $2 from recipient
         where removed is null and stopped is null and not paused and id is distinct from $3
           and case
             when account is null then $1 = any(events)
             -- An admin who is a recipient of this as well gets it once.
             else $4 and exists (
                 select from account
                 where account.id = recipient.account and role = 'admin' and disabled is null)
               and not exists (
                 select from recipient as own
                 where own.account is null and own.kind = 'email'
                   and own.address = recipient.address and own.removed is null
                   and own.stopped is null and not own.paused and $1 = any(own.events)
                   and own.id is distinct from $3)
           end
           and coalesce((
               select document ->> $1 from settings
               where section = 'notifications' order by version desc limit 1), 'true') <> 'false'
         order by id
         on conflict (recipient, alert) do update set alert = excluded.alert
         returning recipient, ends, gathers",
    )
    .bind(alert)
    .bind(now)
    .bind(except)
    .bind(admins)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let window = Window { ends: row.try_get("ends")?, gathers: row.try_get("gathers")? };
            Ok((row.try_get("recipient")?, window))
        })
        .collect()
}

/// A message to write, and the recipient's minute after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct New {
    /// Its id.
    pub id: Uuid,
    /// For whom.
    pub recipient: Uuid,
    /// When it is to leave.
    pub due: DateTime<Utc>,
    /// The recipient's minute from now on.
    pub window: Window,
}

/// Writes an alert's messages and the minutes of their recipients.
///
/// # Errors
/// When the database refuses.
pub async fn put(
    conn: &mut PgConnection,
    alert: &Alert,
    now: DateTime<Utc>,
    messages: &[New],
) -> Result<()> {
    let payload = serde_json::to_value(alert).map_err(|error| Error::corrupt("outbox", error))?;
    sqlx::query(
        "with written as (
            insert into outbox (id, recipient, alert, created, due, since, state, count, users,
                payload)
            select id, recipient, $1, $2, due, due, 'waiting', $3, $4, $5
            from unnest($6::uuid[], $7::uuid[], $8::timestamptz[]) as t (id, recipient, due)
        )
        update outbox_window set ends = t.ends, gathers = t.gathers
        from unnest($7::uuid[], $9::timestamptz[], $10::uuid[]) as t (recipient, ends, gathers)
        where outbox_window.recipient = t.recipient and outbox_window.alert = $1",
    )
    .bind(alert.kind.as_str())
    .bind(now)
    .bind(i64::try_from(alert.count).unwrap_or(i64::MAX))
    .bind(&alert.users)
    .bind(payload)
    .bind(messages.iter().map(|new| new.id).collect::<Vec<_>>())
    .bind(messages.iter().map(|new| new.recipient).collect::<Vec<_>>())
    .bind(messages.iter().map(|new| new.due).collect::<Vec<_>>())
    .bind(messages.iter().map(|new| new.window.ends).collect::<Vec<_>>())
    .bind(messages.iter().map(|new| new.window.gathers).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes one message outside of any minute: a test. A worker leaves it alone until `leased`.
///
/// # Errors
/// When the database refuses.
pub async fn put_test(
    conn: &mut PgConnection,
    id: Uuid,
    recipient: Uuid,
    now: DateTime<Utc>,
    leased: DateTime<Utc>,
    payload: &Value,
) -> Result<()> {
    sqlx::query(
        "insert into outbox (id, recipient, alert, created, due, since, state, count, users,
            payload, leased, attempts)
         values ($1, $2, 'test', $3, $3, $3, 'waiting', 1, '{}', $4, $5, 1)",
    )
    .bind(id)
    .bind(recipient)
    .bind(now)
    .bind(payload)
    .bind(leased)
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds an alert to messages that gather; those that took it. One that a worker has already, or
/// that is no more to be sent, takes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn append(
    conn: &mut PgConnection,
    messages: &[Uuid],
    alert: &Alert,
) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar(
        "update outbox set count = count + $2, users = array(
             select name from unnest(users || $3::text[]) with ordinality as t (name, at)
             group by name order by min(at) limit $4)
         where id = any($1) and state = 'waiting' and leased is null
         returning id",
    )
    .bind(messages)
    .bind(i64::try_from(alert.count).unwrap_or(i64::MAX))
    .bind(&alert.users)
    .bind(i64::try_from(domain::notify::USERS_MAX).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// A message that a worker has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Its id.
    pub id: Uuid,
    /// For whom.
    pub recipient: Uuid,
    /// The alert's kind, or `test`.
    pub alert: String,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// Since when it is tried.
    pub since: DateTime<Utc>,
    /// How many alerts it tells of.
    pub count: i64,
    /// Up to 20 users.
    pub users: Vec<String>,
    /// The first alert.
    pub payload: Value,
    /// This attempt's number, from 1.
    pub attempt: i32,
    /// How many of them failed since `since`.
    pub failed: i64,
}

/// Takes the message of one way out that has been due for longest; nobody else takes it until
/// `lease`. A recipient gets one at a time, so that a slow one holds nobody else's up.
///
/// # Errors
/// When the database refuses.
pub async fn claim(
    db: impl PgExecutor<'_>,
    reach: Reach,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    // `skip locked`: another worker's claim is not waited for, nor an alert that is being added.
    let row = sqlx::query(
        "update outbox set leased = $3, attempts = attempts + 1
         where id = (
             select message.id from outbox message
             join recipient on recipient.id = message.recipient and recipient.kind = $1
             where message.state = 'waiting' and message.due <= $2
               and (message.leased is null or message.leased <= $2)
               and recipient.removed is null and recipient.stopped is null
               and not recipient.paused
               and not exists (
                   select from outbox busy where busy.recipient = message.recipient
                   and busy.state = 'waiting' and busy.leased is not null and busy.leased > $2)
             order by message.due, message.id limit 1
             for update of message skip locked)
         returning id, recipient, alert, created, since, count, users, payload, attempts,
             (select count(*) from outbox_attempt past
              where past.message = outbox.id and past.time >= outbox.since) as failed",
    )
    .bind(reach.as_str())
    .bind(now)
    .bind(lease)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(claimed).transpose()
}

fn claimed(row: &PgRow) -> Result<Claimed> {
    Ok(Claimed {
        id: row.try_get("id")?,
        recipient: row.try_get("recipient")?,
        alert: row.try_get("alert")?,
        created: row.try_get("created")?,
        since: row.try_get("since")?,
        count: row.try_get("count")?,
        users: row.try_get("users")?,
        payload: row.try_get("payload")?,
        attempt: row.try_get("attempts")?,
        failed: row.try_get("failed")?,
    })
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the message is from now on.
    pub state: MessageState,
    /// Whether the other side took it.
    pub ok: bool,
    /// The other side's words, or what kept us from it.
    pub answer: String,
    /// When it is tried again, if it is.
    pub due: Option<DateTime<Utc>>,
    /// What left, readable.
    pub subject: String,
    /// The same.
    pub body: String,
}

/// Records an attempt. `false` when the message is not waiting: it was resent or ended meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    conn: &mut PgConnection,
    message: Uuid,
    attempt: i32,
    now: DateTime<Utc>,
    outcome: &Outcome,
) -> Result<bool> {
    sqlx::query(
        "insert into outbox_attempt (message, number, time, ok, answer)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(message)
    .bind(attempt)
    .bind(now)
    .bind(outcome.ok)
    .bind(&outcome.answer)
    .execute(&mut *conn)
    .await?;
    let done = sqlx::query(
        "update outbox set state = $2, due = coalesce($3, due), leased = null, answer = $4,
            sent = case when $5 then $6 else sent end, subject = $7, body = $8
         where id = $1 and state = 'waiting'",
    )
    .bind(message)
    .bind(outcome.state.as_str())
    .bind(outcome.due)
    .bind(&outcome.answer)
    .bind(outcome.ok)
    .bind(now)
    .bind(&outcome.subject)
    .bind(&outcome.body)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a message that was sent, kept or given up back to be sent; `false` when it is waiting
/// already, or there is none, or its recipient was removed.
///
/// # Errors
/// When the database refuses.
pub async fn resend(write: &mut Write, message: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let done = sqlx::query(
        "update outbox set state = 'waiting', due = $2, since = $2, leased = null
         where id = $1 and state <> 'waiting'
           and exists (select from recipient where id = outbox.recipient and removed is null)",
    )
    .bind(message)
    .bind(now)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives up what still waits for a recipient, with a reason. What gathers among it takes no more.
///
/// # Errors
/// When the database refuses.
pub async fn give_up(write: &mut Write, recipient: Uuid, why: &str) -> Result<()> {
    sqlx::query(
        "update outbox set state = 'failed', leased = null, answer = $2
         where recipient = $1 and state = 'waiting'",
    )
    .bind(recipient)
    .bind(why)
    .execute(write.conn())
    .await?;
    Ok(())
}

/// Notes that recipients were told of a source's silence that began then; `false` when they were
/// before.
///
/// # Errors
/// When the database refuses.
pub async fn tell_silence(
    conn: &mut PgConnection,
    source: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let done = sqlx::query(
        "insert into silence_told (source, since) values ($1, $2)
         on conflict (source) do update set since = excluded.since
         where silence_told.since <> excluded.since",
    )
    .bind(source)
    .bind(since)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
