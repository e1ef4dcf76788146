//! What the gate keeps in memory, read from the store: at its start, and then whatever was written
//! since it last looked.

use crate::events::Position;
use crate::parsed::{parsed, parsed_if};
use crate::{Result, micros};
use chrono::{DateTime, TimeDelta, Utc};
use domain::blocks::BlockKind;
use domain::{Channel, Kind, PhoneNumber, Region};
use futures::TryStreamExt as _;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// An event that the ledger folds in.
#[derive(Debug, Clone)]
pub struct Send {
    /// Its key.
    pub key: Uuid,
    /// When, µs since 1970.
    pub time: i64,
    /// `requested` or `refused` of the gate, `sent` or `failed` of anybody; any that has a cost.
    pub kind: Kind,
    /// Whether the gate itself tells of it.
    pub gate: bool,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// The number; events that bring nothing but a cost may have none.
    pub phone: Option<PhoneNumber>,
    /// Its region.
    pub region: Option<Region>,
    /// The channel.
    pub channel: Option<Channel>,
    /// The user's address.
    pub ip: Option<IpAddr>,
    /// The user, as the source writes them.
    pub user: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The flow.
    pub flow: Option<String>,
    /// Of a refusal: its first code.
    pub code: Option<String>,
    /// What it cost, and in which currency.
    pub cost: Option<(Decimal, String)>,
    /// The transaction that wrote it.
    pub xid: i64,
}

macro_rules! send_columns {
    () => {
        "select key, time, kind, attempt, phone, region, channel, host(ip) as ip, \"user\", device,
                flow, case when kind = 'refused' then reason end as code,
                cost_amount, cost_currency, xid::text::bigint as xid_number,
                source = 'gate' as gate
         from event "
    };
}

/// Which events count: those of the gate, what providers and others say was sent or failed, and
/// whatever brings a send's cost; but for those that were marked not to when they were written.
macro_rules! counts {
    () => {
        "counts and (phone is not null and (kind in ('sent', 'failed')
            or kind in ('requested', 'refused') and source = 'gate')
            or cost_amount is not null)"
    };
}

fn send(row: &PgRow) -> Result<Option<Send>> {
    let ip: Option<&str> = row.try_get("ip")?;
    let region: Option<&str> = row.try_get("region")?;
    // A number of an older shape than today's counts nowhere.
    let phone = row.try_get::<Option<&str>, _>("phone")?.map(PhoneNumber::from_e164);
    let Ok(phone) = phone.transpose() else { return Ok(None) };
    let amount: Option<Decimal> = row.try_get("cost_amount")?;
    let currency: Option<String> = row.try_get("cost_currency")?;
    Ok(Some(Send {
        key: row.try_get("key")?,
        time: micros(row.try_get("time")?),
        kind: parsed("event", row.try_get("kind")?)?,
        attempt: row.try_get("attempt")?,
        phone,
        region: region.and_then(|region| region.parse().ok()),
        channel: parsed_if("event", row.try_get("channel")?)?,
        ip: ip.and_then(|ip| ip.parse().ok()),
        user: row.try_get("user")?,
        device: row.try_get("device")?,
        flow: row.try_get("flow")?,
        code: row.try_get("code")?,
        cost: amount.zip(currency),
        xid: row.try_get("xid_number")?,
        gate: row.try_get("gate")?,
    }))
}

/// Hands over the events from a time on that transactions below `until` wrote.
///
/// # Errors
/// When the database refuses.
pub async fn sends_since(
    pool: &PgPool,
    from: DateTime<Utc>,
    until: Position,
    mut each: impl FnMut(Send),
) -> Result<()> {
    let sql = concat!(send_columns!(), "where time >= $1 and xid < $2::text::xid8 and ", counts!());
    let mut rows = sqlx::query(sql).bind(from).bind(until.xid.to_string()).fetch(pool);
    while let Some(row) = rows.try_next().await? {
        if let Some(send) = send(&row)? {
            each(send);
        }
    }
    Ok(())
}

/// The events that transactions from `since` on wrote, as far as they have ended, but for those
/// of `own` transactions: with those that another look may bring again, since a transaction that
/// began earlier may end later.
///
/// # Errors
/// When the database refuses.
pub async fn sends_after(
    conn: &mut PgConnection,
    since: Position,
    from: DateTime<Utc>,
    own: &[i64],
) -> Result<Vec<Send>> {
    let sql = concat!(
        send_columns!(),
        "where xid >= $1::text::xid8 and time >= $2
           and xid <> all($3::text[]::xid8[]) and ",
        counts!(),
        " order by xid, seq"
    );
    let rows = sqlx::query(sql)
        .bind(since.xid.to_string())
        .bind(from)
        .bind(own.iter().map(i64::to_string).collect::<Vec<_>>())
        .fetch_all(&mut *conn)
        .await?;
    let mut sends = Vec::with_capacity(rows.len());
    for row in &rows {
        sends.extend(send(row)?);
    }
    Ok(sends)
}

/// A block or a bypass, live or ended.
#[derive(Debug, Clone)]
pub struct Stand {
    /// Its id.
    pub id: Uuid,
    /// What it is of.
    pub kind: BlockKind,
    /// For comparison.
    pub key: String,
    /// Every name of its user; that one alone, where nobody joined it to another.
    pub names: Vec<String>,
    /// Of a block: the one channel that is left.
    pub only_channel: Option<Channel>,
    /// Until when; nothing: until somebody ends it.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
    /// Whether it neither ended nor was used up.
    pub live: bool,
}

fn stand(row: &PgRow) -> Result<Stand> {
    Ok(Stand {
        id: row.try_get("id")?,
        kind: parsed("block", row.try_get("kind")?)?,
        key: row.try_get("key")?,
        names: row.try_get("names")?,
        only_channel: parsed_if("block", row.try_get("only_channel")?)?,
        until: row.try_get("until")?,
        reason: row.try_get("reason")?,
        live: row.try_get("live")?,
    })
}

async fn stands(conn: &mut PgConnection, since: Position, sql: &'static str) -> Result<Vec<Stand>> {
    let rows = sqlx::query(sql).bind(since.xid.to_string()).fetch_all(conn).await?;
    rows.iter().map(stand).collect()
}

/// Blocks written, or whose user's names were, by transactions from `since` on; from the
/// beginning, those that are live.
///
/// # Errors
/// When the database refuses.
pub async fn blocks_after(conn: &mut PgConnection, since: Position) -> Result<Vec<Stand>> {
    stands(
        conn,
        since,
        "with changed as (
             select id from block where xid >= $1::text::xid8 and ($1 <> '0' or ended is null)
             union
             -- Whoever got another name is blocked by that one too.
             select block.id from user_alias news
             join user_alias mine on mine.person = news.person
             join block on block.key = mine.name and block.kind = 'user' and block.ended is null
             where news.xid >= $1::text::xid8 and $1 <> '0'
         )
         select block.id, kind, key, only_channel, until, reason, ended is null as live,
             case when kind = 'user' then array(
                 select other.name from user_alias mine
                 join user_alias other on other.person = mine.person where mine.name = key)
             else '{}'::text[] end as names
         from block join changed using (id)",
    )
    .await
}

/// The same of bypasses; of names those that people said are the user's, and none that events
/// joined: whoever can send events must not reach what was given to another.
///
/// # Errors
/// When the database refuses.
pub async fn bypasses_after(conn: &mut PgConnection, since: Position) -> Result<Vec<Stand>> {
    stands(
        conn,
        since,
        "with changed as (
             select id from bypass
             where xid >= $1::text::xid8 and ($1 <> '0' or ended is null and used is null)
             union
             select bypass.id from user_alias news
             join user_alias mine on mine.person = news.person
             join bypass on bypass.key = mine.name and bypass.kind = 'user'
                 and bypass.ended is null and bypass.used is null
             where news.xid >= $1::text::xid8 and $1 <> '0'
         )
         select bypass.id, kind, key, null::text as only_channel, until, reason,
             ended is null and used is null as live,
             case when kind = 'user' then array(
                 select other.name from user_alias mine
                 join user_alias other on other.hand = mine.hand where mine.name = key)
             else '{}'::text[] end as names
         from bypass join changed using (id)",
    )
    .await
}

/// The ids of all blocks and bypasses that are live.
///
/// # Errors
/// When the database refuses.
pub async fn standing(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    let sql = "select id from block where ended is null
               union all select id from bypass where ended is null and used is null";
    Ok(sqlx::query_scalar(sql).fetch_all(conn).await?)
}

/// Numbers that verified, written by transactions from `since` on, and when each last did.
///
/// # Errors
/// When the database refuses.
pub async fn trusted_after(
    conn: &mut PgConnection,
    since: Position,
    from: DateTime<Utc>,
) -> Result<Vec<(PhoneNumber, i64)>> {
    let rows = sqlx::query(
        "select phone, verified from trusted_number
         where xid >= $1::text::xid8 and verified >= $2",
    )
    .bind(since.xid.to_string())
    .bind(from)
    .fetch_all(&mut *conn)
    .await?;
    let mut numbers = Vec::with_capacity(rows.len());
    for row in &rows {
        let phone: &str = row.try_get(0)?;
        let verified: DateTime<Utc> = row.try_get(1)?;
        numbers.extend(phone.parse().ok().map(|phone| (phone, micros(verified))));
    }
    Ok(numbers)
}

/// Where a look begins: every transaction below has ended; and the versions of the settings that
/// the gate obeys, in the order of their sections' names.
///
/// # Errors
/// When the database refuses.
pub async fn look(conn: &mut PgConnection) -> Result<(Position, [i64; 2])> {
    let row = sqlx::query(
        "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
             coalesce((select max(version) from settings where section = 'countries'), 0),
             coalesce((select max(version) from settings where section = 'rules'), 0)",
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok((Position { xid: row.try_get(0)? }, [row.try_get(1)?, row.try_get(2)?]))
}

/// Notes numbers that verified after a code was asked for or sent in the same attempt, told by a
/// source that is trusted: of these attempts, each with the time of the fresh `verified`. A number
/// with more codes on that day than `sends` is not noted. Those of which nothing was asked for or
/// sent yet wait for it: see [`trust_early`].
///
/// # Errors
/// When the database refuses.
pub async fn trust(
    conn: &mut PgConnection,
    verified: &[(Uuid, PhoneNumber, DateTime<Utc>)],
    sends: i64,
) -> Result<()> {
    if verified.is_empty() {
        return Ok(());
    }
    // In order, so that two writers wait for each other instead of meeting in a deadlock.
    sqlx::query(
        "with told as (
             select t.*, exists (
                 select 1 from event
                 where (timezone('UTC', event.time)::date)
                         between (timezone('UTC', t.time)::date) - 1
                         and (timezone('UTC', t.time)::date)
                   and uuid_hash(event.attempt) = uuid_hash(t.attempt)
                   and event.attempt = t.attempt
                   and event.time between t.time - interval '1 day' and t.time
                   and event.kind in ('requested', 'sent') and event.phone = t.phone) as asked
             from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as t (attempt, phone, time)
         ),
         early as (
             insert into verified_early (attempt, phone, verified)
             select attempt, phone, time from told where not asked
             order by attempt, phone, time on conflict do nothing
         )
         insert into trusted_number (phone, verified)
         select t.phone, max(t.time)
         from told t
         where t.asked and (
             select count(*) from attempt
             where (timezone('UTC', attempt.time)::date) = (timezone('UTC', t.time)::date)
               and hashtext(attempt.phone) = hashtext(t.phone) and attempt.phone = t.phone
               and attempt.outcome <> 'refused') <= $4
         group by t.phone order by t.phone
         on conflict (phone) do update
             set verified = greatest(trusted_number.verified, excluded.verified)
             where trusted_number.verified < excluded.verified",
    )
    .bind(verified.iter().map(|one| one.0).collect::<Vec<_>>())
    .bind(verified.iter().map(|one| one.1.to_string()).collect::<Vec<_>>())
    .bind(verified.iter().map(|one| one.2).collect::<Vec<_>>())
    .bind(sends)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// The same of attempts of which something was asked for or sent just now, and whose `verified`
/// came before that. In a transaction after that of the attempt's own row: of two at once, the
/// second waits there, and sees what the first wrote.
///
/// # Errors
/// When the database refuses.
pub async fn trust_early(conn: &mut PgConnection, asked: &[Uuid], sends: i64) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "delete from verified_early where attempt = any($1) returning attempt, phone, verified",
    )
    .bind(asked)
    .fetch_all(&mut *conn)
    .await?;
    let mut verified = Vec::with_capacity(rows.len());
    for row in &rows {
        let phone: &str = row.try_get(1)?;
        let Ok(phone) = phone.parse() else { continue };
        verified.push((row.try_get(0)?, phone, row.try_get(2)?));
    }
    trust(conn, &verified, sends).await
}

/// Forgets what was said to be verified so many days ago and of which nothing was sent since; how
/// many.
///
/// # Errors
/// When the database refuses.
pub async fn forget_early(pool: &PgPool, now: DateTime<Utc>, days: i64) -> Result<u64> {
    let done = sqlx::query("delete from verified_early where verified < $1")
        .bind(now - TimeDelta::days(days))
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

/// Forgets numbers whose trust is over, some at a time; how many.
///
/// # Errors
/// When the database refuses.
pub async fn forget_trust(pool: &PgPool, now: DateTime<Utc>, days: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from trusted_number where phone in
             (select phone from trusted_number where verified < $1 limit 10000)",
    )
    .bind(now - TimeDelta::days(days))
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
