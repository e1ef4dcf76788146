//! Messages to recipients: written in the transaction of their cause, then claimed by a worker and
//! their delivery recorded.

use crate::parsed::column;
use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::notify::{Alert, MessageState, Reach, Window};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

mod log;

pub use log::{DeliveryAttempt, Filter, Message, attempts, by_id, list};

/// Locks the windows in which an alert's recipients collect alerts, until the transaction ends and
/// in a fixed order, so that concurrent transactions lose no alert. A recipient without a window
/// gets one that has ended. Empty if the settings switch alerts of this kind off. `admins` includes
/// the accounts of all admins.
pub async fn windows(
    conn: &mut PgConnection,
    alert: &str,
    except: Option<Uuid>,
    admins: bool,
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Window)>> {
    let rows: Vec<(Uuid, DateTime<Utc>, Option<Uuid>)> = sqlx::query_as(
        "insert into outbox_window (recipient, alert, ends)
         select id, $1, $2 from recipient
         where removed is null and stopped is null and not paused and id is distinct from $3
           and case
             when account is null then $1 = any(events)
             -- An admin who is also a recipient of this alert gets it once.
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
    let window = |(recipient, ends, gathers)| (recipient, Window { ends, gathers });
    Ok(rows.into_iter().map(window).collect())
}

/// A message to write, and the recipient's window after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct New {
    /// Id of the message.
    pub id: Uuid,
    /// Id of the recipient.
    pub recipient: Uuid,
    /// When it is to be sent.
    pub due: DateTime<Utc>,
    /// The recipient's new window.
    pub window: Window,
}

/// Writes an alert's messages and the windows of their recipients.
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
    .bind(column(messages, |new| new.id))
    .bind(column(messages, |new| new.recipient))
    .bind(column(messages, |new| new.due))
    .bind(column(messages, |new| new.window.ends))
    .bind(column(messages, |new| new.window.gathers))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a test message, outside of any window. Workers do not claim it before `leased`.
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

/// Adds an alert to collecting messages; returns the ids of those changed. Messages that are
/// claimed or no longer waiting are not changed.
pub async fn append(
    conn: &mut PgConnection,
    messages: &[Uuid],
    alert: &Alert,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar(
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
    .await?)
}

/// A message claimed by a worker.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Claimed {
    /// Id of the message.
    pub id: Uuid,
    /// Id of the recipient.
    pub recipient: Uuid,
    /// Kind of the alert, or `test`.
    pub alert: String,
    /// Time of creation.
    pub created: DateTime<Utc>,
    /// When it was first due, or resent.
    pub since: DateTime<Utc>,
    /// Number of alerts it reports.
    pub count: i64,
    /// Up to 20 user names from the alerts.
    pub users: Vec<String>,
    /// The first alert, as JSON.
    pub payload: Value,
    /// Number of this delivery attempt, from 1.
    #[sqlx(rename = "attempts")]
    pub attempt: i32,
    /// Number of failed attempts since `since`.
    pub failed: i64,
}

/// Claims the message of a reach that has been due longest, until `lease`. A recipient has one
/// claimed message at a time, so that a slow one does not delay others.
pub async fn claim(
    db: impl PgExecutor<'_>,
    reach: Reach,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    // `skip locked`: does not wait for other workers or for an alert that is being added.
    let sql = "update outbox set leased = $3, attempts = attempts + 1
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
              where past.message = outbox.id and past.time >= outbox.since) as failed";
    Ok(sqlx::query_as(sql).bind(reach.as_str()).bind(now).bind(lease).fetch_optional(db).await?)
}

/// Result of a delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// New state of the message.
    pub state: MessageState,
    /// Whether the receiving server accepted it.
    pub ok: bool,
    /// Answer of the receiving server, or why it was not reached.
    pub answer: String,
    /// Time of the next attempt, if any.
    pub due: Option<DateTime<Utc>>,
    /// Subject as sent.
    pub subject: String,
    /// Body as sent, readable.
    pub body: String,
}

/// Records a delivery attempt; `false` if the message is no longer waiting.
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

/// Makes a sent, kept or failed message wait again; `false` if it is waiting already, does not
/// exist or its recipient was removed.
pub async fn resend(write: &mut Write, message: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let sql = "update outbox set state = 'waiting', due = $2, since = $2, leased = null
         where id = $1 and state <> 'waiting'
           and exists (select from recipient where id = outbox.recipient and removed is null)";
    let done = sqlx::query(sql).bind(message).bind(now).execute(write.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Marks a recipient's waiting messages failed, with a reason. They collect no further alerts.
pub async fn give_up(write: &mut Write, recipient: Uuid, why: &str) -> Result<()> {
    let sql = "update outbox set state = 'failed', leased = null, answer = $2
         where recipient = $1 and state = 'waiting'";
    sqlx::query(sql).bind(recipient).bind(why).execute(write.conn()).await?;
    Ok(())
}

/// Records the alert for a source's silence since an instant; `false` if it was raised before.
pub async fn tell_silence(
    conn: &mut PgConnection,
    source: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let sql = "insert into silence_told (source, since) values ($1, $2)
         on conflict (source) do update set since = excluded.since
         where silence_told.since <> excluded.since";
    let done = sqlx::query(sql).bind(source).bind(since).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}
