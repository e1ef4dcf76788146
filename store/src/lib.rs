//! All SQL of Tollwarden, one file for each table or purpose: functions over a connection, so that
//! the caller chooses between pool and transaction. Nothing is decided or formatted here.
//!
//! A function fails with [`Error::Sql`] when its statement does, and with [`Error::Corrupt`] when a
//! row cannot be parsed. Only other errors, and what they leave behind, are documented beside it.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::secret::Secret;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::watch;

pub mod accounts;
pub mod alerts;
pub mod aliases;
pub mod attempt_table;
pub mod attempts;
pub mod audit;
pub mod audit_keys;
pub mod blocks;
pub mod bypasses;
pub mod captcha;
pub mod conversion;
mod cursor;
pub mod decisions;
pub mod erase;
pub mod events;
pub mod failures;
pub mod fraud_reports;
pub mod gate;
pub mod handles;
pub mod imports;
pub mod keys;
pub mod live;
pub mod names;
pub mod number_data;
pub mod outbox;
mod parsed;
pub mod partitions;
pub mod profiles;
pub mod put_right;
pub mod random;
pub mod recipients;
pub mod regions;
pub mod replay;
pub mod reports;
pub mod resets;
pub mod retention;
pub mod roles;
pub mod schema;
pub mod sessions;
pub mod settings;
pub mod signs;
pub mod sources;
pub mod tallies;
pub mod timeline;
mod trouble;
pub mod workbook;
pub mod write;

pub use cursor::After;
pub use trouble::with_sources;
pub use write::Write;

/// The schema's migrations, for the program and the tests.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// Why a statement or a migration failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres refused a statement or could not be reached. Its own message is the source, for the
    /// log alone.
    #[error("the database {}", trouble::words(.0))]
    Sql(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the schema could not be brought up to date: {}", schema(.0))]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The audit log was started under another secret than this process has.
    #[error(
        "this database belongs to another secret than this one: its audit log could not be \
         carried on; bring the file `secret` of the data directory it was begun with, or give \
         its content in TOLLWARDEN_SECRET; after `tollwarden secret rotate` start every server \
         again with the new one"
    )]
    AnotherSecret,
    /// A row holds a value that no version of Tollwarden writes.
    #[error("a row of {table} cannot be read: {what}")]
    Corrupt {
        /// Table of the row.
        table: &'static str,
        /// The value, or why it cannot be parsed.
        what: String,
    },
    /// Another transaction changed the rows between read and write, on every retry.
    #[error("others changed the same rows at the same time, again and again; try again")]
    Contended,
}

impl Error {
    pub(crate) fn corrupt(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Corrupt { table, what: what.to_string() }
    }

    /// A time-out set by the caller has passed.
    pub fn no_answer() -> Self {
        let error = std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time");
        sqlx::Error::Io(error).into()
    }

    /// Whether the database cannot serve any statement now: unreachable, out of space, starting or
    /// stopping.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Sql(error) if trouble::is_away(error))
    }

    /// Whether a retry of the transaction may succeed: contention, a deadlock or a serialisation
    /// failure (SQLSTATE 40P01, 40001).
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Contended)
            || matches!(self.sqlstate().as_deref(), Some("40P01" | "40001"))
    }

    /// Whether a unique constraint was violated (SQLSTATE 23505).
    pub fn is_duplicate(&self) -> bool {
        self.sqlstate().as_deref() == Some("23505")
    }

    /// Whether an event's month has no partition (SQLSTATE 23514; events have no other check).
    pub fn is_missing_partition(&self) -> bool {
        self.sqlstate().as_deref() == Some("23514")
    }

    fn sqlstate(&self) -> Option<Cow<'_, str>> {
        let Self::Sql(error) = self else { return None };
        error.as_database_error()?.code()
    }
}

fn schema(error: &sqlx::migrate::MigrateError) -> String {
    use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
    match error {
        Execute(error) => format!("the database {}", trouble::words(error)),
        ExecuteMigration(error, version) => {
            format!("at step {version} the database {}", trouble::words(error))
        }
        other => other.to_string(),
    }
}

/// A statement with the arguments bound so far.
pub(crate) type Statement<'q> = sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments>;

/// Result with the store's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The only source of the current time.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Option<DateTime<Utc>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that always shows `time`, for tests.
    pub fn fixed(time: DateTime<Utc>) -> Self {
        Self(Some(time))
    }

    /// Now, truncated to microseconds, the precision of Postgres.
    pub fn now(self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the door")]
        let now = self.0.unwrap_or_else(Utc::now);
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

/// Connections for pages, reports, the intake and workers.
const CONNECTIONS: u32 = 20;
/// Connections for decisions and their API keys: two writers, each with a second for a new month,
/// one that follows changes, one that reads keys, and some to spare.
const DECISIONS: u32 = 8;
/// How long to wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(10);

/// The database, the clock and the secret.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    decisions: PgPool,
    /// Source of the time of every write.
    pub clock: Clock,
    /// Keys the audit chain and seals stored secrets.
    pub secret: Secret,
    /// Counts the changes that this process has committed; caches of settings, keys, blocks and
    /// bypasses reload when it has risen. See [`Db::changed`].
    changes: watch::Sender<u64>,
}

impl Db {
    /// For tests: uses an existing pool and a fixed secret.
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        let decisions = pool.clone();
        Self::of(pool, decisions, clock, Secret::new([7; 32]))
    }

    /// For tests: like [`Db::new`], with a pool of their own for decisions.
    pub fn apart(others: PgPool, decisions: PgPool, clock: Clock) -> Self {
        Self::of(others, decisions, clock, Secret::new([7; 32]))
    }

    fn of(pool: PgPool, decisions: PgPool, clock: Clock, secret: Secret) -> Self {
        Self { pool, decisions, clock, secret, changes: watch::Sender::default() }
    }

    /// The same database with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same database with another secret.
    #[must_use]
    pub fn with_secret(self, secret: Secret) -> Self {
        Self { secret, ..self }
    }

    /// Connects, with separate pools for decisions and for everything else.
    ///
    /// # Errors
    /// [`Error::Sql`] if the URL cannot be parsed or no connection opens within 10 seconds.
    pub async fn connect(url: &str, secret: Secret) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("tollwarden");
        // Opened on first use, since most commands decide nothing; then kept open.
        let decisions = PgPoolOptions::new()
            .max_connections(DECISIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(None)
            .connect_lazy_with(options.clone());
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .connect_with(options)
            .await?;
        Ok(Self::of(pool, decisions, Clock::system(), secret))
    }

    /// Connections for reading.
    pub fn read(&self) -> &PgPool {
        &self.pool
    }

    /// Connections for writing what happened (events, decisions, messages, sessions). Configuration
    /// is written with a [`Write`].
    pub fn facts(&self) -> &PgPool {
        &self.pool
    }

    /// Connections for decisions and their API keys only, so that they never wait for other work.
    pub fn decisions(&self) -> &PgPool {
        &self.decisions
    }

    /// One connection, for several statements.
    ///
    /// # Errors
    /// [`Error::Sql`] if no connection is free within 10 seconds.
    pub async fn conn(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// Begins a transaction for what [`Db::facts`] writes.
    ///
    /// # Errors
    /// As [`Db::conn`].
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin().await?)
    }

    /// Closes both pools, each connection when it is returned.
    pub async fn close(&self) {
        futures::future::join(self.pool.close(), self.decisions.close()).await;
    }

    /// Invalidates this process' caches. Called after a commit and before its answer, so that a
    /// request after that answer sees the change.
    pub fn changed(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// How many changes this process has committed. A cache reads it before it loads, so that what
    /// it loads includes at least these.
    pub fn changes(&self) -> u64 {
        *self.changes.borrow()
    }

    /// A receiver that wakes on the next change that this process commits.
    pub fn next_change(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
