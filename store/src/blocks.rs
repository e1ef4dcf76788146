//! Blocks: what the gate refuses. Active and ended ones.

use crate::Result;
use crate::parsed::{column, parsed, parsed_if, read_all, read_one};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::Channel;
use domain::blocks::{BlockKind, TIME_ENDS_BY, TIME_ENDS_WHY, Target};
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use uuid::Uuid;

mod list;

pub use list::{Filter, list, report};

/// A stored block.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// Id of the block.
    pub id: Uuid,
    /// What kind of target it has.
    pub kind: BlockKind,
    /// Target as shown, unmasked.
    pub value: String,
    /// Target, normalised.
    pub key: String,
    /// The only channel left open; none if all are blocked.
    pub only_channel: Option<Channel>,
    /// Start time.
    pub since: DateTime<Utc>,
    /// End time; none if it lasts until someone ends it.
    pub until: Option<DateTime<Utc>>,
    /// Its author, named as in the audit log.
    pub by: String,
    /// Reason given by the author.
    pub reason: String,
    /// Whether a fraud report created it automatically.
    pub auto: bool,
    /// Recorded end; see [`Block::ended`] for blocks whose time is over.
    pub end: Option<End>,
}

/// End of a block or bypass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Time of the end.
    pub time: DateTime<Utc>,
    /// Who ended it, named as in the audit log.
    pub by: String,
    /// Reason for the end.
    pub reason: String,
}

impl End {
    /// The end of what has reached its end time.
    pub(crate) fn by_time(time: DateTime<Utc>) -> Self {
        Self { time, by: TIME_ENDS_BY.to_owned(), reason: TIME_ENDS_WHY.to_owned() }
    }
}

/// Masked, so that no log contains a whole number.
impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, kind, since, until, end, .. } = self;
        let value = domain::blocks::value_text(*kind, &self.value, domain::workbook::Sight::Masked);
        write!(f, "block {id} of {kind} {value:?} from {since} until {until:?}, {end:?}")
    }
}

impl Block {
    /// Its end as of `now`, by its end time if nobody ended it before.
    pub fn ended(&self, now: DateTime<Utc>) -> Option<End> {
        match (&self.end, self.until) {
            (Some(end), _) => Some(end.clone()),
            (None, Some(until)) if until <= now => Some(End::by_time(until)),
            (None, _) => None,
        }
    }

    /// Whether it is in force at `now`.
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

/// Adds blocks whose target has no active block; returns the ids of those added. Expired blocks of
/// the targets are ended first, at their end times.
pub async fn add(write: &mut Write, blocks: &[Block], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    // Ordered, so that two writers cannot deadlock.
    let mut blocks: Vec<&Block> = blocks.iter().collect();
    blocks.sort_unstable_by(|a, b| (a.kind.as_str(), &a.key).cmp(&(b.kind.as_str(), &b.key)));
    let kinds = column(&blocks, |block| block.kind.as_str());
    let keys = column(&blocks, |block| block.key.as_str());
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
    Ok(sqlx::query_scalar(
        "insert into block (id, kind, value, key, only_channel, since, until, by, reason, auto)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::boolean[])
         on conflict (kind, key) where ended is null do nothing
         returning id",
    )
    .bind(column(&blocks, |block| block.id))
    .bind(&kinds)
    .bind(column(&blocks, |block| block.value.as_str()))
    .bind(&keys)
    .bind(column(&blocks, |block| block.only_channel.map(Channel::as_str)))
    .bind(column(&blocks, |block| block.since))
    .bind(column(&blocks, |block| block.until))
    .bind(column(&blocks, |block| block.by.as_str()))
    .bind(column(&blocks, |block| block.reason.as_str()))
    .bind(column(&blocks, |block| block.auto))
    .fetch_all(write.conn())
    .await?)
}

/// Ends the active ones of these blocks, and returns them.
pub async fn end(write: &mut Write, ids: &[Uuid], end: &End) -> Result<Vec<Block>> {
    let query = sqlx::query(
        "update block set ended = $2, ended_by = $3, end_reason = $4
         where id = any($1) and ended is null and (until is null or until > $2)
         returning *",
    )
    .bind(ids)
    .bind(end.time)
    .bind(&end.by)
    .bind(&end.reason);
    read_all(write.conn(), query, read).await
}

/// The active block of a user under any linked name. Of several, one of all channels comes before
/// one that leaves a channel open, then the one that lasts longest.
pub async fn of_user(
    db: impl PgExecutor<'_>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<Block>> {
    let sql = "select * from block
         where kind = 'user' and ended is null and (until is null or until > $2)
           and key = any (array(
               select $1 union all
               select other.name from user_alias mine
                   join user_alias other on other.person = mine.person
               where mine.name = $1))
         order by only_channel is not null, until desc nulls first, id limit 1";
    read_one(db, sqlx::query(sql).bind(name).bind(now), read).await
}

/// Active blocks of a number and of the number blocks that contain it.
pub async fn of_number(
    db: impl PgExecutor<'_>,
    number: domain::PhoneNumber,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let (own, blocks) = domain::blocks::keys_of(number);
    around(db, (BlockKind::Number, own), (BlockKind::NumberBlock, blocks), now).await
}

/// Active blocks of an IP address and of the networks that contain it.
pub async fn of_ip(
    db: impl PgExecutor<'_>,
    ip: std::net::IpAddr,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let (own, networks) = domain::blocks::keys_of_ip(ip);
    around(db, (BlockKind::Ip, own), (BlockKind::IpNetwork, networks), now).await
}

/// Active blocks of a target and of any of the wider ones that contain it.
async fn around(
    db: impl PgExecutor<'_>,
    (kind, own): (BlockKind, String),
    (wider, keys): (BlockKind, Vec<String>),
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let sql = "select * from block
         where ended is null and (until is null or until > $5)
           and ((kind = $1 and key = $2) or (kind = $3 and key = any($4)))
         order by kind, key";
    let query = sqlx::query(sql).bind(kind.as_str()).bind(own).bind(wider.as_str()).bind(keys);
    read_all(db, query.bind(now), read).await
}

/// The active block of exactly this target.
pub async fn live_of(
    db: impl PgExecutor<'_>,
    target: &Target,
    now: DateTime<Utc>,
) -> Result<Option<Block>> {
    let query = sqlx::query(
        "select * from block where kind = $1 and key = $2 and ended is null
           and (until is null or until > $3)",
    )
    .bind(target.kind().as_str())
    .bind(target.key())
    .bind(now);
    read_one(db, query, read).await
}

/// Number of active blocks.
pub async fn count_live(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<i64> {
    let sql = "select count(*) from block where ended is null and (until is null or until > $1)";
    Ok(sqlx::query_scalar(sql).bind(now).fetch_one(db).await?)
}

/// Active blocks that fraud reports created automatically since a time, oldest first: the batch to
/// review after the breaker has tripped.
pub async fn live_auto(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Block>> {
    let sql = "select * from block
         where auto and since >= $1 and ended is null and (until is null or until > $2)
         order by since, id";
    read_all(db, sqlx::query(sql).bind(since).bind(now), read).await
}

#[cfg(test)]
mod tests;
