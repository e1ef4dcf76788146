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
pub enum Ledger {
    /// Blocks.
    Blocks,
    /// Bypasses.
    Bypasses,
}

impl Ledger {
    fn table(self) -> &'static str {
        match self {
            Self::Blocks => "block",
            Self::Bypasses => "bypass",
        }
    }

    /// When a row holds, by its columns.
    fn live(self) -> &'static str {
        match self {
            Self::Blocks => "ended is null",
            Self::Bypasses => "ended is null and used is null",
        }
    }
}

/// A row of a ledger that is about a number or a block of numbers.
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
    ledger: Ledger,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Entry>> {
    let sql = format!(
        "select id, kind, value from {} where id > $1 and kind in ('number', 'number_block')
         order by id limit $2 for update",
        ledger.table()
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(limit).fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok(Entry { id: row.try_get(0)?, kind: row.try_get(1)?, value: row.try_get(2)? }))
        .collect()
}

/// Writes a row in other words. One that holds ends instead where another holds for the same.
///
/// # Errors
/// When the database refuses.
pub async fn respell(
    conn: &mut PgConnection,
    ledger: Ledger,
    entry: &Entry,
    value: &str,
    key: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let (table, live) = (ledger.table(), ledger.live());
    let sql = format!(
        "update {table} set ended = $4, ended_by = 'tollwarden',
             end_reason = 'the same number stands here in its one spelling'
         where id = $1 and {live} and exists (
             select from {table} where key = $2 and kind = $3 and id <> $1 and {live})"
    );
    let twice = sqlx::query(AssertSqlSafe(sql)).bind(entry.id).bind(key).bind(&entry.kind);
    twice.bind(now).execute(&mut *conn).await?;
    let sql = format!("update {table} set value = $2, key = $3 where id = $1");
    let written = sqlx::query(AssertSqlSafe(sql)).bind(entry.id).bind(value).bind(key);
    written.execute(conn).await?;
    Ok(())
}

/// The numbers of fraud reports and those that are trusted, as they are spelled, in order: those
/// after one, at most so many.
///
/// # Errors
/// When the database refuses.
pub async fn phones(conn: &mut PgConnection, after: &str, limit: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        r#"(select phone collate "C" as phone from fraud_report
                where phone collate "C" > $1 order by 1 limit $2)
           union (select phone from trusted_number where phone > $1 order by 1 limit $2)
           order by 1 limit $2"#,
    )
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
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
    .execute(conn)
    .await?;
    Ok(reports.rows_affected())
}
