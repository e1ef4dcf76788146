//! Monthly partitions of events and decisions: made ahead and on demand, dropped by retention.

use crate::Result;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgPool;

const PARENTS: [&str; 2] = ["event", "decision"];

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month that contains `time`.
    pub fn of(time: DateTime<Utc>) -> Self {
        Self { year: time.year(), month: time.month() }
    }

    /// The following month.
    pub fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    /// Midnight UTC of its first day.
    pub fn start(self) -> DateTime<Utc> {
        self.first_day().and_time(chrono::NaiveTime::MIN).and_utc()
    }

    fn first_day(self) -> NaiveDate {
        // Months come from a time, so year and month are in range.
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or(NaiveDate::MAX)
    }
}

/// Makes the missing partitions of these months. The serving role need not own the tables, so a
/// function of their owner makes them.
pub async fn ensure(pool: &PgPool, months: &[Month]) -> Result<()> {
    for month in months {
        let mut tx = pool.begin().await?;
        for parent in PARENTS {
            let sql = "select make_partition($1, $2)";
            sqlx::query(sql).bind(parent).bind(month.first_day()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Drops partitions that end at or before `before`; returns how many.
pub async fn drop_before(pool: &PgPool, before: DateTime<Utc>) -> Result<u64> {
    let mut dropped = 0;
    for parent in PARENTS {
        loop {
            // One at a time, so that each lock is short.
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
