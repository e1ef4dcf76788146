//! What the gate caches, loaded at its start and then by what was written since its last poll.

use crate::events::Position;
use crate::parsed::{column, parsed, parsed_if};
use crate::{Result, micros};
use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::Active;
use domain::{Channel, Kind, PhoneNumber, Region};
use futures::TryStreamExt as _;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// An event that counts in the gate's ledger.
#[derive(Debug, Clone)]
pub struct Send {
    /// The event's key.
    pub key: Uuid,
    /// Time of the event, in µs since 1970.
    pub time: i64,
    /// `requested` or `refused` from the gate, `sent` or `failed` from any source; any kind if it
    /// has a cost.
    pub kind: Kind,
    /// Whether the gate is its source.
    pub gate: bool,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// The phone number; an event that only adds a cost may have none.
    pub phone: Option<PhoneNumber>,
    /// Region of the phone number.
    pub region: Option<Region>,
    /// How the code is delivered, if the source says so.
    pub channel: Option<Channel>,
    /// IP address of the user.
    pub ip: Option<IpAddr>,
    /// User name, as the source spells it.
    pub user: Option<String>,
    /// Device id from the source.
    pub device: Option<String>,
    /// Sign-in flow from the source.
    pub flow: Option<String>,
    /// First reason code, for refusals.
    pub code: Option<String>,
    /// Amount and currency.
    pub cost: Option<(Decimal, String)>,
    /// Id of the transaction that wrote it.
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

/// Which events count: the gate's own, `sent` and `failed` of every source, and any with a cost;
/// except those marked not to count when they were written.
macro_rules! counts {
    () => {
        "counts and (phone is not null and (kind in ('sent', 'failed')
            or kind in ('requested', 'refused') and source = 'gate')
            or cost_amount is not null)"
    };
}

fn read_send(row: &PgRow) -> Result<Option<Send>> {
    let ip: Option<&str> = row.try_get("ip")?;
    let region: Option<&str> = row.try_get("region")?;
    // A number that is no longer valid does not count.
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

/// Passes to `each` the events since `from` that transactions below `until` wrote.
pub async fn sends_since(
    pool: &PgPool,
    from: DateTime<Utc>,
    until: Position,
    mut each: impl FnMut(Send),
) -> Result<()> {
    let sql = concat!(send_columns!(), "where time >= $1 and xid < $2::text::xid8 and ", counts!());
    let mut rows = sqlx::query(sql).bind(from).bind(until.xid.to_string()).fetch(pool);
    while let Some(row) = rows.try_next().await? {
        if let Some(send) = read_send(&row)? {
            each(send);
        }
    }
    Ok(())
}

/// The events written by committed transactions from `since` on, except `own` ones. A later poll
/// may return the same events again, since a transaction that began earlier may commit later.
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
    rows.iter().filter_map(|row| read_send(row).transpose()).collect()
}

/// A block or a bypass, active or ended.
#[derive(Debug, Clone)]
pub struct BlockOrBypass {
    /// As the gate holds it while it is active.
    pub active: Active,
    /// Whether it was neither ended nor used; its end time is not considered.
    pub live: bool,
}

fn read_stand(row: &PgRow) -> Result<BlockOrBypass> {
    let active = Active {
        id: row.try_get("id")?,
        kind: parsed("block", row.try_get("kind")?)?,
        key: row.try_get("key")?,
        names: row.try_get("names")?,
        only_channel: parsed_if("block", row.try_get("only_channel")?)?,
        until: row.try_get("until")?,
        reason: row.try_get("reason")?,
    };
    Ok(BlockOrBypass { active, live: row.try_get("live")? })
}

async fn changed_stands(
    conn: &mut PgConnection,
    since: Position,
    sql: &'static str,
) -> Result<Vec<BlockOrBypass>> {
    let rows = sqlx::query(sql).bind(since.xid.to_string()).fetch_all(conn).await?;
    rows.iter().map(read_stand).collect()
}

/// Blocks that transactions from `since` on wrote or linked to another user name; all active ones
/// if `since` is 0.
pub async fn blocks_after(conn: &mut PgConnection, since: Position) -> Result<Vec<BlockOrBypass>> {
    changed_stands(
        conn,
        since,
        "with changed as (
             select id from block where xid >= $1::text::xid8 and ($1 <> '0' or ended is null)
             union
             -- A new name of a blocked user is blocked too.
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

/// [`blocks_after`] for bypasses. Only names linked by people count, not those linked by events: a
/// sender of events must not gain another user's bypass.
pub async fn bypasses_after(
    conn: &mut PgConnection,
    since: Position,
) -> Result<Vec<BlockOrBypass>> {
    changed_stands(
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

/// Ids of all active blocks and bypasses.
pub async fn active_ids(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    let sql = "select id from block where ended is null
               union all select id from bypass where ended is null and used is null";
    Ok(sqlx::query_scalar(sql).fetch_all(conn).await?)
}

/// Numbers verified since `from` that transactions from `since` on wrote, each with the time of its
/// last verification (µs since 1970).
pub async fn trusted_after(
    conn: &mut PgConnection,
    since: Position,
    from: DateTime<Utc>,
) -> Result<Vec<(PhoneNumber, i64)>> {
    let rows: Vec<(String, DateTime<Utc>)> = sqlx::query_as(
        "select phone, verified from trusted_number
         where xid >= $1::text::xid8 and verified >= $2",
    )
    .bind(since.xid.to_string())
    .bind(from)
    .fetch_all(&mut *conn)
    .await?;
    let number = |(phone, verified): (String, _)| Some((phone.parse().ok()?, micros(verified)));
    Ok(rows.into_iter().filter_map(number).collect())
}

/// Where a poll starts (every transaction below has ended), and the versions of the settings
/// sections `countries` and `rules`.
pub async fn poll_start(conn: &mut PgConnection) -> Result<(Position, [i64; 2])> {
    let sql = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
             coalesce((select max(version) from settings where section = 'countries'), 0),
             coalesce((select max(version) from settings where section = 'rules'), 0)";
    let (xid, countries, rules) = sqlx::query_as(sql).fetch_one(&mut *conn).await?;
    Ok((Position { xid }, [countries, rules]))
}

/// Trusts numbers that a trusted source reported as verified, if a code was requested or sent in
/// the same attempt within the day before. A number with more than `sends` codes on that day is not
/// trusted. Verifications without a code so far are stored for [`trust_early`].
pub async fn trust(
    conn: &mut PgConnection,
    verified: &[(Uuid, PhoneNumber, DateTime<Utc>)],
    sends: i64,
) -> Result<()> {
    if verified.is_empty() {
        return Ok(());
    }
    // Ordered, so that two writers cannot deadlock.
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
    .bind(column(verified, |(attempt, ..)| *attempt))
    .bind(column(verified, |(_, phone, _)| phone.to_string()))
    .bind(column(verified, |(.., time)| *time))
    .bind(sends)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// [`trust`] for attempts whose code was requested or sent only now, after their `verified`. Runs
/// in a transaction after that of the attempt's row: of two concurrent writers the second waits
/// there and sees what the first wrote.
pub async fn trust_early(conn: &mut PgConnection, asked: &[Uuid], sends: i64) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let rows: Vec<(Uuid, String, DateTime<Utc>)> = sqlx::query_as(
        "delete from verified_early where attempt = any($1) returning attempt, phone, verified",
    )
    .bind(asked)
    .fetch_all(&mut *conn)
    .await?;
    let valid = |(attempt, phone, time): (_, String, _)| Some((attempt, phone.parse().ok()?, time));
    let verified: Vec<_> = rows.into_iter().filter_map(valid).collect();
    trust(conn, &verified, sends).await
}

/// Deletes verifications older than `days` that no code followed; returns how many.
pub async fn forget_early(pool: &PgPool, now: DateTime<Utc>, days: i64) -> Result<u64> {
    let sql = "delete from verified_early where verified < $1";
    let done = sqlx::query(sql).bind(now - TimeDelta::days(days)).execute(pool).await?;
    Ok(done.rows_affected())
}

/// Deletes up to 10,000 numbers last verified more than `days` ago; returns how many.
pub async fn forget_trust(pool: &PgPool, now: DateTime<Utc>, days: i64) -> Result<u64> {
    let sql = "delete from trusted_number where phone in
             (select phone from trusted_number where verified < $1 limit 10000)";
    let done = sqlx::query(sql).bind(now - TimeDelta::days(days)).execute(pool).await?;
    Ok(done.rows_affected())
}
