//! What a report meets when it comes in: the attempt it is about, the other names of its user, and
//! the blocks there are already. All for many reports at once.

use crate::Result;
use chrono::{DateTime, Utc};
use domain::{Channel, PhoneNumber};
use sqlx::{PgConnection, Row as _};
use std::collections::HashMap;
use uuid::Uuid;

/// An attempt that a report without a journey looks for: the newest of the user within the hour
/// before, with its number, or without a number with its channel.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The report's place among those that look.
    pub report: usize,
    /// One name of its user, for comparison; a report with several names looks several times.
    pub user_key: &'a str,
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The channel.
    pub channel: Channel,
    /// When the user reported.
    pub time: DateTime<Utc>,
}

/// The attempts that were found, by the report's place.
///
/// # Errors
/// When the database refuses.
pub async fn attempts(
    conn: &mut PgConnection,
    wanted: &[Wanted<'_>],
) -> Result<HashMap<usize, Uuid>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    fn column<'a, T>(wanted: &'a [Wanted<'_>], get: impl Fn(&'a Wanted<'_>) -> T) -> Vec<T> {
        wanted.iter().map(get).collect()
    }
    let rows = sqlx::query(
        "select distinct on (w.report) w.report, found.id
         from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
             as w (report, user_key, phone, channel, time)
         cross join lateral (
             select a.id, a.time from attempt a
             -- The index leads with the day and a hash (migration 0008_lookup).
             where timezone('UTC', a.time)::date in
                   (timezone('UTC', w.time)::date, timezone('UTC', w.time - interval '1 hour')::date)
               and hashtext(a.user_key) = hashtext(w.user_key) and a.user_key = w.user_key
               and a.time > w.time - interval '1 hour' and a.time <= w.time
               and (a.phone = w.phone or w.phone is null and a.channel = w.channel)
             order by a.time desc, a.id desc limit 1
         ) as found
         order by w.report, found.time desc, found.id desc",
    )
    .bind(column(wanted, |one| i64::try_from(one.report).unwrap_or(i64::MAX)))
    .bind(column(wanted, |one| one.user_key))
    .bind(column(wanted, |one| one.phone.map(|phone| phone.to_string())))
    .bind(column(wanted, |one| one.channel.as_str()))
    .bind(column(wanted, |one| one.time))
    .fetch_all(conn)
    .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let report: i64 = row.try_get("report")?;
        found.insert(usize::try_from(report).unwrap_or(usize::MAX), row.try_get("id")?);
    }
    Ok(found)
}

/// The other names of users, for comparison. Users with one name are left out.
///
/// # Errors
/// When the database refuses.
pub async fn aliases(
    conn: &mut PgConnection,
    users: &[&str],
) -> Result<HashMap<String, Vec<String>>> {
    let rows = sqlx::query(
        "select mine.name as mine, other.name as other
         from user_alias mine join user_alias other using (person)
         where mine.name = any($1) and other.name <> mine.name
         order by mine.name, other.name",
    )
    .bind(users)
    .fetch_all(conn)
    .await?;
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        names.entry(row.try_get("mine")?).or_default().push(row.try_get("other")?);
    }
    Ok(names)
}

/// A user's block that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: Uuid,
    /// Until when; none: until somebody unblocks.
    pub until: Option<DateTime<Utc>>,
    /// Whether one channel is still offered: less than a block.
    pub partial: bool,
}

/// The blocks that hold for users, by name; they stay as they are until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn held(
    conn: &mut PgConnection,
    users: &[&str],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Held>> {
    let rows = sqlx::query(
        "select id, key, until, only_channel is not null as partial from block
         where kind = 'user' and key = any($1) and ended is null and (until is null or until > $2)
         order by key for update",
    )
    .bind(users)
    .bind(now)
    .fetch_all(conn)
    .await?;
    let mut held = HashMap::with_capacity(rows.len());
    for row in rows {
        let (id, until) = (row.try_get("id")?, row.try_get("until")?);
        held.insert(row.try_get("key")?, Held { id, until, partial: row.try_get("partial")? });
    }
    Ok(held)
}

/// Lets one transaction after the other count and add automatic blocks, over all servers.
///
/// # Errors
/// When the database refuses.
pub async fn lock_auto_blocks(conn: &mut PgConnection) -> Result<()> {
    // Any number that nothing else here locks: "fraud" as bytes.
    sqlx::query("select pg_advisory_xact_lock(439956237668)").execute(conn).await?;
    Ok(())
}

/// How many automatic blocks began after an instant and were not ended.
///
/// # Errors
/// When the database refuses.
pub async fn auto_blocks_since(conn: &mut PgConnection, since: DateTime<Utc>) -> Result<i64> {
    Ok(sqlx::query_scalar("select count(*) from block where auto and since > $1 and ended is null")
        .bind(since)
        .fetch_one(conn)
        .await?)
}

/// Lets blocks last longer.
///
/// # Errors
/// When the database refuses.
pub async fn extend_blocks(
    conn: &mut PgConnection,
    blocks: &[(Uuid, Option<DateTime<Utc>>)],
) -> Result<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update block set until = t.until
         from unnest($1::uuid[], $2::timestamptz[]) as t (id, until) where block.id = t.id",
    )
    .bind(blocks.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind(blocks.iter().map(|(_, until)| *until).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
