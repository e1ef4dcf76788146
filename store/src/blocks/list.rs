//! Blocks for pages and exports.

use super::{Block, read};
use crate::parsed::read_all;
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
    let sql = "select * from block
         where ($1::boolean is null
                or $1 and ended is null and (until is null or until > $4)
                or not $1 and (ended is not null or until <= $4))
           and ($2::text is null or kind = $2)
           and ($3::text[] is null or key = any($3))
           and ($5::timestamptz is null or since < $5 or since = $5 and id > $6)
         order by since desc, id limit $7";
    let kind = filter.kind.map(BlockKind::as_str);
    let query = sqlx::query(sql).bind(filter.live).bind(kind).bind(&filter.keys).bind(now);
    read_all(db, After::bind(after, query, limit), read).await
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
