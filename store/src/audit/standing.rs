//! Entries as they stand in the chain, with what lies beside it; taking people out of them; where a
//! chain begins whose first entries were dropped.

use super::{Row, read};
use crate::Result;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Link, Version};
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::ops::ControlFlow;

/// An entry as it stands in the chain, and what lies beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The entry as it stands in the chain, with its hash.
    pub row: Row,
    /// How it stands there; none for a number that no version of Tollwarden writes.
    pub version: Option<Version>,
    /// What lies beside it.
    pub beside: Option<Beside>,
}

/// The texts of an entry that lie beside the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// To what.
    pub object: String,
    /// How it was.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
    /// The MAC of an erasure; none while the texts are as they were written.
    pub erased: Option<Vec<u8>>,
}

impl Standing {
    /// The entry as it is read.
    pub fn whole(&self) -> Entry {
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

/// What stands at a place of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// An entry.
    Row(Box<Standing>),
    /// What no version of Tollwarden writes.
    Unreadable {
        /// Its number.
        seq: i64,
        /// What cannot be read.
        what: String,
    },
}

const STANDING: &str = "select a.seq, a.time, a.actor, a.source_ip, a.activity, a.object,
        a.before::text, a.after::text, a.hash, a.key, false, a.version, v.object, v.before::text, v.after::text,
        v.erased
     from audit a left join audit_value v on v.seq = a.seq";

/// Shows every row in order, one at a time, until `see` has seen enough.
///
/// # Errors
/// When the database refuses.
pub async fn walk(
    conn: &mut PgConnection,
    mut see: impl FnMut(Seen) -> ControlFlow<()>,
) -> Result<()> {
    let sql = format!("{STANDING} order by a.seq");
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql));
    let mut rows = statement.fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let seq = row.try_get(0)?;
        let seen = match standing(&row) {
            Ok(standing) => Seen::Row(Box::new(standing)),
            Err(error) => Seen::Unreadable { seq, what: error.to_string() },
        };
        if see(seen).is_break() {
            break;
        }
    }
    Ok(())
}

fn standing(row: &PgRow) -> Result<Standing> {
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
    Ok(Standing { row: read(row)?, version: Version::of(version), beside })
}

/// Entries after one, whose texts fit a pattern: at most those of so many numbers; and the number
/// that the next piece begins after, none at the end.
///
/// # Errors
/// When the database refuses.
pub async fn naming(
    conn: &mut PgConnection,
    pattern: &str,
    after: i64,
    piece: i64,
) -> Result<(Vec<Standing>, Option<i64>)> {
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
    Ok((rows.iter().map(standing).collect::<Result<_>>()?, Some(upto)))
}

/// Puts what is left of an entry in the place of its texts, with the MAC that says so.
///
/// # Errors
/// When the database refuses.
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

/// Every entry that people were taken out of.
///
/// # Errors
/// When the database refuses.
pub async fn erased(conn: &mut PgConnection) -> Result<Vec<Standing>> {
    let sql = format!("{STANDING} where v.erased is not null order by a.seq");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(standing).collect()
}

/// Where a chain begins whose first entries were dropped, as the table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The last dropped entry's number.
    pub seq: i64,
    /// Its hash; of any length.
    pub hash: Vec<u8>,
    /// When it was dropped.
    pub dropped: DateTime<Utc>,
    /// The MAC over number and hash.
    pub mac: Vec<u8>,
}

/// Where the chain begins; none for one that is there from its first entry.
///
/// # Errors
/// When the database refuses.
pub async fn anchor(conn: &mut PgConnection) -> Result<Option<Anchor>> {
    let row = sqlx::query("select seq, hash, dropped, mac from audit_anchor");
    let Some(row) = row.fetch_optional(conn).await? else { return Ok(None) };
    Ok(Some(Anchor {
        seq: row.try_get("seq")?,
        hash: row.try_get("hash")?,
        dropped: row.try_get("dropped")?,
        mac: row.try_get("mac")?,
    }))
}

/// Gives the place where a chain begins another MAC.
///
/// # Errors
/// When the database refuses.
pub async fn sign_anchor(conn: &mut PgConnection, mac: &Link) -> Result<()> {
    let sql = "select audit_sign_anchor($1)";
    sqlx::query(sql).bind(mac.as_slice()).execute(conn).await?;
    Ok(())
}
