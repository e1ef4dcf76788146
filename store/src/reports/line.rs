//! A row of a report.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// A row as the database gives it, read cell by cell.
pub struct Line(pub(super) PgRow);

impl Line {
    /// The text in a column, counted from 0; empty where there is none.
    ///
    /// # Errors
    /// When the column holds no text.
    pub fn text(&self, at: usize) -> Result<&str> {
        Ok(self.0.try_get::<Option<&str>, _>(at)?.unwrap_or_default())
    }

    /// The time in a column.
    ///
    /// # Errors
    /// When the column holds no time.
    pub fn time(&self, at: usize) -> Result<DateTime<Utc>> {
        Ok(self.0.try_get(at)?)
    }

    /// The count in a column.
    ///
    /// # Errors
    /// When the column holds no count.
    pub fn count(&self, at: usize) -> Result<u64> {
        Ok(u64::try_from(self.0.try_get::<i64, _>(at)?).unwrap_or(0))
    }
}
