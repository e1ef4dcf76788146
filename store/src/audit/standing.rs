//! Stored entries for verification, with their texts outside the chain; erasure of people from
//! them; the anchor of a chain whose first entries were dropped.

use super::{Row, read};
use crate::Result;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Link, Version};
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row as _};
use std::ops::ControlFlow;

/// A stored entry: what the chain covers, and the texts outside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// What the chain covers, with its hash.
    pub row: Row,
    /// Format of the entry; none for a number that no version of Tollwarden writes.
    pub version: Option<Version>,
    /// Texts outside the chain, for [`Version::Apart`].
    pub beside: Option<Beside>,
}

/// Texts of an entry that are stored outside the chain, so that they can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What was changed.
    pub object: String,
    /// JSON before the change.
    pub before: Option<String>,
    /// JSON after the change.
    pub after: Option<String>,
    /// MAC of an erasure; none while the texts are unchanged.
    pub erased: Option<Vec<u8>>,
}

impl StoredEntry {
    /// The entry with its texts, as shown to readers.
    pub fn to_entry(&self) -> Entry {
        let entry = self.row.entry.clone();
        match &self.beside {
            None => entry,
            Some(Beside { object, before, after, .. }) => Entry {
                object: object.clone(),
                before: before.clone(),
                after: after.clone(),
                ..entry
            },
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryRow {
    /// A row that could be parsed.
    Row(Box<StoredEntry>),
    /// A row that no version of Tollwarden writes.
    Unreadable {
        /// Number of the entry.
        seq: i64,
        /// Why it cannot be parsed.
        what: String,
    },
}

const STANDING: &str = "select a.seq, a.time, a.actor, a.source_ip, a.activity, a.object,
        a.before::text, a.after::text, a.hash, a.key, false, a.version, v.object, v.before::text, v.after::text,
        v.erased
     from audit a left join audit_value v on v.seq = a.seq";

/// Passes every row to `see` in order, until it breaks.
pub async fn walk(
    conn: &mut PgConnection,
    mut see: impl FnMut(EntryRow) -> ControlFlow<()>,
) -> Result<()> {
    let sql = format!("{STANDING} order by a.seq");
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql));
    let mut rows = statement.fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let seq = row.try_get(0)?;
        let seen = match stored_entry(&row) {
            Ok(standing) => EntryRow::Row(Box::new(standing)),
            Err(error) => EntryRow::Unreadable { seq, what: error.to_string() },
        };
        if see(seen).is_break() {
            break;
        }
    }
    Ok(())
}

fn stored_entry(row: &PgRow) -> Result<StoredEntry> {
    let version: i16 = row.try_get(11)?;
    let object: Option<String> = row.try_get(12)?;
    let beside = match object {
        None => None,
        Some(object) => Some(Beside {
            object,
            before: row.try_get(13)?,
            after: row.try_get(14)?,
            erased: row.try_get(15)?,
        }),
    };
    Ok(StoredEntry { row: read(row)?, version: Version::of(version), beside })
}

/// Searches the next `piece` entries after a number for texts that match a pattern. Also returns
/// the number to continue after; none at the end.
pub async fn naming(
    conn: &mut PgConnection,
    pattern: &str,
    after: i64,
    piece: i64,
) -> Result<(Vec<StoredEntry>, Option<i64>)> {
    let upto: Option<i64> = sqlx::query_scalar(
        "select max(seq) from (select seq from audit where seq > $1 order by seq limit $2) s",
    )
    .bind(after)
    .bind(piece)
    .fetch_one(&mut *conn)
    .await?;
    let Some(upto) = upto else { return Ok((Vec::new(), None)) };
    let sql = format!(
        "{STANDING} where a.seq > $1 and a.seq <= $2 and concat_ws(E'\\n', v.object, v.before::text,
            v.after::text, a.object, a.before::text, a.after::text) ~* $3 order by a.seq"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(after)
        .bind(upto)
        .bind(pattern)
        .fetch_all(&mut *conn)
        .await?;
    Ok((rows.iter().map(stored_entry).collect::<Result<_>>()?, Some(upto)))
}

/// Replaces an entry's texts by what an erasure leaves, with the MAC of the erasure.
pub async fn erase(conn: &mut PgConnection, left: &Entry, mac: &Link) -> Result<()> {
    sqlx::query("select audit_erase($1, $2, $3::json, $4::json, $5)")
        .bind(left.seq)
        .bind(&left.object)
        .bind(&left.before)
        .bind(&left.after)
        .bind(mac.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

/// All entries with an erasure.
pub async fn erased(conn: &mut PgConnection) -> Result<Vec<StoredEntry>> {
    let sql = format!("{STANDING} where v.erased is not null order by a.seq");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(stored_entry).collect()
}

/// The stored start of a chain whose first entries were dropped, unverified.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Anchor {
    /// Number of the last dropped entry.
    pub seq: i64,
    /// Hash of that entry; a tampered one can have any length.
    pub hash: Vec<u8>,
    /// Time of the drop.
    pub dropped: DateTime<Utc>,
    /// MAC over number and hash.
    pub mac: Vec<u8>,
}

/// The start of a chain whose first entries were dropped; none for a complete chain.
pub async fn anchor(conn: &mut PgConnection) -> Result<Option<Anchor>> {
    let sql = "select seq, hash, dropped, mac from audit_anchor";
    Ok(sqlx::query_as(sql).fetch_optional(conn).await?)
}

/// Replaces the MAC of the anchor.
pub async fn sign_anchor(conn: &mut PgConnection, mac: &Link) -> Result<()> {
    let sql = "select audit_sign_anchor($1)";
    sqlx::query(sql).bind(mac.as_slice()).execute(conn).await?;
    Ok(())
}
