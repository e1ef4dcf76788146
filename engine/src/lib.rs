//! Everything that Tollwarden does: pages, API, command line and workers all call the same
//! functions here. No HTTP, no views.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::Db;
use sync::within;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use work::{Progress, every};

pub mod accounts;
pub mod agent;
pub mod aliases;
pub mod attack_signs;
pub mod audit;
pub mod blocks;
pub mod captcha;
mod columns;
pub mod conversion;
pub mod counters;
mod dictionary;
pub mod erase;
mod error;
pub mod fraud_alerts;
pub mod gate;
mod group;
pub mod handles;
pub mod helpdesk;
pub mod import;
pub mod imports;
pub mod ingest;
pub mod keys;
pub mod live;
pub mod names;
pub mod notify;
pub mod number_data;
pub mod postgres;
pub mod private_file;
pub mod profiles;
mod ready;
pub mod regions;
pub mod replay;
pub mod reports;
pub mod retention;
pub mod secret;
pub mod settings;
pub mod signins;
pub mod sources;
pub mod spellings;
mod sync;
mod tail;
pub mod unreported;
pub mod work;
pub mod workbook;

pub use error::{ChangeError, Error};
pub use group::QueueError;

/// Interval at which columns and gate read what others committed; this process's own commits wake
/// the columns at once.
const COLUMNS: Duration = Duration::from_millis(100);
const GATE: Duration = Duration::from_millis(50);
/// Interval of checks for changed number data, for new erasures, for ended sessions, and of this
/// server itself; also the pause after an update of live pages failed.
const OFTEN: Duration = Duration::from_secs(1);
/// How often failed keys of past minutes are written.
const KEYS: Duration = Duration::from_secs(2);
/// Interval of checks for waiting files without a notification.
const IMPORTS: Duration = Duration::from_secs(5);
/// Interval of checks for rewritten events. Reading them all again takes a while, and an import
/// that fills in missing fields continues to rewrite events.
const REWRITTEN: Duration = Duration::from_secs(10);
/// Interval of upkeep, and of checks for rows to repair.
const UPKEEP: Duration = Duration::from_secs(60);
/// How long the final write of failed keys may take.
const LAST: Duration = Duration::from_secs(1);
/// How long reading what others committed may take; after that its connection counts as dead.
const STUCK: Duration = Duration::from_secs(60);

/// Everything that a door needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Database and clock.
    pub db: Db,
    /// Accounts: signing in and passwords.
    pub accounts: accounts::Accounts,
    /// The audit log: writing and verifying entries.
    pub audit: audit::Audit,
    /// Stores events.
    pub ingest: ingest::Ingest,
    /// Decides requests for codes.
    pub gate: gate::Gate,
    /// Accepts fraud reports.
    pub fraud_reports: fraud_alerts::Reports,
    /// Imports of files through the console.
    pub imports: imports::Imports,
    /// API keys.
    pub keys: keys::Keys,
    /// Handles for numbers and users in links.
    pub handles: handles::Handles,
    /// Sends alerts to recipients.
    pub notify: notify::Notifier,
    /// Names of flows and apps.
    pub names: names::CurrentNames,
    /// Notifies open pages of new data.
    pub live: live::Live,
    /// Tiles of the workbook.
    pub workbook: workbook::Workbook,
    /// Attempts by outcome.
    pub conversion: conversion::Conversion,
    /// Facts about each region.
    pub regions: regions::Regions,
    /// Signs of fraud that nobody reports.
    pub watch: unreported::Watch,
    /// Users who were recently worn down by prompts.
    pub lately: attack_signs::FatigueCache,
    /// Replays of other rules on past attempts.
    pub replays: replay::Replays,
    /// Limits how many reports are written at once.
    pub reports: reports::ReportSlots,
    /// How long each kind of row is kept.
    pub retention: retention::Retention,
    /// Erasures of persons.
    pub erasures: erase::Erasures,
    /// Count of rewrites of events at the time they were last read completely.
    rewritten: Arc<AtomicI64>,
    columns: Arc<columns::Columns>,
    readiness: ready::Readiness,
    wrote: Arc<Notify>,
}

impl Engine {
    /// Starts the engine on a store with a current schema: reads recent failures into memory and
    /// starts the writers.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn start(db: Db) -> Result<Self, Error> {
        let wrote = Arc::new(Notify::new());
        // Comes first: persons erased and events rewritten while the rest is being read are noticed
        // afterwards.
        let erasures = erase::Erasures::start(db.clone()).await?;
        let rewritten = store::events::rewritten(db.read()).await?;
        let agents = Arc::new(agent::Agents::default());
        let ingest =
            ingest::Ingest::start(db.clone(), Arc::clone(&agents), Arc::clone(&wrote)).await?;
        let gate = gate::Gate::start(db.clone(), agents).await?;
        let fraud_reports = fraud_alerts::Reports::start(db.clone(), Arc::clone(&wrote)).await?;
        let columns = Arc::new(columns::Columns::load(db.clone()).await?);
        let workbook = workbook::Workbook::new(db.clone(), Arc::clone(&columns));
        let audit = audit::Audit::start(db.clone());
        let accounts = accounts::Accounts::new(db.clone(), audit.log.clone());
        // A name that nobody can have used before.
        let name = domain::keys::hex(&store::random::bytes::<16>());
        let spool = std::env::temp_dir().join(format!("tollwarden-imports-{name}"));
        let imports = imports::Imports::new(db.clone(), ingest.clone(), &spool);
        let regions = regions::Regions::new(db.clone());
        Ok(Self {
            accounts,
            keys: keys::Keys::new(db.clone()),
            handles: handles::Handles::new(db.clone()),
            names: names::CurrentNames::new(db.clone()),
            notify: notify::Notifier::new(db.clone()),
            live: live::Live::new(db.clone()),
            audit,
            ingest,
            reports: reports::ReportSlots::new(&db, gate.asked()),
            gate,
            fraud_reports,
            imports,
            workbook,
            conversion: conversion::Conversion::new(db.clone()),
            watch: unreported::Watch::new(db.clone(), regions.clone()),
            regions,
            lately: attack_signs::FatigueCache::new(db.clone()),
            replays: replay::Replays::default(),
            retention: retention::Retention::default(),
            erasures,
            rewritten: Arc::new(AtomicI64::new(rewritten)),
            columns,
            readiness: ready::Readiness::default(),
            wrote,
            db,
        })
    }

    /// Sets the spool folder for received files; the default is the system's temporary folder.
    #[must_use]
    pub fn with_spool(mut self, folder: &Path) -> Self {
        self.imports = imports::Imports::new(self.db.clone(), self.ingest.clone(), folder);
        self
    }

    /// Sets how long each kind of row is kept; the default is forever.
    #[must_use]
    pub fn with_retention(mut self, retention: retention::Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Sets how messages are sent; by default mails only go to the delivery log.
    ///
    /// # Errors
    /// If TLS for the mail server cannot be set up.
    pub fn with_notify(mut self, options: notify::Options) -> Result<Self, String> {
        self.notify = notify::Notifier::with(self.db.clone(), options)?;
        Ok(self)
    }

    /// The clock of the store; tests can fix it.
    pub fn clock(&self) -> store::Clock {
        self.db.clock
    }

    /// Runs the background work until the token is cancelled: follows commits of other processes,
    /// creates partitions ahead of time, deletes old rows, and imports received files.
    pub async fn work(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = every(COLUMNS, "cannot read new events; going on trying")
                .woken(&self.wrote)
                .resting(OFTEN)
                .go(|| within(STUCK, self.columns.follow())) => {}
            // The gate's health already says so.
            () = every(GATE, "the gate is blind").go(|| async {
                let _ = self.gate.follow().await;
                Ok::<(), Error>(())
            }) => {}
            () = every(OFTEN, "numbers are looked up in the data that held before")
                .go(|| number_data::follow(&self.db)) => {}
            () = every(OFTEN, "whom another process erased is still in memory")
                .go(|| self.follow_erasures()) => {}
            () = every(REWRITTEN, "events that were written anew are in memory as they were")
                .go(|| self.follow_rewritten()) => {}
            () = every(unreported::PAUSE, "regions cannot be watched; going on trying")
                .resting(unreported::REST)
                .go(|| unreported::step(&self.regions, &self.watch)) => {}
            () = every(KEYS, "keys that failed are not in the audit log yet")
                .go(|| self.keys.step()) => {}
            () = every(IMPORTS, "an import waits")
                .woken(self.imports.brought())
                .go(|| self.imports.step(&stop)) => {}
            () = every(UPKEEP, "upkeep failed; the next try is in a minute")
                .go(|| self.keep()) => {}
            () = every(UPKEEP, "numbers stored in another spelling are not put right yet")
                .go(|| spellings::step(&self.db, &stop)) => {}
            // Logs by itself.
            () = every(OFTEN, "not ready").go(|| async {
                self.look_whether_ready().await;
                Ok::<(), Error>(())
            }) => {}
            () = every(conversion::PACE, "cannot read attempts; going on trying")
                .go(|| self.conversion.step()) => {}
            () = every(live::LOOK, "cannot tell what is new; going on trying")
                .resting(OFTEN)
                .go(|| within(STUCK, self.live.step())) => {}
            () = every(OFTEN, "pages whose sessions ended still listen; going on trying")
                .go(|| within(STUCK, self.live.dismiss())) => {}
            () = self.notify.work(&stop) => {}
        }
        self.live.end();
        let _ = tokio::time::timeout(LAST, self.keys.flush()).await;
    }

    async fn follow_erasures(&self) -> Result<Progress, Error> {
        Ok(Progress::of(self.forget_erased().await?))
    }

    /// Reads the events in memory again if any were rewritten since.
    async fn follow_rewritten(&self) -> Result<(), Error> {
        let newest = store::events::rewritten(self.db.read()).await?;
        if self.rewritten.load(Ordering::Relaxed) < newest {
            self.read_again().await?;
            self.rewritten.store(newest, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn keep(&self) -> Result<(), Error> {
        let month = store::partitions::Month::of(self.db.clock.now());
        store::partitions::ensure(self.db.facts(), &[month, month.next()]).await?;
        let mut forgot = false;
        while retention::step(&self.db, &self.retention).await? == Progress::Worked {
            forgot = true;
        }
        self.columns.prune(forgot).await?;
        self.conversion.prune().await?;
        while accounts::sessions::step(&self.db).await? == Progress::Worked {}
        store::captcha::forget(self.db.facts(), self.db.clock.now()).await?;
        store::alerts::forget(self.db.facts(), self.db.clock.now()).await?;
        self.gate.keep().await?;
        notify::tell_of_silent_sources(&self.db).await?;
        self.audit.step().await?;
        self.imports.keep(self.retention.imports).await?;
        Ok(())
    }
}
