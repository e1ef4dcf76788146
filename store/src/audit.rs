//! The audit log: append to the chain, read it.

mod listing;
mod standing;

pub use listing::{Filter, list, newer, one};
pub use standing::{
    Anchor, Beside, Seen, Standing, anchor, erase, erased, naming, sign_anchor, walk,
};

use crate::parsed::sized;
use crate::reports::{Pace, declare, in_pieces};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::audit::{By, Change, Entry, Head, Link, Version, apart, chained};
use domain::secret::Secret;
use futures::{Stream, TryStreamExt as _};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, Row as _, Transaction};

/// An entry with its hash, as it stands in the table: the table may have been tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub entry: Entry,
    /// Its hash; of any length.
    pub hash: Vec<u8>,
    /// The number of the key that it was made with.
    pub key: i32,
    /// Whether what was before and after has been left out, since it is long.
    pub cut: bool,
}

/// Appends entries to the chain, in order. Locks the chain's head until the transaction ends, so
/// it comes last before the commit.
///
/// # Errors
/// When the database refuses, or the chain was begun under another secret.
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
    .bind(stand.iter().map(|entry| entry.seq).collect::<Vec<_>>())
    .bind(now)
    .bind(stand.iter().map(|entry| entry.actor.as_str()).collect::<Vec<_>>())
    .bind(stand.iter().map(|entry| entry.source_ip.as_deref()).collect::<Vec<_>>())
    .bind(stand.iter().map(|entry| entry.activity.as_str()).collect::<Vec<_>>())
    .bind(stand.iter().map(|entry| entry.object.as_str()).collect::<Vec<_>>())
    .bind(stand.iter().map(|entry| entry.before.as_deref()).collect::<Vec<_>>())
    .bind(stand.iter().map(|entry| entry.after.as_deref()).collect::<Vec<_>>())
    .bind(links.iter().map(|link| link.as_slice()).collect::<Vec<_>>())
    .bind(last)
    .bind(links.last().map_or(head.hash.as_slice(), |link| link.as_slice()))
    .bind(secret.check().as_slice())
    .bind(entries.iter().map(|new| new.version.number()).collect::<Vec<_>>())
    .bind(beside.iter().map(|entry| entry.seq).collect::<Vec<_>>())
    .bind(beside.iter().map(|entry| entry.object.as_str()).collect::<Vec<_>>())
    .bind(beside.iter().map(|entry| entry.before.as_deref()).collect::<Vec<_>>())
    .bind(beside.iter().map(|entry| entry.after.as_deref()).collect::<Vec<_>>())
    .bind(number)
    .execute(conn)
    .await?;
    Ok(())
}

/// An entry to be appended.
struct New {
    entry: Entry,
    version: Version,
}

impl New {
    /// As it stands in the chain.
    fn in_chain(&self, key: &[u8; 32]) -> Entry {
        match self.version {
            Version::Whole => self.entry.clone(),
            Version::Apart => apart(key, &self.entry),
        }
    }
}

/// The entries that follow a head, with their hashes.
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

/// Postgres keeps no zero bytes, and what it would refuse must not keep an entry out.
fn printable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The escape of a zero byte is refused by some JSON functions of Postgres'.
fn json(value: &serde_json::Value) -> String {
    value.to_string().replace("\\u0000", "\\ufffd")
}

/// Where the chain ends.
///
/// # Errors
/// When the database refuses, or the head's row is damaged.
pub async fn head(db: impl PgExecutor<'_>) -> Result<Head> {
    head_row_of(&sqlx::query(HEAD).fetch_one(db).await?)?.head()
}

/// Notes a check of the server's secret, if the store has none yet; the store's.
///
/// # Errors
/// When the database refuses.
pub async fn secret_check(db: impl PgExecutor<'_>, check: &[u8]) -> Result<Vec<u8>> {
    Ok(sqlx::query_scalar(
        "update audit_head set secret_check = coalesce(secret_check, $1) returning secret_check",
    )
    .bind(check)
    .fetch_one(db)
    .await?)
}

/// The head's row as it stands, whatever was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRow {
    /// The last entry's number, as it says.
    pub seq: i64,
    /// The last entry's hash, as it says; of any length.
    pub hash: Vec<u8>,
    /// The check of the secret that the chain goes on under.
    pub secret_check: Option<Vec<u8>>,
    /// The number of the key that the chain goes on with.
    pub key: i32,
}

impl HeadRow {
    fn head(self) -> Result<Head> {
        Ok(Head { seq: self.seq, hash: sized("audit_head", "hash", self.hash)? })
    }
}

const HEAD: &str = "select seq, hash, secret_check, key from audit_head";

/// The head's row; none when somebody has removed it.
///
/// # Errors
/// When the database refuses.
pub async fn head_row(conn: &mut PgConnection) -> Result<Option<HeadRow>> {
    sqlx::query(HEAD).fetch_optional(conn).await?.as_ref().map(head_row_of).transpose()
}

fn head_row_of(row: &PgRow) -> Result<HeadRow> {
    Ok(HeadRow {
        seq: row.try_get("seq")?,
        hash: row.try_get("hash")?,
        secret_check: row.try_get("secret_check")?,
        key: row.try_get("key")?,
    })
}

/// The head's row, locked until the transaction ends: nobody appends meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn lock_head(conn: &mut PgConnection) -> Result<HeadRow> {
    let sql = sqlx::AssertSqlSafe(format!("{HEAD} for update"));
    head_row_of(&sqlx::query(sql).fetch_one(conn).await?)
}

/// Begins to look at the log as it is at one moment, whatever is written meanwhile.
///
/// # Errors
/// When the database cannot be reached.
pub async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin_with("begin isolation level repeatable read read only").await?)
}

/// Reads the columns of this file's statements, by their place: a walk reads millions.
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

/// Microseconds from 1970 to 2000, where Postgres begins to count.
const EPOCH: i64 = 946_684_800_000_000;

/// The time, by hand: one that only a tamperer writes (`infinity`) is beyond chrono, which would
/// panic.
fn time(row: &PgRow, seq: i64) -> Result<DateTime<Utc>> {
    let value = row.try_get_raw(1)?;
    let micros = value.as_bytes().ok().and_then(|bytes| bytes.try_into().ok());
    micros
        .and_then(|bytes| i64::from_be_bytes(bytes).checked_add(EPOCH))
        .and_then(DateTime::from_timestamp_micros)
        .ok_or_else(|| Error::corrupt("audit", format_args!("the time of entry {seq} is none")))
}

/// The entries of a range of time, newest first: the report `audit`.
pub fn report(
    pool: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    pace: Pace,
) -> impl Stream<Item = Result<Row>> + use<> {
    let statement = declare(
        "select seq, time, actor, source_ip, activity, object,
                before::text as before, after::text as after, hash, key, false
         from audit_whole where time >= $1 and time < $2 order by time desc, seq desc",
    );
    let rows = in_pieces(pool, statement.bind(from).bind(to), pace);
    rows.and_then(async |row| read(&row))
}
