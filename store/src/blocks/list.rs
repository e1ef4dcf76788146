//! Blocks as pages and exports list them.

use super::{Block, read};
use crate::Result;
use chrono::{DateTime, Utc};
use domain::blocks::BlockKind;
use sqlx::PgExecutor;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// Which blocks a page asks for. Empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that hold (`true`) or have ended (`false`).
    pub live: Option<bool>,
    /// Of one kind.
    pub kind: Option<BlockKind>,
    /// Only with one of these keys.
    pub keys: Option<Vec<String>>,
}

/// Where a list goes on: after a row, by its time and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The row's time.
    pub time: DateTime<Utc>,
    /// The row's id.
    pub id: Uuid,
}

/// As a page's or the API's cursor has it; nothing of it says what the row is of.
impl std::fmt::Display for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.time.timestamp_micros(), self.id.simple())
    }
}

impl std::str::FromStr for After {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let wrong = "must be a cursor as the page before it ended with";
        let (time, id) = text.rsplit_once('-').ok_or(wrong)?;
        let time = time.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(wrong)?;
        // Postgres' own bounds are narrower.
        let within = (0..=9_999).contains(&chrono::Datelike::year(&time));
        let id = id.parse().map_err(|_| wrong)?;
        if within { Ok(Self { time, id }) } else { Err(wrong) }
    }
}

/// Blocks that fit, newest first, after a row if one is given.
///
/// # Errors
/// When the database refuses.
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

/// The rows of the report `blocks`: those begun in a range, as all was known at `as_of`, newest
/// first, then by key. What ended later has not ended yet.
///
/// # Errors
/// When the database refuses.
pub async fn report(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    as_of: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let rows = sqlx::query(
        "select * from block where since >= $1 and since < $2 and since <= $3
         order by since desc, key, id",
    )
    .bind(from)
    .bind(to)
    .bind(as_of)
    .fetch_all(db)
    .await?;
    let known = |row: &PgRow| {
        let mut block = read(row)?;
        block.end = block.end.filter(|end| end.time <= as_of);
        block.end = block.ended(as_of);
        Ok(block)
    };
    rows.iter().map(known).collect()
}
