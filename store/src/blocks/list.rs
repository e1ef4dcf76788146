//! Blocks for pages and exports.

use super::{Block, read};
use crate::{After, Result};
use chrono::{DateTime, Utc};
use domain::blocks::BlockKind;
use sqlx::PgExecutor;
use sqlx::postgres::PgRow;

/// Conditions of a page of blocks; none means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Active (`true`) or ended (`false`).
    pub live: Option<bool>,
    /// Kind of the target.
    pub kind: Option<BlockKind>,
    /// Normalised targets.
    pub keys: Option<Vec<String>>,
}

/// Blocks that match, newest first, after a position if one is given.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let rows = sqlx::query(
        "select * from block
         where ($1::boolean is null
                or $1 and ended is null and (until is null or until > $7)
                or not $1 and (ended is not null or until <= $7))
           and ($2::text is null or kind = $2)
           and ($3::text[] is null or key = any($3))
           and ($4::timestamptz is null or since < $4 or since = $4 and id > $5)
         order by since desc, id limit $6",
    )
    .bind(filter.live)
    .bind(filter.kind.map(BlockKind::as_str))
    .bind(&filter.keys)
    .bind(after.map(|after| after.time))
    .bind(after.map(|after| after.id))
    .bind(limit)
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Rows of the report `blocks`: those that began in a range, newest first, then by key, as known at
/// `as_of`. Later ends are not shown.
pub async fn report(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    as_of: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let sql = "select * from block where since >= $1 and since < $2 and since <= $3
         order by since desc, key, id";
    let rows = sqlx::query(sql).bind(from).bind(to).bind(as_of).fetch_all(db).await?;
    let known = |row: &PgRow| {
        let mut block = read(row)?;
        block.end = block.end.filter(|end| end.time <= as_of);
        block.end = block.ended(as_of);
        Ok(block)
    };
    rows.iter().map(known).collect()
}
