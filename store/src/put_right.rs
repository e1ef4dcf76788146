//! What was put right in rows of before, and rows whose numbers are spelled as they are not any
//! more.

use crate::Result;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};
use uuid::Uuid;

/// Whether something was put right, and how many rows of each table.
///
/// # Errors
/// When the database refuses.
pub async fn done(pool: &PgPool, what: &str) -> Result<Option<Value>> {
    let done = sqlx::query_scalar::<_, Json<Value>>("select done from put_right where what = $1");
    Ok(done.bind(what).fetch_optional(pool).await?.map(|done| done.0))
}

/// Notes that something was put right; whether nobody did before.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    conn: &mut PgConnection,
    what: &str,
    now: DateTime<Utc>,
    done: &Value,
) -> Result<bool> {
    let noted = sqlx::query(
        "insert into put_right (what, at, done) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(what)
    .bind(now)
    .bind(Json(done))
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// A table of whom or what is refused or let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Blocks.
    Blocks,
    /// Bypasses.
    Bypasses,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Blocks => "block",
            Self::Bypasses => "bypass",
        }
    }

    /// Which rows the unique index has: those not ended, also where their time is over.
    fn open(self) -> &'static str {
        match self {
            Self::Blocks => "ended is null",
            Self::Bypasses => "ended is null and used is null",
        }
    }
}

/// A row of such a table that is about a number or a block of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// `number` or `number_block`.
    pub kind: String,
    /// As it is shown.
    pub value: String,
}

/// Rows about numbers in the order of their ids: those after one, at most so many; locked.
///
/// # Errors
/// When the database refuses.
pub async fn entries(
    conn: &mut PgConnection,
    table: Table,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Entry>> {
    let sql = format!(
        "select id, kind, value from {} where id > $1 and kind in ('number', 'number_block')
         order by id limit $2 for update",
        table.name()
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(limit).fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok(Entry { id: row.try_get(0)?, kind: row.try_get(1)?, value: row.try_get(2)? }))
        .collect()
}

/// Writes a row in other words. Of two that are open for the same one stays: whichever holds
/// longer, as it is; the other ends.
///
/// # Errors
/// When the database refuses.
pub async fn respell(
    conn: &mut PgConnection,
    table: Table,
    entry: &Entry,
    value: &str,
    key: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let (name, open) = (table.name(), table.open());
    let sql = format!(
        "with both_open as (
             select id, row_number() over (
                 order by coalesce(until, 'infinity') desc, id = $1) as place
             from {name}
             where {open} and (id = $1 or key = $2 and kind = $3)
         )
         update {name} set ended = least($4, coalesce(until, $4)), ended_by = 'tollwarden',
             end_reason = 'the same number stands here in another spelling, for longer'
         where id in (select id from both_open where place > 1)"
    );
    let twice = sqlx::query(AssertSqlSafe(sql)).bind(entry.id).bind(key).bind(&entry.kind);
    twice.bind(now).execute(&mut *conn).await?;
    let sql = format!("update {name} set value = $2, key = $3 where id = $1");
    let written = sqlx::query(AssertSqlSafe(sql)).bind(entry.id).bind(value).bind(key);
    written.execute(conn).await?;
    Ok(())
}

/// The numbers of fraud reports and those that are trusted or soon may be, as they are spelled, in
/// order: those after one, at most so many.
///
/// # Errors
/// When the database refuses.
pub async fn phones(conn: &mut PgConnection, after: &str, limit: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        r#"(select phone collate "C" as phone from fraud_report
                where phone collate "C" > $1 order by 1 limit $2)
           union (select phone from trusted_number where phone > $1 order by 1 limit $2)
           union (select phone from verified_early where phone > $1 order by 1 limit $2)
           order by 1 limit $2"#,
    )
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Forgets that something was put right, so that it is looked at again.
///
/// # Errors
/// When the database refuses.
pub async fn forget(conn: &mut PgConnection, what: &str) -> Result<()> {
    sqlx::query("delete from put_right where what = $1").bind(what).execute(conn).await?;
    Ok(())
}

/// Writes a number of fraud reports and of trust in other words; how many reports have it.
///
/// # Errors
/// When the database refuses.
pub async fn respell_phone(conn: &mut PgConnection, from: &str, to: &str) -> Result<u64> {
    let reports = sqlx::query("update fraud_report set phone = $2 where phone = $1");
    let reports = reports.bind(from).bind(to).execute(&mut *conn).await?;
    sqlx::query(
        "with gone as (delete from trusted_number where phone = $1 returning verified)
         insert into trusted_number (phone, verified) select $2, verified from gone
         on conflict (phone) do update
             set verified = greatest(trusted_number.verified, excluded.verified)",
    )
    .bind(from)
    .bind(to)
    .execute(&mut *conn)
    .await?;
    let early = "update verified_early set phone = $2 where phone = $1";
    sqlx::query(early).bind(from).bind(to).execute(conn).await?;
    Ok(reports.rows_affected())
}
