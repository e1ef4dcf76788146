//! The event table's partitions: one a month, made ahead and on demand, dropped by retention.

use crate::Result;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};

/// A month, as partitions count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month of an instant.
    pub fn of(time: DateTime<Utc>) -> Self {
        Self { year: time.year(), month: time.month() }
    }

    /// The one after it.
    pub fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    /// Its first instant.
    pub fn start(self) -> DateTime<Utc> {
        self.first_day().and_time(chrono::NaiveTime::MIN).and_utc()
    }

    fn first_day(self) -> NaiveDate {
        // Months come from a time, so year and month are in range.
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or(NaiveDate::MAX)
    }

    fn table(self) -> String {
        format!("event_{:04}_{:02}", self.year, self.month)
    }
}

/// Makes the partitions of these months, if they are not there.
///
/// # Errors
/// When the database refuses.
pub async fn ensure(pool: &PgPool, months: &[Month]) -> Result<()> {
    for month in months {
        let table = month.table();
        let mut tx = pool.begin().await?;
        // One maker at a time: two would both find the partition missing.
        sqlx::query("select pg_advisory_xact_lock(hashtext('event partitions'))")
            .execute(&mut *tx)
            .await?;
        let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(&table)
            .fetch_one(&mut *tx)
            .await?;
        if !there {
            create(&mut tx, *month, &table).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn create(conn: &mut PgConnection, month: Month, table: &str) -> Result<()> {
    let from = month.first_day();
    let to = from.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    // Attaching takes a weaker lock on `event` than creating a partition in place, so readers and
    // writers of other months go on. Names and dates are made of numbers alone.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create table {table} (like event including defaults including constraints);
         alter table event attach partition {table}
             for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00');"
    )))
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops the partitions that end at or before `before`; returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn drop_before(pool: &PgPool, before: DateTime<Utc>) -> Result<u64> {
    let last = Month::of(before).table();
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_inherits join pg_class on pg_class.oid = inhrelid
         where inhparent = 'event'::regclass and relname < $1 order by relname",
    )
    .bind(&last)
    .fetch_all(pool)
    .await?;
    for table in &tables {
        // The names are those that `create` gave.
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop table {table}"))).execute(pool).await?;
    }
    Ok(tables.len() as u64)
}
