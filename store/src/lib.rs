//! Every SQL statement of Tollwarden, one file for each aggregate: free functions over a
//! connection, so that a pool and a transaction both fit. Decides nothing, formats nothing.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;

pub mod accounts;
pub mod attempts;
pub mod events;
pub mod imports;
pub mod keys;
pub mod partitions;
pub mod random;
pub mod sessions;
pub mod sources;
pub mod tallies;
pub mod workbook;

/// The schema's history. One static for the program and every test.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres refused, or could not be reached.
    #[error("the database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no version of Tollwarden writes.
    #[error("a row of {table} cannot be read: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What was found.
        what: String,
    },
}

impl Error {
    /// Whether the same transaction may succeed when tried again: a deadlock or a serialisation
    /// failure (SQLSTATE 40P01, 40001).
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("40P01" | "40001")))
    }

    /// Whether an event's month has no partition (SQLSTATE 23514; no other check is on the way).
    pub fn is_missing_partition(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error))
            if error.code().as_deref() == Some("23514"))
    }
}

/// The store's result.
pub type Result<T> = std::result::Result<T, Error>;

/// The one door that time comes in by.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Option<DateTime<Utc>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still, for tests.
    pub fn fixed(time: DateTime<Utc>) -> Self {
        Self(Some(time))
    }

    /// Now, in microseconds, as Postgres keeps times.
    pub fn now(self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the door")]
        let now = self.0.unwrap_or_else(Utc::now);
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

/// The database and the clock.
#[derive(Debug, Clone)]
pub struct Db {
    /// Connections.
    pub pool: PgPool,
    /// Time.
    pub clock: Clock,
}

impl Db {
    /// Over a pool that is there already (tests).
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock }
    }

    /// Connects.
    ///
    /// # Errors
    /// When the address cannot be read or nobody answers within 10 seconds.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("tollwarden");
        let pool = PgPoolOptions::new()
            .max_connections(20)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Self::new(pool, Clock::system()))
    }
}

/// Microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
