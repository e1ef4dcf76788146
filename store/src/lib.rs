//! Every SQL statement of Tollwarden, one file for each aggregate: free functions over a
//! connection, so that a pool and a transaction both fit. Decides nothing, formats nothing.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::secret::Secret;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
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

pub use trouble::whole;
pub use write::Write;

/// The schema's history. One static for the program and every test.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres refused, or could not be reached. What it says itself is behind this, for the log.
    #[error("the database {}", trouble::words(.0))]
    Sql(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {}", schema(.0))]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The store was begun under another secret than this process'.
    #[error(
        "this database belongs to another secret than this one: its audit log could not be \
         carried on; bring the file `secret` of the data directory it was begun with, or give \
         its content in TOLLWARDEN_SECRET; after `tollwarden secret rotate` start every server \
         again with the new one"
    )]
    AnotherSecret,
    /// A row holds what no version of Tollwarden writes.
    #[error("a row of {table} cannot be read: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What was found.
        what: String,
    },
    /// What was read to be changed was another's before it was written.
    #[error("others changed the same rows at the same time, again and again; try again")]
    Contended,
}

impl Error {
    /// A row of a table holds this.
    pub(crate) fn corrupt(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Corrupt { table, what: what.to_string() }
    }

    /// Nobody answered in the time that the caller had.
    pub fn no_answer() -> Self {
        let error = std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time");
        sqlx::Error::Io(error).into()
    }

    /// Whether it is the database that cannot do its work now, whatever it was asked: it cannot be
    /// reached, is full, or is on its way up or down.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Sql(error) if trouble::is_away(error))
    }

    /// Whether the same transaction may succeed when tried again: others changed the same rows, a
    /// deadlock, or a serialisation failure (SQLSTATE 40P01, 40001).
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Contended)
            || matches!(self, Self::Sql(sqlx::Error::Database(error))
                if matches!(error.code().as_deref(), Some("40P01" | "40001")))
    }

    /// Whether a row was there already (SQLSTATE 23505).
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error))
            if error.code().as_deref() == Some("23505"))
    }

    /// Whether an event's month has no partition (SQLSTATE 23514; no other check is on the way).
    pub fn is_missing_partition(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error))
            if error.code().as_deref() == Some("23514"))
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

/// Connections for pages, reports, the intake and workers.
const CONNECTIONS: u32 = 20;
/// Connections for decisions and the keys they come with: two writers, each with one more for a
/// new month, a look at what is new, a look at keys, and some to spare.
const DECISIONS: u32 = 8;
/// How long a connection may take to come.
const ACQUIRE: Duration = Duration::from_secs(10);

/// The database, the clock and the secret.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    decisions: PgPool,
    /// Time.
    pub clock: Clock,
    /// What the audit log is chained under, and what is sealed.
    pub secret: Secret,
    /// How many changes this process has committed; whoever keeps settings, keys, blocks or
    /// bypasses in memory reads them again when it has risen. See [`Db::changed`].
    changes: watch::Sender<u64>,
}

impl Db {
    /// For tests: over a pool that is there already, with a secret that everybody knows.
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        let decisions = pool.clone();
        Self::of(pool, decisions, clock, Secret::new([7; 32]))
    }

    /// For tests: decisions have the connections, everything else has the others.
    pub fn apart(others: PgPool, decisions: PgPool, clock: Clock) -> Self {
        Self::of(others, decisions, clock, Secret::new([7; 32]))
    }

    fn of(pool: PgPool, decisions: PgPool, clock: Clock, secret: Secret) -> Self {
        Self { pool, decisions, clock, secret, changes: watch::Sender::default() }
    }

    /// The same database by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same database under another secret.
    #[must_use]
    pub fn with_secret(self, secret: Secret) -> Self {
        Self { secret, ..self }
    }

    /// Connects.
    ///
    /// # Errors
    /// When the address cannot be read or nobody answers within 10 seconds.
    pub async fn connect(url: &str, secret: Secret) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("tollwarden");
        // Opened when they are first needed, since most commands decide nothing; then kept.
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

    /// Connections to read from.
    pub fn read(&self) -> &PgPool {
        &self.pool
    }

    /// Connections to write facts with: what happened (events, decisions, messages, sessions), as
    /// against what people set up, which asks for a [`Write`].
    pub fn facts(&self) -> &PgPool {
        &self.pool
    }

    /// Connections of decisions and of the keys they come with, and of nothing else: whatever is
    /// asked for elsewhere, they never wait for one of the others.
    pub fn decisions(&self) -> &PgPool {
        &self.decisions
    }

    /// A connection for several statements.
    ///
    /// # Errors
    /// When none is free or nobody answers within 10 seconds.
    pub async fn conn(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// Begins a transaction of facts.
    ///
    /// # Errors
    /// As [`Db::conn`].
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin().await?)
    }

    /// Ends every connection once it is given back.
    pub async fn close(&self) {
        futures::future::join(self.pool.close(), self.decisions.close()).await;
    }

    /// Says that this process has committed a change of what is kept in memory anywhere. Called
    /// after the commit and before its answer: whoever asks after that answer reads again.
    pub fn changed(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// How many changes this process has committed. Read before what is to be kept: then what is
    /// read holds at least these.
    pub fn changes(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Wakes whoever waits for the next change that this process commits.
    pub fn next_change(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
