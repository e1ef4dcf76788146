//! The audit log: a chain of entries, each with a hash over the one before.

mod listing;
mod standing;

pub use listing::{Filter, list, newer, one};
pub use standing::{
    Anchor, Beside, EntryRow, StoredEntry, anchor, erase, erased, naming, sign_anchor, walk,
};

use crate::parsed::{column, sized};
use crate::reports::{PieceSize, declare, in_pieces};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::audit::{By, Change, Entry, Head, Link, Version, apart, chained};
use domain::secret::Secret;
use futures::{Stream, TryStreamExt as _};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, Postgres, Row as _, Transaction};

/// An entry with its hash, as stored: the table may have been tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Columns that the hash covers.
    pub entry: Entry,
    /// The stored hash; a tampered one can have any length.
    pub hash: Vec<u8>,
    /// Number of the key that made the hash.
    pub key: i32,
    /// Whether `before` and `after` are left out because they are long.
    pub cut: bool,
}

/// Appends entries to the chain, in order. Locks the head until the transaction ends, so it must be
/// the last statement.
///
/// # Errors
/// [`Error::AnotherSecret`] if the chain was started under another secret.
pub(crate) async fn append(
    conn: &mut PgConnection,
    secret: &Secret,
    now: DateTime<Utc>,
    changes: &[(By, Change)],
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let row = lock_head(&mut *conn).await?;
    if row.secret_check.as_ref().is_some_and(|check| *check != secret.check()) {
        return Err(Error::AnotherSecret);
    }
    let number = row.key;
    let head = row.head()?;
    let key = secret.audit_key();
    let (entries, links) = chain(&key, now, head, changes);
    let Some(last) = entries.last().map(|new| new.entry.seq) else { return Ok(()) };
    let stand: Vec<Entry> = entries.iter().map(|new| new.in_chain(&key)).collect();
    let beside: Vec<&Entry> =
        entries.iter().filter(|new| new.version == Version::Apart).map(|new| &new.entry).collect();
    sqlx::query(
        "with added as (
            insert into audit (seq, time, actor, source_ip, activity, object, before, after, hash,
                version, key)
            select seq, $2, actor, source_ip, activity, object, before::json, after::json, hash,
                version, $18
            from unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::bytea[], $13::smallint[])
                as t (seq, actor, source_ip, activity, object, before, after, hash, version)
        ),
        beside as (
            insert into audit_value (seq, object, before, after)
            select seq, object, before::json, after::json
            from unnest($14::bigint[], $15::text[], $16::text[], $17::text[])
                as t (seq, object, before, after)
        )
        update audit_head set seq = $10, hash = $11, secret_check = $12",
    )
    .bind(column(&stand, |entry| entry.seq))
    .bind(now)
    .bind(column(&stand, |entry| entry.actor.as_str()))
    .bind(column(&stand, |entry| entry.source_ip.as_deref()))
    .bind(column(&stand, |entry| entry.activity.as_str()))
    .bind(column(&stand, |entry| entry.object.as_str()))
    .bind(column(&stand, |entry| entry.before.as_deref()))
    .bind(column(&stand, |entry| entry.after.as_deref()))
    .bind(column(&links, |link| link.as_slice()))
    .bind(last)
    .bind(links.last().map_or(head.hash.as_slice(), |link| link.as_slice()))
    .bind(secret.check().as_slice())
    .bind(column(&entries, |new| new.version.number()))
    .bind(column(&beside, |entry| entry.seq))
    .bind(column(&beside, |entry| entry.object.as_str()))
    .bind(column(&beside, |entry| entry.before.as_deref()))
    .bind(column(&beside, |entry| entry.after.as_deref()))
    .bind(number)
    .execute(conn)
    .await?;
    Ok(())
}

struct New {
    entry: Entry,
    version: Version,
}

impl New {
    /// The entry that the chain's hash covers.
    fn in_chain(&self, key: &[u8; 32]) -> Entry {
        match self.version {
            Version::Whole => self.entry.clone(),
            Version::Apart => apart(key, &self.entry),
        }
    }
}

/// Entries that continue the chain after `head`, with their hashes.
fn chain(
    key: &[u8; 32],
    now: DateTime<Utc>,
    head: Head,
    changes: &[(By, Change)],
) -> (Vec<New>, Vec<Link>) {
    let (mut seq, mut previous) = (head.seq, head.hash);
    let (mut entries, mut links) = (Vec::new(), Vec::new());
    for (by, change) in changes {
        seq += 1;
        let entry = Entry {
            seq,
            time: now,
            actor: printable(&by.actor.to_string()),
            source_ip: by.ip.map(|ip| ip.to_string()),
            activity: change.activity.as_str().to_owned(),
            object: printable(&change.object),
            before: change.before.as_ref().map(json),
            after: change.after.as_ref().map(json),
        };
        let of_operators = change.activity.is_of_operators();
        let version = if of_operators { Version::Whole } else { Version::Apart };
        let new = New { entry, version };
        previous = chained(key, &previous, &new.in_chain(key), version);
        links.push(previous);
        entries.push(new);
    }
    (entries, links)
}

/// Replaces zero bytes, which Postgres refuses: no text may prevent an entry.
fn printable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Replaces escaped zero bytes, which some JSON functions of Postgres refuse.
fn json(value: &serde_json::Value) -> String {
    value.to_string().replace("\\u0000", "\\ufffd")
}

/// The end of the chain.
///
/// # Errors
/// [`Error::Corrupt`] if the hash has the wrong length.
pub async fn head(db: impl PgExecutor<'_>) -> Result<Head> {
    sqlx::query_as::<_, HeadRow>(HEAD).fetch_one(db).await?.head()
}

/// Stores a check of the server's secret if there is none yet; returns the stored one.
pub async fn secret_check(db: impl PgExecutor<'_>, check: &[u8]) -> Result<Vec<u8>> {
    let sql =
        "update audit_head set secret_check = coalesce(secret_check, $1) returning secret_check";
    Ok(sqlx::query_scalar(sql).bind(check).fetch_one(db).await?)
}

/// The stored head, unverified.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HeadRow {
    /// Number of the last entry.
    pub seq: i64,
    /// Hash of the last entry; a tampered one can have any length.
    pub hash: Vec<u8>,
    /// Check of the secret that the chain uses; none until [`secret_check`] has stored one.
    pub secret_check: Option<Vec<u8>>,
    /// Number of the key for the next entry.
    pub key: i32,
}

impl HeadRow {
    fn head(self) -> Result<Head> {
        Ok(Head { seq: self.seq, hash: sized("audit_head", "hash", self.hash)? })
    }
}

const HEAD: &str = "select seq, hash, secret_check, key from audit_head";

/// The head; none if it was deleted.
pub async fn head_row(conn: &mut PgConnection) -> Result<Option<HeadRow>> {
    Ok(sqlx::query_as(HEAD).fetch_optional(conn).await?)
}

/// The head, locked until the transaction ends, so that no other one appends.
pub async fn lock_head(conn: &mut PgConnection) -> Result<HeadRow> {
    let sql = sqlx::AssertSqlSafe(format!("{HEAD} for update"));
    Ok(sqlx::query_as(sql).fetch_one(conn).await?)
}

/// Begins a read-only snapshot of the log.
pub async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin_with("begin isolation level repeatable read read only").await?)
}

/// Reads columns by position, since a walk reads millions of rows.
fn read(row: &PgRow) -> Result<Row> {
    let seq = row.try_get(0)?;
    Ok(Row {
        entry: Entry {
            seq,
            time: time(row, seq)?,
            actor: row.try_get(2)?,
            source_ip: row.try_get(3)?,
            activity: row.try_get(4)?,
            object: row.try_get(5)?,
            before: row.try_get(6)?,
            after: row.try_get(7)?,
        },
        hash: row.try_get(8)?,
        key: row.try_get(9)?,
        cut: row.try_get(10)?,
    })
}

/// Microseconds from 1970 to 2000, the epoch of Postgres.
const EPOCH: i64 = 946_684_800_000_000;

/// Decodes the time by hand: for `infinity`, which only tampering writes, sqlx would panic.
fn time(row: &PgRow, seq: i64) -> Result<DateTime<Utc>> {
    let value = row.try_get_raw(1)?;
    let micros = value.as_bytes().ok().and_then(|bytes| bytes.try_into().ok());
    micros
        .and_then(|bytes| i64::from_be_bytes(bytes).checked_add(EPOCH))
        .and_then(DateTime::from_timestamp_micros)
        .ok_or_else(|| Error::corrupt("audit", format_args!("the time of entry {seq} is none")))
}

/// Rows of the report `audit`: the entries of a period, newest first.
pub fn report(
    pool: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    pace: PieceSize,
) -> impl Stream<Item = Result<Row>> + use<> {
    let statement = declare(
        "select seq, time, actor, source_ip, activity, object,
                before::text as before, after::text as after, hash, key, false
         from audit_whole where time >= $1 and time < $2 order by time desc, seq desc",
    );
    let rows = in_pieces(pool, statement.bind(from).bind(to), pace);
    rows.and_then(async |row| read(&row))
}
