//! Blocks: whom and what the gate refuses, live and ended.

use crate::Result;
use crate::parsed::{parsed, parsed_if};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::Channel;
use domain::blocks::{BlockKind, TIME_ENDS_BY, TIME_ENDS_WHY, Target};
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use uuid::Uuid;

mod list;

pub use list::{After, Filter, list, report};

/// A block as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: Uuid,
    /// What it is of.
    pub kind: BlockKind,
    /// Of whom or what, as shown to those who see whole numbers.
    pub value: String,
    /// The same for comparison.
    pub key: String,
    /// Nothing: refused altogether. Else the one channel that is still offered.
    pub only_channel: Option<Channel>,
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when; nothing: until unblocked.
    pub until: Option<DateTime<Utc>>,
    /// By whom, as the audit log names them.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Whether a fraud report brought it about by itself.
    pub auto: bool,
    /// Its end, if it has ended before or by its time.
    pub end: Option<End>,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// When.
    pub time: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl End {
    /// By its time's being over.
    pub(crate) fn by_time(time: DateTime<Utc>) -> Self {
        Self { time, by: TIME_ENDS_BY.to_owned(), reason: TIME_ENDS_WHY.to_owned() }
    }
}

/// Logs see masks: whole numbers never reach them.
impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, kind, since, until, end, .. } = self;
        let value = domain::blocks::shown(*kind, &self.value, domain::workbook::Sight::Masked);
        write!(f, "block {id} of {kind} {value:?} from {since} until {until:?}, {end:?}")
    }
}

impl Block {
    /// How it ended, seen from `now`: what has a time ends then by itself, to the second.
    pub fn ended(&self, now: DateTime<Utc>) -> Option<End> {
        match (&self.end, self.until) {
            (Some(end), _) => Some(end.clone()),
            (None, Some(until)) if until <= now => Some(End::by_time(until)),
            (None, _) => None,
        }
    }

    /// Whether it holds.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.end.is_none() && self.until.is_none_or(|until| now < until)
    }
}

pub(crate) fn read_end(row: &PgRow) -> Result<Option<End>> {
    let Some(time) = row.try_get("ended")? else { return Ok(None) };
    let text = |name| row.try_get::<Option<String>, _>(name).map(Option::unwrap_or_default);
    Ok(Some(End { time, by: text("ended_by")?, reason: text("end_reason")? }))
}

fn read(row: &PgRow) -> Result<Block> {
    Ok(Block {
        id: row.try_get("id")?,
        kind: parsed("block", row.try_get("kind")?)?,
        value: row.try_get("value")?,
        key: row.try_get("key")?,
        only_channel: parsed_if("block", row.try_get("only_channel")?)?,
        since: row.try_get("since")?,
        until: row.try_get("until")?,
        by: row.try_get("by")?,
        reason: row.try_get("reason")?,
        auto: row.try_get("auto")?,
        end: read_end(row)?,
    })
}

/// Adds blocks, each if nothing live has its key; the ids of those that were added. A block of the
/// same key whose time is over is ended first, at its time.
///
/// # Errors
/// When the database refuses.
pub async fn add(write: &mut Write, blocks: &[Block], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    // In the order of the keys, so that two writers wait for each other instead of meeting in a
    // deadlock.
    let mut blocks: Vec<&Block> = blocks.iter().collect();
    blocks.sort_unstable_by(|a, b| (a.kind.as_str(), &a.key).cmp(&(b.kind.as_str(), &b.key)));
    let kinds: Vec<&str> = blocks.iter().map(|block| block.kind.as_str()).collect();
    let keys: Vec<&str> = blocks.iter().map(|block| block.key.as_str()).collect();
    sqlx::query(
        "update block set ended = until, ended_by = $4, end_reason = $5
         from unnest($1::text[], $2::text[]) as t (kind, key)
         where block.kind = t.kind and block.key = t.key and block.ended is null
           and block.until <= $3",
    )
    .bind(&kinds)
    .bind(&keys)
    .bind(now)
    .bind(TIME_ENDS_BY)
    .bind(TIME_ENDS_WHY)
    .execute(write.conn())
    .await?;
    let column = |get: fn(&Block) -> &str| blocks.iter().map(|b| get(b)).collect::<Vec<_>>();
    let ids = sqlx::query_scalar(
        "insert into block (id, kind, value, key, only_channel, since, until, by, reason, auto)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::boolean[])
         on conflict (kind, key) where ended is null do nothing
         returning id",
    )
    .bind(blocks.iter().map(|block| block.id).collect::<Vec<_>>())
    .bind(&kinds)
    .bind(column(|block| &block.value))
    .bind(&keys)
    .bind(blocks.iter().map(|b| b.only_channel.map(Channel::as_str)).collect::<Vec<_>>())
    .bind(blocks.iter().map(|block| block.since).collect::<Vec<_>>())
    .bind(blocks.iter().map(|block| block.until).collect::<Vec<_>>())
    .bind(column(|block| &block.by))
    .bind(column(|block| &block.reason))
    .bind(blocks.iter().map(|block| block.auto).collect::<Vec<_>>())
    .fetch_all(write.conn())
    .await?;
    Ok(ids)
}

/// A block by its id, whether it holds or not.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Block>> {
    let row = sqlx::query("select * from block where id = $1").bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Ends those of these blocks that hold; the blocks as they are then.
///
/// # Errors
/// When the database refuses.
pub async fn end(write: &mut Write, ids: &[Uuid], end: &End) -> Result<Vec<Block>> {
    let rows = sqlx::query(
        "update block set ended = $2, ended_by = $3, end_reason = $4
         where id = any($1) and ended is null and (until is null or until > $2)
         returning *",
    )
    .bind(ids)
    .bind(end.time)
    .bind(&end.by)
    .bind(&end.reason)
    .fetch_all(write.conn())
    .await?;
    rows.iter().map(read).collect()
}

/// The block that holds for a user by one of the names, all others of the same person included:
/// one round trip, and each step of it led by an index. The strictest if there are more: one that
/// refuses before one that leaves a channel, then the one that lasts longest.
///
/// # Errors
/// When the database refuses.
pub async fn of_user(
    db: impl PgExecutor<'_>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<Block>> {
    let row = sqlx::query(
        "select * from block
         where kind = 'user' and ended is null and (until is null or until > $2)
           and key = any (array(
               select $1 union all
               select other.name from user_alias mine
                   join user_alias other on other.person = mine.person
               where mine.name = $1))
         order by only_channel is not null, until desc nulls first, id limit 1",
    )
    .bind(name)
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Every block that holds for a number: its own, and of the blocks it lies in.
///
/// # Errors
/// When the database refuses.
pub async fn of_number(
    db: impl PgExecutor<'_>,
    number: domain::PhoneNumber,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let (own, blocks) = domain::blocks::keys_of(number);
    let rows = sqlx::query(
        "select * from block
         where ended is null and (until is null or until > $3)
           and ((kind = 'number' and key = $1) or (kind = 'number_block' and key = any($2)))
         order by kind, key",
    )
    .bind(own)
    .bind(blocks)
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Every block that holds for an address: its own, and of the networks it lies in.
///
/// # Errors
/// When the database refuses.
pub async fn of_ip(
    db: impl PgExecutor<'_>,
    ip: std::net::IpAddr,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let (own, networks) = domain::blocks::keys_of_ip(ip);
    let rows = sqlx::query(
        "select * from block
         where ended is null and (until is null or until > $3)
           and ((kind = 'ip' and key = $1) or (kind = 'ip_network' and key = any($2)))
         order by kind, key",
    )
    .bind(own)
    .bind(networks)
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The live block of exactly this target.
///
/// # Errors
/// When the database refuses.
pub async fn live_of(
    db: impl PgExecutor<'_>,
    target: &Target,
    now: DateTime<Utc>,
) -> Result<Option<Block>> {
    let row = sqlx::query(
        "select * from block where kind = $1 and key = $2 and ended is null
           and (until is null or until > $3)",
    )
    .bind(target.kind().as_str())
    .bind(target.key())
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// How many blocks hold.
///
/// # Errors
/// When the database refuses.
pub async fn count_live(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*) from block where ended is null and (until is null or until > $1)",
    )
    .bind(now)
    .fetch_one(db)
    .await?)
}

/// The blocks that reports brought about by themselves since a time and that still hold, oldest
/// first: what a stopped breaker's batch is.
///
/// # Errors
/// When the database refuses.
pub async fn live_auto(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let rows = sqlx::query(
        "select * from block
         where auto and since >= $1 and ended is null and (until is null or until > $2)
         order by since, id",
    )
    .bind(since)
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
