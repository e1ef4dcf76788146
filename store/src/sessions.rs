//! Console sessions, keyed by the SHA-256 of the cookie's value.

use crate::parsed::parsed;
use crate::write::Write;
use crate::{Result, Statement};
use chrono::{DateTime, Utc};
use domain::roles::Role;
use serde_json::Value;
use sqlx::{FromRow, PgExecutor, Row as _};
use uuid::Uuid;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The account, once signed in.
    pub account: Option<Holder>,
    /// Values that pages store in the session.
    pub data: Value,
}

/// The columns that only a signed-in session has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Foreign key of the account.
    pub account: Uuid,
    /// The account's epoch at sign-in.
    pub epoch: i32,
    /// When the password was last entered.
    pub confirmed: Option<DateTime<Utc>>,
    /// The browser that signed in, as shown to the user.
    pub browser: Option<String>,
    /// IP address at sign-in.
    pub address: Option<String>,
}

/// The account of a session, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// From the session; its epoch equals the account's current one.
    pub signed: Signed,
    /// E-mail address, in lower case.
    pub email: String,
    /// The account's current role.
    pub role: Role,
    /// IANA name of the account's time zone.
    pub zone: String,
}

/// Sessions created or last seen at or before these times have ended.
#[derive(Debug, Clone, Copy)]
pub struct Cutoffs {
    /// Applies to `created`.
    pub created: DateTime<Utc>,
    /// Applies to `seen` of signed-in sessions.
    pub seen: DateTime<Utc>,
    /// Applies to `seen` before sign-in.
    pub seen_unknown: DateTime<Utc>,
}

/// Stores a new session.
///
/// # Errors
/// [`crate::Error::is_duplicate`] if the id is taken.
pub async fn create(
    db: impl PgExecutor<'_>,
    id: &[u8],
    signed: Option<&Signed>,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let query = sqlx::query(
        "insert into session (id, account, epoch, data, seen, created, confirmed, browser, address)
         values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
    );
    bind(query, id, signed, data, now).execute(db).await?;
    Ok(())
}

/// Binds a session's columns in the order that [`create`] and [`save`] share.
fn bind<'q>(
    query: Statement<'q>,
    id: &'q [u8],
    signed: Option<&'q Signed>,
    data: &'q Value,
    now: DateTime<Utc>,
) -> Statement<'q> {
    query
        .bind(id)
        .bind(signed.map(|signed| signed.account))
        .bind(signed.map(|signed| signed.epoch))
        .bind(data)
        .bind(now)
        .bind(signed.and_then(|signed| signed.confirmed))
        .bind(signed.and_then(|signed| signed.browser.as_deref()))
        .bind(signed.and_then(|signed| signed.address.as_deref()))
}

/// Updates a session. One that has been deleted in the meantime stays deleted.
pub async fn save(
    db: impl PgExecutor<'_>,
    id: &[u8],
    signed: Option<&Signed>,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "update session set account = $2, epoch = $3, data = $4, seen = $5, confirmed = $6,
             browser = $7, address = $8
         where id = $1";
    let query = sqlx::query(sql);
    bind(query, id, signed, data, now).execute(db).await?;
    Ok(())
}

/// A session and its account, in one round trip; none when it has ended: too old, unused for too
/// long, or its account was changed, disabled or deleted. If `used`, updates `seen` at most once a
/// minute; requests that a page makes by itself must not keep the session alive.
pub async fn load(
    db: impl PgExecutor<'_>,
    id: &[u8],
    cutoffs: Cutoffs,
    now: DateTime<Utc>,
    used: bool,
) -> Result<Option<Row>> {
    let row = sqlx::query(
        "with found as (
             select * from session
             where id = $1 and created > $2
                 and seen > case when account is null then $4::timestamptz else $3 end
         ),
         touched as (
             update session set seen = $5
             where $6 and id =
                 (select id from found where seen < $5::timestamptz - interval '1 minute')
         )
         select found.data, found.account, found.epoch, found.confirmed, found.browser,
             found.address, account.email, account.role, account.zone
         from found left join account on account.id = found.account
         where found.account is null
             or (account.epoch = found.epoch and account.disabled is null)",
    )
    .bind(id)
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .bind(cutoffs.seen_unknown)
    .bind(now)
    .bind(used)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let account = match row.try_get::<Option<Uuid>, _>("account")? {
        Some(account) => Some(Holder {
            signed: Signed {
                account,
                epoch: row.try_get("epoch")?,
                confirmed: row.try_get("confirmed")?,
                browser: row.try_get("browser")?,
                address: row.try_get("address")?,
            },
            email: row.try_get("email")?,
            role: parsed("account", row.try_get("role")?)?,
            zone: row.try_get("zone")?,
        }),
        None => None,
    };
    Ok(Some(Row { account, data: row.try_get("data")? }))
}

/// Which of these signed-in sessions have not ended, by the rules of [`load`]. Writes nothing.
pub async fn living(
    db: impl PgExecutor<'_>,
    ids: &[Vec<u8>],
    cutoffs: Cutoffs,
) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar(
        "select session.id from session join account on account.id = session.account
         where session.id = any($1) and session.created > $2 and seen > $3
             and account.epoch = session.epoch and account.disabled is null",
    )
    .bind(ids)
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .fetch_all(db)
    .await?)
}

/// One of an account's sessions, as shown to its user.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OpenSession {
    /// SHA-256 of the cookie's value.
    pub id: Vec<u8>,
    /// Time of sign-in.
    pub created: DateTime<Utc>,
    /// Time of last use, to the minute.
    pub seen: DateTime<Utc>,
    /// The browser that signed in, as shown to the user.
    pub browser: Option<String>,
    /// IP address at sign-in.
    pub address: Option<String>,
}

/// An account's sessions that have not ended, by the rules of [`load`], last used first; at most
/// 200.
pub async fn of_account(
    db: impl PgExecutor<'_>,
    account: Uuid,
    cutoffs: Cutoffs,
) -> Result<Vec<OpenSession>> {
    Ok(sqlx::query_as(
        "select session.id, session.created, seen, browser, address
         from session join account on account.id = session.account
         where session.account = $1 and session.created > $2 and seen > $3
             and account.epoch = session.epoch and account.disabled is null
         order by seen desc, session.id limit 200",
    )
    .bind(account)
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .fetch_all(db)
    .await?)
}

/// Deletes an account's sessions except `keep`; returns how many.
pub async fn delete_others(write: &mut Write, account: Uuid, keep: &[u8]) -> Result<u64> {
    let sql = "delete from session where account = $1 and id <> $2";
    let done = sqlx::query(sql).bind(account).bind(keep).execute(write.conn()).await?;
    Ok(done.rows_affected())
}

/// Deletes a session.
pub async fn delete(db: impl PgExecutor<'_>, id: &[u8]) -> Result<()> {
    sqlx::query("delete from session where id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Deletes up to 1,000 ended sessions; returns how many.
pub async fn prune(db: impl PgExecutor<'_>, cutoffs: Cutoffs) -> Result<u64> {
    let done = sqlx::query(
        "delete from session where id in (
             select session.id from session left join account on account.id = session.account
             where session.created <= $1
                 or seen <= case when session.account is null then $3::timestamptz else $2 end
                 or account.epoch <> session.epoch or account.disabled is not null
             limit 1000
         )",
    )
    .bind(cutoffs.created)
    .bind(cutoffs.seen)
    .bind(cutoffs.seen_unknown)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests;
