//! Entries for pages: long ones are left to be asked for one by one.

use super::{Row, read};
use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

/// Whether a side of an entry is short. The stored size comes first: what is large is neither
/// fetched nor unpacked to find out.
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

/// Entries that fit a [`Filter`], with how they end: which side of a place (`$7`) and in which order.
/// Not kept prepared: planned for the very values, what asks for nothing falls away and an index
/// leads to the rest.
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
        .bind($filter.object.as_deref().map(beyond))
        .bind($filter.from)
        .bind($filter.to)
        .bind($place)
        .bind($limit)
    };
}

/// Which entries a page asks for. Empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The actor, whole.
    pub actor: Option<String>,
    /// The activity, whole.
    pub activity: Option<String>,
    /// The object's beginning.
    pub object: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// Entries that fit, newest first, older than the one of a number if one is given. Of long entries
/// what was before and after is left out: see [`one`].
///
/// # Errors
/// When the database refuses.
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
    let rows = query.fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Entries that fit and are newer than the one of a number, the newest of them first: the page
/// before the one that begins there. Long ones as in [`list`].
///
/// # Errors
/// When the database refuses.
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

/// One entry, whole.
///
/// # Errors
/// When the database refuses.
pub async fn one(db: impl PgExecutor<'_>, seq: i64) -> Result<Option<Row>> {
    let row = sqlx::query(
        "select seq, time, actor, source_ip, activity, object,
                before::text as before, after::text as after, hash, key, false
         from audit_whole where seq = $1",
    )
    .bind(seq)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The first text after all that begin with one, by bytes.
fn beyond(start: &str) -> String {
    format!("{start}\u{10ffff}")
}
