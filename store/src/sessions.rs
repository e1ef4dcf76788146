//! Sessions of the console, found by the SHA-256 of the cookie's value.

use crate::Result;
use crate::parsed::parsed;
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::roles::Role;
use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::{PgExecutor, Postgres, Row as _};
use uuid::Uuid;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who is signed in.
    pub account: Option<Holder>,
    /// What pages keep in it.
    pub data: Value,
}

/// What a signed-in session says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The account.
    pub account: Uuid,
    /// The epoch it signed in under.
    pub epoch: i32,
    /// When the password was last given.
    pub confirmed: Option<DateTime<Utc>>,
    /// The browser that signed in, in words.
    pub browser: Option<String>,
    /// Where it signed in from.
    pub address: Option<String>,
}

/// Whose session it is, as the account is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What the session says; the epoch is the account's present one.
    pub signed: Signed,
    /// Its address.
    pub email: String,
    /// Its role.
    pub role: Role,
    /// The time zone it sees times in, an IANA name.
    pub zone: String,
}

/// Sessions begun or last seen before these times are over.
#[derive(Debug, Clone, Copy)]
pub struct Cutoffs {
    /// For `created`.
    pub created: DateTime<Utc>,
    /// For `seen`, signed in.
    pub seen: DateTime<Utc>,
    /// For `seen`, before sign-in.
    pub seen_unknown: DateTime<Utc>,
}

/// Keeps a new session.
///
/// # Errors
/// When the database refuses, a second one with this id among it.
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

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// The values of a session's columns, in the order of [`create`] and [`save`].
fn bind<'q>(
    query: Query<'q>,
    id: &'q [u8],
    signed: Option<&'q Signed>,
    data: &'q Value,
    now: DateTime<Utc>,
) -> Query<'q> {
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

/// Writes what a session holds. One that has ended meanwhile stays ended.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    db: impl PgExecutor<'_>,
    id: &[u8],
    signed: Option<&Signed>,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let query = sqlx::query(
        "update session set account = $2, epoch = $3, data = $4, seen = $5, confirmed = $6,
             browser = $7, address = $8
         where id = $1",
    );
    bind(query, id, signed, data, now).execute(db).await?;
    Ok(())
}

/// A session and its account as they are now, in one round trip; nothing when it has ended: too
/// old, too long unused, or its account changed, was disabled or is gone. When it is `used`, notes
/// once a minute that it was seen; what a page asks by itself must not keep it alive.
///
/// # Errors
/// When the database refuses, or holds what it should not.
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

/// Which of these sessions have not ended, by the same rules as [`load`], signed in alone. Notes
/// nothing.
///
/// # Errors
/// When the database refuses.
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

/// One of an account's sessions, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// What finds it: the SHA-256 of the cookie's value.
    pub id: Vec<u8>,
    /// When it began.
    pub created: DateTime<Utc>,
    /// When it was last used, within a minute.
    pub seen: DateTime<Utc>,
    /// The browser that signed in, in words.
    pub browser: Option<String>,
    /// Where it signed in from.
    pub address: Option<String>,
}

/// An account's sessions that have not ended, by the same rules as [`load`], the last used first;
/// at most 200.
///
/// # Errors
/// When the database refuses.
pub async fn of_account(
    db: impl PgExecutor<'_>,
    account: Uuid,
    cutoffs: Cutoffs,
) -> Result<Vec<Open>> {
    let rows = sqlx::query(
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
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Open {
                id: row.try_get("id")?,
                created: row.try_get("created")?,
                seen: row.try_get("seen")?,
                browser: row.try_get("browser")?,
                address: row.try_get("address")?,
            })
        })
        .collect()
}

/// Ends every session of an account but one; how many.
///
/// # Errors
/// When the database refuses.
pub async fn delete_others(write: &mut Write, account: Uuid, keep: &[u8]) -> Result<u64> {
    let done = sqlx::query("delete from session where account = $1 and id <> $2")
        .bind(account)
        .bind(keep)
        .execute(write.conn())
        .await?;
    Ok(done.rows_affected())
}

/// Ends a session.
///
/// # Errors
/// When the database refuses.
pub async fn delete(db: impl PgExecutor<'_>, id: &[u8]) -> Result<()> {
    sqlx::query("delete from session where id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Removes up to 1,000 sessions that are over; how many.
///
/// # Errors
/// When the database refuses.
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
