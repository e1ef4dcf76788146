//! Entries for pages, without the texts of long ones, which are fetched one by one.

use super::{Row, read};
use crate::Result;
use crate::parsed::{read_all, read_one};
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

/// Whether `before` or `after` of an entry is short. The stored size is checked first, so that
/// large values are neither fetched nor decompressed.
macro_rules! short {
    ($side:literal) => {
        concat!(
            "coalesce(case when pg_column_size(",
            $side,
            ") > 4096 then false
                      else octet_length(",
            $side,
            "::text) <= 16384 end, true)"
        )
    };
}

/// Entries that match a [`Filter`]; `$end` is the condition on the position (`$7`), and the order.
/// Not cached as a prepared statement: planned for the given values, null conditions disappear and
/// an index can be used.
macro_rules! entries {
    ($end:literal, $filter:ident, $place:ident, $limit:ident) => {
        sqlx::query(concat!(
            "select seq, time, actor, source_ip, activity, object,
                    case when short then before::text end,
                    case when short then after::text end, hash, key, not short
             from audit_whole, lateral (select ",
            short!("before"),
            " and ",
            short!("after"),
            ") as s (short)
             where ($1::text is null or actor = $1)
               and ($2::text is null or activity = $2)
               and ($3::text is null or seq in (
                    select seq from audit where version = 1 and object >= $3 and object < $4
                    union all
                    select seq from audit_value where object >= $3 and object < $4))
               and ($5::timestamptz is null or time >= $5)
               and ($6::timestamptz is null or time < $6)",
            $end
        ))
        .persistent(false)
        .bind(&$filter.actor)
        .bind(&$filter.activity)
        .bind(&$filter.object)
        .bind($filter.object.as_deref().map(prefix_end))
        .bind($filter.from)
        .bind($filter.to)
        .bind($place)
        .bind($limit)
    };
}

/// Conditions of a page of entries; none means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The actor, exactly.
    pub actor: Option<String>,
    /// The activity, exactly.
    pub activity: Option<String>,
    /// Prefix of the object.
    pub object: Option<String>,
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
}

/// Entries that match, newest first, older than entry `older` if given. Long ones come without
/// `before` and `after`: see [`one`].
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    older: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>> {
    let query = entries!(
        " and ($7::bigint is null or (time, seq) < ((select time from audit where seq = $7), $7))
         order by time desc, seq desc limit $8",
        filter,
        older,
        limit
    );
    read_all(db, query, read).await
}

/// The page before the one that begins with entry `than`: matching entries newer than it, newest
/// first. Long ones as in [`list`].
pub async fn newer(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    than: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    let query = entries!(
        " and (time, seq) > ((select time from audit where seq = $7), $7)
         order by time, seq limit $8",
        filter,
        than,
        limit
    );
    let rows = query.fetch_all(db).await?;
    rows.iter().rev().map(read).collect()
}

/// One entry with all its texts.
pub async fn one(db: impl PgExecutor<'_>, seq: i64) -> Result<Option<Row>> {
    let sql = "select seq, time, actor, source_ip, activity, object,
                before::text as before, after::text as after, hash, key, false
         from audit_whole where seq = $1";
    read_one(db, sqlx::query(sql).bind(seq), read).await
}

/// An upper bound for texts that begin with `start`, by bytes.
fn prefix_end(start: &str) -> String {
    format!("{start}\u{10ffff}")
}
