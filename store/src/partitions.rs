//! Partitions of events and of the gate's decisions: one a month, made ahead and on demand,
//! dropped by retention.

use crate::Result;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgPool;

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
}

/// Makes the partitions of these months, if they are not there. The tables are their owner's, who
/// need not be the role that serves: a function of the owner's makes them.
///
/// # Errors
/// When the database refuses.
pub async fn ensure(pool: &PgPool, months: &[Month]) -> Result<()> {
    for month in months {
        let mut tx = pool.begin().await?;
        for parent in PARENTS {
            sqlx::query("select make_partition($1, $2)")
                .bind(parent)
                .bind(month.first_day())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Drops the partitions that end at or before `before`; returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn drop_before(pool: &PgPool, before: DateTime<Utc>) -> Result<u64> {
    let mut dropped = 0;
    for parent in PARENTS {
        loop {
            // Each by itself: its lock is held for no longer than it takes.
            let table: Option<String> = sqlx::query_scalar("select drop_partition($1, $2)")
                .bind(parent)
                .bind(Month::of(before).first_day())
                .fetch_one(pool)
                .await?;
            if table.is_none() {
                break;
            }
            dropped += 1;
        }
    }
    Ok(dropped)
}
