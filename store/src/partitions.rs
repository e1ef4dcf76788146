//! Partitions of events and of the gate's decisions: one a month, made ahead and on demand,
//! dropped by retention.

use crate::Result;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};

/// The tables that are kept by month.
const PARENTS: [&str; 2] = ["event", "decision"];

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

    fn table(self, parent: &str) -> String {
        format!("{parent}_{:04}_{:02}", self.year, self.month)
    }
}

/// Makes the partitions of these months, if they are not there.
///
/// # Errors
/// When the database refuses.
pub async fn ensure(pool: &PgPool, months: &[Month]) -> Result<()> {
    for month in months {
        let mut tx = pool.begin().await?;
        // One maker at a time: two would both find the partition missing.
        sqlx::query("select pg_advisory_xact_lock(hashtext('event partitions'))")
            .execute(&mut *tx)
            .await?;
        for parent in PARENTS {
            let table = month.table(parent);
            let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
                .bind(&table)
                .fetch_one(&mut *tx)
                .await?;
            if !there {
                create(&mut tx, *month, parent, &table).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn create(conn: &mut PgConnection, month: Month, parent: &str, table: &str) -> Result<()> {
    let from = month.first_day();
    let to = from.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    // Attaching takes a weaker lock on the parent than creating a partition in place, so readers and
    // writers of other months go on. Names and dates are made of numbers alone.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create table {table} (like {parent} including defaults including constraints);
         alter table {parent} attach partition {table}
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
    let mut dropped = 0;
    for parent in PARENTS {
        let tables: Vec<String> = sqlx::query_scalar(
            "select relname::text from pg_inherits join pg_class on pg_class.oid = inhrelid
             where inhparent = to_regclass($1) and relname < $2 order by relname",
        )
        .bind(parent)
        .bind(Month::of(before).table(parent))
        .fetch_all(pool)
        .await?;
        for table in &tables {
            // The names are those that `create` gave.
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop table {table}"))).execute(pool).await?;
        }
        dropped += tables.len() as u64;
    }
    Ok(dropped)
}
