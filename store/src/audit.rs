//! The audit log: append to the chain, read it.

use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::audit::{By, Change, Entry, Head, Link, link};
use domain::secret::Secret;
use futures::{Stream, TryStreamExt as _};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, PgPool, Row as _};

/// An entry with its hash, as it stands in the table: the table may have been tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub entry: Entry,
    /// Its hash; of any length.
    pub hash: Vec<u8>,
}

/// Appends entries to the chain, in order. Locks the chain's head until the transaction ends, so
/// it comes last before the commit.
///
/// # Errors
/// When the database refuses, or the chain was begun under another secret.
pub async fn append(
    conn: &mut PgConnection,
    secret: &Secret,
    now: DateTime<Utc>,
    changes: &[(By, Change)],
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let row = sqlx::query("select seq, hash, secret_check from audit_head for update")
        .fetch_one(&mut *conn)
        .await?;
    let check: Option<Vec<u8>> = row.try_get("secret_check")?;
    if check.is_some_and(|check| check != secret.check()) {
        return Err(Error::AnotherSecret);
    }
    let head = head_of(&row)?;
    let (entries, links) = chain(&secret.audit_key(), now, head, changes);
    let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
    sqlx::query(
        "with added as (
            insert into audit (seq, time, actor, source_ip, activity, object, before, after, hash)
            select seq, $2, actor, source_ip, activity, object, before::json, after::json, hash
            from unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::bytea[])
                as t (seq, actor, source_ip, activity, object, before, after, hash)
        )
        update audit_head set seq = $10, hash = $11, secret_check = $12",
    )
    .bind(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>())
    .bind(now)
    .bind(entries.iter().map(|entry| entry.actor.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.source_ip.as_deref()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.activity.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.object.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.before.as_deref()).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.after.as_deref()).collect::<Vec<_>>())
    .bind(links.iter().map(|link| link.as_slice()).collect::<Vec<_>>())
    .bind(last)
    .bind(links.last().map_or(head.hash.as_slice(), |link| link.as_slice()))
    .bind(secret.check().as_slice())
    .execute(conn)
    .await?;
    Ok(())
}

/// The entries that follow a head, with their hashes.
fn chain(
    key: &[u8; 32],
    now: DateTime<Utc>,
    head: Head,
    changes: &[(By, Change)],
) -> (Vec<Entry>, Vec<Link>) {
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
        previous = link(key, &previous, &entry);
        links.push(previous);
        entries.push(entry);
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

fn head_of(row: &PgRow) -> Result<Head> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash = hash.try_into().map_err(|hash: Vec<u8>| Error::Corrupt {
        table: "audit_head",
        what: format!("a hash of {} bytes", hash.len()),
    })?;
    Ok(Head { seq: row.try_get("seq")?, hash })
}

/// Where the chain ends.
///
/// # Errors
/// When the database refuses, or the head's row is damaged.
pub async fn head(db: impl PgExecutor<'_>) -> Result<Head> {
    head_of(&sqlx::query("select seq, hash from audit_head").fetch_one(db).await?)
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

fn read(row: &PgRow) -> Result<Row> {
    Ok(Row {
        entry: Entry {
            seq: row.try_get("seq")?,
            time: row.try_get("time")?,
            actor: row.try_get("actor")?,
            source_ip: row.try_get("source_ip")?,
            activity: row.try_get("activity")?,
            object: row.try_get("object")?,
            before: row.try_get("before")?,
            after: row.try_get("after")?,
        },
        hash: row.try_get("hash")?,
    })
}

/// Every entry, in order.
pub fn all(pool: &PgPool) -> impl Stream<Item = Result<Row>> {
    let statement = sqlx::query(
        "select seq, time, actor, source_ip, activity, object,
                before::text as before,
                after::text as after, hash
         from audit order by seq",
    );
    statement.fetch(pool).map_err(Error::from).and_then(async |row| read(&row))
}

/// Which entries a page asks for. Empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The actor, whole.
    pub actor: Option<String>,
    /// The activity, whole.
    pub activity: Option<String>,
    /// A part of the object's beginning.
    pub object: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// Entries that fit, newest first, below a number if one is given.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "select seq, time, actor, source_ip, activity, object,
                before::text as before,
                after::text as after, hash
         from audit
         where ($1::text is null or actor = $1)
           and ($2::text is null or activity = $2)
           and ($3::text is null or starts_with(object, $3))
           and ($4::timestamptz is null or time >= $4)
           and ($5::timestamptz is null or time < $5)
           and ($6::bigint is null or seq < $6)
         order by seq desc limit $7",
    )
    .bind(&filter.actor)
    .bind(&filter.activity)
    .bind(&filter.object)
    .bind(filter.from)
    .bind(filter.to)
    .bind(below)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}
