//! What incoming reports are matched with: the attempt, other names of the user, and existing
//! blocks. All for a batch of reports.

use crate::Result;
use crate::parsed::column;
use chrono::{DateTime, Utc};
use domain::{Channel, PhoneNumber};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What a report without a journey looks for: the user's newest attempt within the hour before, by
/// the report's number, or by its channel if it has no number.
#[derive(Debug, Clone)]
pub struct AttemptQuery<'a> {
    /// Index of the report in the batch.
    pub report: usize,
    /// Normalised user name; one entry for each linked name.
    pub user_key: &'a str,
    /// Number in the report; if none, `channel` must match.
    pub phone: Option<PhoneNumber>,
    /// Channel in the report.
    pub channel: Channel,
    /// When the user reported; the hour ends then.
    pub time: DateTime<Utc>,
}

/// Ids of the attempts found, by [`AttemptQuery::report`].
pub async fn attempts(
    conn: &mut PgConnection,
    wanted: &[AttemptQuery<'_>],
) -> Result<HashMap<usize, Uuid>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, Uuid)> = sqlx::query_as(
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
    let found = |(report, id)| (usize::try_from(report).unwrap_or(usize::MAX), id);
    Ok(rows.into_iter().map(found).collect())
}

/// Other normalised names of users. Users with a single name are left out.
pub async fn aliases(
    conn: &mut PgConnection,
    users: &[&str],
) -> Result<HashMap<String, Vec<String>>> {
    let sql = "select mine.name, other.name
         from user_alias mine join user_alias other using (person)
         where mine.name = any($1) and other.name <> mine.name
         order by mine.name, other.name";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).bind(users).fetch_all(conn).await?;
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for (name, other) in rows {
        names.entry(name).or_default().push(other);
    }
    Ok(names)
}

/// A user's active block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveBlock {
    /// Id of the block.
    pub id: Uuid,
    /// End time; none if it lasts until someone ends it.
    pub until: Option<DateTime<Utc>>,
    /// Whether it leaves one channel open.
    pub partial: bool,
}

/// Active blocks of users, by name, locked until the transaction ends.
pub async fn held(
    conn: &mut PgConnection,
    users: &[&str],
    now: DateTime<Utc>,
) -> Result<HashMap<String, ActiveBlock>> {
    let rows: Vec<(String, Uuid, Option<DateTime<Utc>>, bool)> = sqlx::query_as(
        "select key, id, until, only_channel is not null from block
         where kind = 'user' and key = any($1) and ended is null and (until is null or until > $2)
         order by key for update",
    )
    .bind(users)
    .bind(now)
    .fetch_all(conn)
    .await?;
    let held = |(key, id, until, partial)| (key, ActiveBlock { id, until, partial });
    Ok(rows.into_iter().map(held).collect())
}

/// Serialises the transactions of all servers that count and add automatic blocks.
pub async fn lock_auto_blocks(conn: &mut PgConnection) -> Result<()> {
    // Key of this lock alone: "fraud" as bytes.
    sqlx::query("select pg_advisory_xact_lock(439956237668)").execute(conn).await?;
    Ok(())
}

/// Number of automatic blocks that began after an instant and were not ended.
pub async fn auto_blocks_since(conn: &mut PgConnection, since: DateTime<Utc>) -> Result<i64> {
    let sql = "select count(*) from block where auto and since > $1 and ended is null";
    Ok(sqlx::query_scalar(sql).bind(since).fetch_one(conn).await?)
}

/// Changes the end times of blocks.
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
    .bind(column(blocks, |(id, _)| *id))
    .bind(column(blocks, |(_, until)| *until))
    .execute(conn)
    .await?;
    Ok(())
}
