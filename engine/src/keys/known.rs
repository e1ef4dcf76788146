//! Keys seen before, kept in memory: the gate answers thousands of requests a second, and continues
//! while the store is away.
//!
//! Lookups use separate connections, and one lookup takes all waiting ids. Keys seen before have
//! separate lookups, so a flood of unknown ids delays no known key.
//!
//! A row is valid for 100 ms after its lookup began, and until this process changes anything, so
//! that revoking a key takes effect here at once and on other servers within 200 ms. In the second
//! half of that time it is looked up again, so that frequent callers never wait. All callers
//! waiting for a row share one lookup. While the store is away, a row stays valid for 15 minutes
//! after it was last read: a key that another server revoked just before could request decisions
//! for that long. Ids that the store does not know are not kept.

use super::failed::{Failed, SLOW};
use super::memory::{CachedKey, FoundKey, Memory, Moment};
use super::shown::PresentedKey;
use super::{KeyError, KeyHolder};
use crate::sync::lock;
use chrono::{DateTime, Utc};
use domain::audit::By;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use store::Db;
use store::keys::Row;
use tokio::time::{Instant, timeout, timeout_at};

/// Interval between two updates of a key's last use, in microseconds.
const TOUCH: i64 = 60_000_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long a row is valid without a lookup.
    pub(super) fresh: Duration,
    /// How long a caller waits for a lookup if an older row is in memory.
    pub(super) patience: Duration,
    /// How long a lookup may take, and how long a caller without a row waits.
    pub(super) look: Duration,
    /// How long a store that did not answer counts as away; callers with a row do not wait for it.
    /// Longer than a lookup, because each failed lookup renews it.
    pub(super) away: Duration,
    /// How long a row stays valid while the store is away.
    pub(super) grace: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            fresh: Duration::from_millis(100),
            patience: Duration::from_millis(200),
            look: Duration::from_secs(2),
            away: Duration::from_secs(3),
            grace: Duration::from_secs(15 * 60),
        }
    }
}

/// Authenticates callers by key, mostly from memory. Cheap to clone.
#[derive(Clone)]
pub struct Keys(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) times: Times,
    memory: Mutex<Memory>,
    pub(super) looks: AtomicU64,
    pub(super) begun: Instant,
    pub(super) failed: Mutex<Failed>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// Creates it with nothing in memory.
    pub fn new(db: Db) -> Self {
        Self::with(db, Times::default())
    }

    pub(super) fn with(db: Db, times: Times) -> Self {
        Self(Arc::new(Inner {
            db,
            times,
            memory: Mutex::default(),
            looks: AtomicU64::new(0),
            begun: Instant::now(),
            failed: Mutex::default(),
        }))
    }

    /// Authenticates a caller by the `Authorization` header (`Bearer tw_…`) and its address. With
    /// `basic`, also accepts basic auth: the user is the key's name and the password is the key,
    /// and both must belong together.
    ///
    /// # Errors
    /// [`KeyError`]: why authentication failed.
    pub async fn authenticate(
        &self,
        header: Option<&str>,
        basic: bool,
        from: IpAddr,
    ) -> Result<KeyHolder, KeyError> {
        let opened = self.try_open(header, basic, from).await;
        if self.note_failure(&opened, from) {
            tokio::time::sleep(SLOW).await;
        }
        opened
    }

    /// Authenticates the same caller again with the store's current data. The rate limit counted
    /// the request when it came.
    ///
    /// # Errors
    /// [`KeyError`]: why the key is no longer valid.
    pub async fn authenticate_again(
        &self,
        header: Option<&str>,
        basic: bool,
        from: IpAddr,
    ) -> Result<KeyHolder, KeyError> {
        Ok(self.known(header, basic, from).await?.0)
    }

    /// Revokes a key at once; `false` if there is none or it has ended. This process refuses it
    /// even if the store goes away now.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn revoke(&self, by: &By, id: &str) -> Result<bool, store::Error> {
        // Postgres takes no zero byte in a text.
        if id.contains('\0') {
            return Ok(false);
        }
        let done = super::revoke(&self.0.db, by, id).await?;
        self.memory().rows.remove(id);
        Ok(done)
    }

    /// Number of lookups in the store so far.
    #[cfg(test)]
    pub(super) fn looks(&self) -> u64 {
        self.0.looks.load(Ordering::Relaxed)
    }

    async fn try_open(
        &self,
        header: Option<&str>,
        basic: bool,
        from: IpAddr,
    ) -> Result<KeyHolder, KeyError> {
        let (holder, known) = self.known(header, basic, from).await?;
        self.take(&known)?;
        self.touch(&known, self.0.db.clock.now());
        Ok(holder)
    }

    /// The key in a header, if it is valid from this address.
    async fn known(
        &self,
        header: Option<&str>,
        basic: bool,
        from: IpAddr,
    ) -> Result<(KeyHolder, Arc<CachedKey>), KeyError> {
        let shown = PresentedKey::read(header, basic)?;
        let known = self.find(&shown.key.id).await.map_err(KeyError::Store)?;
        let known = known.ok_or(KeyError::Unknown)?;
        let holder = shown.open(&known.row, from, self.0.db.clock.now())?;
        Ok((holder, known))
    }

    /// The row for an id: from memory, or else from a lookup shared by all waiting callers.
    async fn find(&self, id: &str) -> FoundKey {
        let times = self.0.times;
        let now = self.now();
        let begun = now.time;
        let needed = Moment { time: begun.checked_sub(times.fresh).unwrap_or(begun), ..now };
        loop {
            let (mut look, until) = {
                let mut memory = self.memory();
                let old = memory.rows.get(id).cloned();
                if let Some(known) = old.as_ref().filter(|known| known.asked.covers(needed)) {
                    if known.asked.time.elapsed() >= times.fresh / 2 {
                        self.lookup(&mut memory, id);
                    }
                    return Ok(Some(Arc::clone(known)));
                }
                let away = memory.away.filter(|away| {
                    away.changes >= needed.changes && away.time.elapsed() < times.away
                });
                let good = old.filter(|known| known.asked.time.elapsed() < times.grace);
                if let (Some(known), Some(away)) = (&good, away) {
                    // No caller waits for a store that is away, but one lookup keeps trying.
                    if away.time.elapsed() >= times.fresh {
                        self.lookup(&mut memory, id);
                    }
                    return Ok(Some(Arc::clone(known)));
                }
                let hasty = good.is_some() || away.is_some();
                let patience = if hasty { times.patience } else { times.look };
                (self.lookup(&mut memory, id), begun + patience)
            };
            let found = match timeout_at(until, look.found.wait_for(Option::is_some)).await {
                Ok(Ok(found)) => {
                    found.clone().unwrap_or_else(|| Err(Arc::new(store::Error::no_answer())))
                }
                // The lookup was aborted, or takes too long.
                Ok(Err(_)) | Err(_) => Err(Arc::new(store::Error::no_answer())),
            };
            match found {
                Ok(found) if look.asked.covers(needed) => return Ok(found),
                // It began too early for this caller: starts another one.
                Ok(_) => {}
                Err(error) => return self.fall_back(id, needed, error),
            }
        }
    }

    /// The row in memory, if it may be used without the store.
    fn fall_back(&self, id: &str, needed: Moment, error: Arc<store::Error>) -> FoundKey {
        let mut memory = self.memory();
        if is_away(&error) {
            if memory.away.is_none() {
                tracing::warn!(
                    error = store::with_sources(&error),
                    "the store does not answer; keys known before stay good"
                );
            }
            let time = Instant::now();
            memory.away = Some(Moment { time, changes: needed.changes });
        }
        let known = memory.rows.get(id);
        match known.filter(|known| known.asked.time.elapsed() < self.0.times.grace) {
            Some(known) => Ok(Some(Arc::clone(known))),
            None => Err(error),
        }
    }

    /// Keeps the result of a lookup.
    pub(super) fn learn(
        &self,
        id: &str,
        asked: Moment,
        row: Result<Option<Row>, Arc<store::Error>>,
    ) -> FoundKey {
        let changes = self.0.db.changes();
        let mut memory = self.memory();
        memory.looks.remove(id);
        match row {
            Ok(row) => {
                if memory.away.take().is_some() {
                    tracing::info!("the store answers again");
                }
                let Some(row) = row else {
                    memory.rows.remove(id);
                    return Ok(None);
                };
                let old = memory.rows.get(id);
                let used = row.used.map_or(i64::MIN, |used| used.timestamp_micros());
                let touched = old.map_or(used, |old| used.max(old.touched.load(Ordering::Relaxed)));
                // What was dropped during the lookup stays dropped.
                let full = old.map(|old| Arc::clone(&old.full)).unwrap_or_default();
                let keep = old.is_some() || asked.changes == changes;
                let known =
                    Arc::new(CachedKey { row, asked, touched: AtomicI64::new(touched), full });
                if keep {
                    memory.keep(id, &known);
                }
                Ok(Some(known))
            }
            Err(error) => {
                if !is_away(&error) {
                    memory.rows.remove(id);
                } else if let Some(away) = &mut memory.away {
                    away.time = Instant::now();
                }
                Err(error)
            }
        }
    }

    /// Updates the key's last use, once a minute, without waiting.
    fn touch(&self, known: &CachedKey, now: DateTime<Utc>) {
        let (last, time) = (known.touched.load(Ordering::Relaxed), now.timestamp_micros());
        let due = time.saturating_sub(last) > TOUCH;
        let order = Ordering::Relaxed;
        if !due || known.touched.compare_exchange(last, time, order, order).is_err() {
            return;
        }
        let (keys, id) = (self.clone(), known.row.id.clone());
        tokio::spawn(async move {
            let touch = store::keys::touch(keys.0.db.facts(), &id, now);
            match timeout(keys.0.times.look, touch).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(
                        error = store::with_sources(&error),
                        key = id,
                        "last use not noted"
                    )
                }
                Err(_) => tracing::debug!(key = id, "last use not noted in time"),
            }
        });
    }

    pub(super) fn now(&self) -> Moment {
        Moment { changes: self.0.db.changes(), time: Instant::now() }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.0.memory)
    }
}

/// Whether the error concerns the store as a whole, not the row.
fn is_away(error: &store::Error) -> bool {
    !matches!(error, store::Error::Corrupt { .. })
}
