//! One-time corrections of stored rows, and respelling of numbers after numbering plans have
//! changed.

use crate::Result;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgPool};
use uuid::Uuid;

/// The recorded result of a correction; none if it has not been made.
pub async fn done(pool: &PgPool, what: &str) -> Result<Option<Value>> {
    let sql = "select done from put_right where what = $1";
    Ok(sqlx::query_scalar(sql).bind(what).fetch_optional(pool).await?)
}

/// Records a correction and its result; `false` if it was recorded before.
pub async fn note(
    conn: &mut PgConnection,
    what: &str,
    now: DateTime<Utc>,
    done: &Value,
) -> Result<bool> {
    let sql = "insert into put_right (what, at, done) values ($1, $2, $3) on conflict do nothing";
    let noted = sqlx::query(sql).bind(what).bind(now).bind(done).execute(conn).await?;
    Ok(noted.rows_affected() > 0)
}

/// A table with targets of blocks or bypasses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Table `block`.
    Blocks,
    /// Table `bypass`.
    Bypasses,
}

impl Table {
    /// Name, and condition of the unique index: rows not ended, expired ones included.
    fn name_and_open(self) -> (&'static str, &'static str) {
        match self {
            Self::Blocks => ("block", "ended is null"),
            Self::Bypasses => ("bypass", "ended is null and used is null"),
        }
    }
}

/// A block or bypass of a number or number block.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Entry {
    /// Id in its table.
    pub id: Uuid,
    /// Spelled `number` or `number_block`.
    pub kind: String,
    /// Target as shown, unmasked.
    pub value: String,
}

/// At most `limit` rows about numbers after an id, in the order of ids, locked.
pub async fn entries(
    conn: &mut PgConnection,
    table: Table,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Entry>> {
    let sql = format!(
        "select id, kind, value from {} where id > $1 and kind in ('number', 'number_block')
         order by id limit $2 for update",
        table.name_and_open().0
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(after).bind(limit).fetch_all(conn).await?)
}

/// Changes the spelling of a row's target. If another open row has that target already, the one
/// that lasts longer stays and the other is ended.
pub async fn respell(
    conn: &mut PgConnection,
    table: Table,
    entry: &Entry,
    value: &str,
    key: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let (name, open) = table.name_and_open();
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

/// At most `limit` stored spellings of numbers after one, in order, from fraud reports and trusted
/// numbers.
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

/// Forgets a correction, so that it is made again.
pub async fn forget(conn: &mut PgConnection, what: &str) -> Result<()> {
    sqlx::query("delete from put_right where what = $1").bind(what).execute(conn).await?;
    Ok(())
}

/// Changes the spelling of a number in fraud reports and trusted numbers; returns how many reports
/// had it.
pub async fn respell_phone(conn: &mut PgConnection, from: &str, to: &str) -> Result<u64> {
    let reports = sqlx::query("update fraud_report set phone = $2 where phone = $1");
    let reports = reports.bind(from).bind(to).execute(&mut *conn).await?;
    let sql = "with gone as (delete from trusted_number where phone = $1 returning verified)
         insert into trusted_number (phone, verified) select $2, verified from gone
         on conflict (phone) do update
             set verified = greatest(trusted_number.verified, excluded.verified)";
    sqlx::query(sql).bind(from).bind(to).execute(&mut *conn).await?;
    let early = "update verified_early set phone = $2 where phone = $1";
    sqlx::query(early).bind(from).bind(to).execute(conn).await?;
    Ok(reports.rows_affected())
}
