//! Reads the store: everything at the start, then what this or another server committed since the
//! last read.

use super::live::{self, GateMemory, HOURS};
use super::shared::Shared;
use crate::settings;
use crate::sync::{lock, within};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{PhoneNumber, countries, rules};
use sqlx::PgConnection;
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::Db;
use store::events::Position;
use store::gate::{BlockOrBypass, Send};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longest time that a number can be trusted, in days.
const TRUST_DAYS: i64 = rules::TRUST_DAYS_MAX as i64;

/// How long reading this server's own recent changes may delay an answer.
const LOOK: Duration = Duration::from_millis(100);
/// How long opening a connection, or reading the store's position, may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How long reading new rows may take; after that the connection counts as dead.
const STUCK: Duration = Duration::from_secs(60);

/// How long a decision may count as being written although it is already stored, in microseconds.
const JUST_NOW: i64 = 600_000_000;

/// The sections of settings that the gate obeys.
type Sections = (countries::Settings, rules::Settings);

async fn settings_now(conn: &mut PgConnection) -> store::Result<Sections> {
    Ok((settings::load(&mut *conn).await?.settings, settings::load(conn).await?.settings))
}

/// What changed since the last read.
struct News {
    position: Position,
    versions: [i64; 2],
    settings: Option<Sections>,
    blocks: Vec<BlockOrBypass>,
    bypasses: Vec<BlockOrBypass>,
    trusted: Vec<(PhoneNumber, i64)>,
    sends: Vec<Send>,
}

/// Loads everything: settings, blocks, bypasses, trusted numbers, and the sends of the last day.
pub(super) async fn load(db: &Db) -> Result<GateMemory, store::Error> {
    let now = db.clock.now();
    let mut conn = db.conn().await?;
    let (position, versions) = store::gate::poll_start(&mut conn).await?;
    let mut state = GateMemory::new(position, now);
    let (countries, rules) = settings_now(&mut conn).await?;
    state.apply_settings(countries, rules);
    state.versions = versions;
    let start = Position::default();
    for stand in store::gate::blocks_after(&mut conn, start).await? {
        state.block(stand);
    }
    for stand in store::gate::bypasses_after(&mut conn, start).await? {
        state.bypass(stand);
    }
    let trusted = now - TimeDelta::days(TRUST_DAYS);
    for (phone, verified) in store::gate::trusted_after(&mut conn, start, trusted).await? {
        state.ledger.trust(phone, verified);
    }
    drop(conn);
    let from = now - TimeDelta::hours(HOURS);
    store::gate::sends_since(db.read(), from, position, |send| state.fold(&send, now)).await?;
    state.stale = false;
    Ok(state)
}

/// Rebuilds the ledger of the last day on request, while the gate exists.
pub(super) async fn refolding(shared: Weak<Shared>, mut wanted: mpsc::Receiver<()>) {
    while wanted.recv().await.is_some() {
        let Some(shared) = shared.upgrade() else { return };
        if let Err(error) = shared.refold().await {
            // The next read requests it again.
            tracing::warn!(
                error = store::with_sources(&error),
                "what the last day cost could not be counted anew"
            );
        }
    }
}

impl Shared {
    /// Drops blocks, bypasses and trust whose rows are gone: an incremental read does not see
    /// erased rows. Also reads the settings again.
    pub(super) async fn forget_gone(&self) -> Result<(), store::Error> {
        let from = self.db.clock.now() - TimeDelta::days(TRUST_DAYS);
        // Before blocking reads: pages may occupy every connection for a while.
        let mut conn = self.db.conn().await?;
        // Only reads add blocks and bypasses, so nothing is added while this lock is held.
        let _one = self.looking.lock().await;
        let read = async {
            let standing = store::gate::active_ids(&mut conn).await?;
            let trusted = store::gate::trusted_after(&mut conn, Position::default(), from).await?;
            Ok::<_, store::Error>((standing, trusted, settings_now(&mut conn).await?))
        };
        let (standing, trusted, (countries, rules)) = match within(STUCK, read).await {
            Ok(read) => read,
            Err(error) => {
                conn.close_on_drop();
                return Err(error);
            }
        };
        let standing: HashSet<_> = standing.into_iter().collect();
        let trusted: HashSet<PhoneNumber> = trusted.into_iter().map(|(phone, _)| phone).collect();
        let mut state = self.state();
        state.apply_settings(countries, rules);
        state.blocks_and_bypasses().retain(|id| standing.contains(&id));
        state.ledger.retain_trust(|phone| trusted.contains(&phone));
        Ok(())
    }

    /// Reads what was committed since the last call. Transactions end in a different order than
    /// they begin, so rows of transactions from the position on are read again until all of those
    /// have ended. Each is counted once.
    pub(super) async fn follow(&self) -> Result<(), store::Error> {
        let _one = self.looking.lock().await;
        let changes = self.db.changes();
        let looked = self.poll().await;
        self.blind.store(looked.is_err(), Ordering::Relaxed);
        let known = if looked.is_ok() { &self.seen } else { &self.missed };
        known.store(changes, Ordering::Release);
        looked
    }

    /// Makes every earlier change of this process effective for the next answer. Other servers'
    /// changes are at most one read old.
    pub(super) async fn fresh(&self) {
        let changes = self.db.changes();
        let known = [&self.seen, &self.missed].map(|of| of.load(Ordering::Acquire));
        // If the store is away, the known data decides, and no request waits again and again.
        if !known.contains(&changes) {
            let _ = timeout(LOOK, self.follow()).await;
        }
    }

    /// Prices or their currency changed: reads the last day's sends and counts them again, while
    /// the gate continues with the current ledger.
    async fn refold(&self) -> Result<(), store::Error> {
        let now = self.db.clock.now();
        let (position, rules) = {
            let mut state = self.state();
            state.stale = false;
            (state.position, Arc::clone(&state.rules))
        };
        let (mut ledger, mut foreign) = (live::empty_ledger(), live::Foreign::new());
        let (from, micros) = (now - TimeDelta::hours(HOURS), now.timestamp_micros());
        let mut read_now = HashSet::new();
        let read = store::gate::sends_since(self.db.read(), from, position, |send| {
            live::note(&mut ledger, &mut foreign, &rules, &send, micros);
            // Some may have been written just now and still count as being written.
            if send.gate && send.time > micros - JUST_NOW {
                read_now.insert(send.key);
            }
        });
        if let Err(error) = read.await {
            self.state().stale = true;
            return Err(error);
        }
        drop(rules);
        let one = self.looking.lock().await;
        let old = {
            let mut state = self.state();
            lock(&self.own).clear();
            state.replace_ledger(ledger, foreign, position, &read_now)
        };
        // Dropping a large ledger takes a while.
        drop(old);
        drop(one);
        self.follow().await
    }

    async fn poll(&self) -> Result<(), store::Error> {
        let now = self.db.clock.now();
        let (since, versions) = {
            let state = self.state();
            (state.position, state.versions)
        };
        let own: Vec<i64> = lock(&self.own).iter().copied().collect();
        let mut conn = within(ANSWER, self.db.decisions().acquire()).await?;
        let news = match within(STUCK, news(&mut conn, since, versions, &own, now)).await {
            Ok(news) => news,
            Err(error) => {
                // Returned to the pool, a dead connection would block it.
                conn.close_on_drop();
                return Err(error);
            }
        };
        drop(conn);

        let position = news.position;
        let mut state = self.state();
        if let Some((countries, rules)) = news.settings {
            state.apply_settings(countries, rules);
            state.versions = news.versions;
        }
        news.blocks.into_iter().for_each(|stand| state.block(stand));
        news.bypasses.into_iter().for_each(|stand| state.bypass(stand));
        news.trusted.into_iter().for_each(|(phone, time)| state.ledger.trust(phone, time));
        let mut recent = HashSet::with_capacity(news.sends.len());
        let mut own = lock(&self.own);
        for send in &news.sends {
            // Some of this process's transactions ended during the read.
            if own.contains(&send.xid) || state.overlaid.contains(&send.key) {
                continue;
            }
            recent.insert(send.key);
            if !state.recent.contains(&send.key) {
                state.fold(send, now);
            }
        }
        state.recent = recent;
        state.position = position;
        state.looked = now;
        state.forget(now);
        own.retain(|xid| *xid >= position.xid);
        if state.stale {
            // One waiting request is enough.
            let _ = self.refolds.try_send(());
        }
        Ok(())
    }
}

async fn news(
    conn: &mut PgConnection,
    since: Position,
    known: [i64; 2],
    own: &[i64],
    now: DateTime<Utc>,
) -> Result<News, store::Error> {
    // The position is read first: what is committed later belongs to the next read.
    let (position, versions) = within(ANSWER, store::gate::poll_start(&mut *conn)).await?;
    let settings = if versions == known { None } else { Some(settings_now(&mut *conn).await?) };
    let blocks = store::gate::blocks_after(&mut *conn, since).await?;
    let bypasses = store::gate::bypasses_after(&mut *conn, since).await?;
    let trusted = now - TimeDelta::days(TRUST_DAYS);
    let trusted = store::gate::trusted_after(&mut *conn, since, trusted).await?;
    let from = now - TimeDelta::hours(HOURS);
    let sends = store::gate::sends_after(&mut *conn, since, from, own).await?;
    Ok(News { position, versions, settings, blocks, bypasses, trusted, sends })
}
