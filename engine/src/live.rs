//! Notifies listeners of new data by an increasing number and nothing else. A listener then
//! requests its data as usual.

use crate::accounts::sessions::cutoffs;
use crate::sync::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Db;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Shortest time between two messages to one listener.
pub const PACE: Duration = Duration::from_secs(2);
/// Interval of store queries while somebody listens.
pub(crate) const LOOK: Duration = Duration::from_millis(250);

/// Most listeners of one account: a person has only a few visible windows.
pub const OF_ACCOUNT: usize = 12;
/// Most listeners in total.
const IN_ALL: usize = 400;

/// Why a listener was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The account has [`OF_ACCOUNT`] listeners already.
    Account,
    /// There are [`IN_ALL`] listeners already.
    All,
    /// The server is stopping.
    Stopping,
}

/// All listeners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    db: Db,
    newest: Arc<watch::Sender<u64>>,
    open: Arc<Mutex<Listeners>>,
}

#[derive(Debug, Default)]
struct Listeners {
    next: u64,
    listeners: HashMap<u64, Listener>,
    stopping: bool,
}

#[derive(Debug)]
struct Listener {
    account: Uuid,
    /// The hash that identifies the session in the store.
    session: [u8; 32],
    end: CancellationToken,
}

impl Live {
    /// Creates it without listeners.
    pub(crate) fn new(db: Db) -> Self {
        Self { db, newest: Arc::new(watch::Sender::new(0)), open: Arc::default() }
    }

    /// The current number. It does not change while nobody listens, so it may be too low but never
    /// too high.
    pub fn seq(&self) -> u64 {
        *self.newest.borrow()
    }

    /// Starts listening in a session (see `store::sessions`) of an account. It ends with the
    /// session, or when dropped.
    ///
    /// # Errors
    /// [`Full`] if there are too many listeners, or the server is stopping.
    pub async fn listen(&self, account: Uuid, session: [u8; 32]) -> Result<Subscription, Full> {
        let heard = self.enter(account, session)?;
        // Includes what came while nobody listened; if this fails, the next query does.
        let _ = self.poll().await;
        Ok(heard)
    }

    fn enter(&self, account: Uuid, session: [u8; 32]) -> Result<Subscription, Full> {
        let mut open = lock(&self.open);
        if open.stopping {
            return Err(Full::Stopping);
        }
        if open.listeners.values().filter(|other| other.account == account).count() >= OF_ACCOUNT {
            return Err(Full::Account);
        }
        if open.listeners.len() >= IN_ALL {
            return Err(Full::All);
        }
        let (id, end) = (open.next, CancellationToken::new());
        open.next += 1;
        open.listeners.insert(id, Listener { account, session, end: end.clone() });
        let seq = self.newest.subscribe();
        Ok(Subscription { open: Arc::clone(&self.open), id, seq, end, last: None })
    }

    /// Number of listeners.
    pub fn listeners(&self) -> usize {
        lock(&self.open).listeners.len()
    }

    /// Looks whether any process committed something, if somebody listens.
    pub(crate) async fn step(&self) -> store::Result<()> {
        if self.listeners() == 0 { Ok(()) } else { self.poll().await }
    }

    /// Checks whether any process committed something, and notifies the listeners.
    async fn poll(&self) -> store::Result<()> {
        if let Some(newest) = store::live::newest(self.db.read(), self.seq()).await? {
            self.newest.send_if_modified(|seq| {
                let rises = newest > *seq;
                *seq = newest.max(*seq);
                rises
            });
        }
        Ok(())
    }

    /// Ends the listeners whose sessions have ended: signed out, unused for too long, or account
    /// changed. The check does not update the session, so listening does not keep it alive.
    pub(crate) async fn dismiss(&self) -> store::Result<()> {
        let asked: HashMap<u64, [u8; 32]> =
            lock(&self.open).listeners.iter().map(|(id, one)| (*id, one.session)).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let ids: Vec<Vec<u8>> = asked.values().map(|session| session.to_vec()).collect();
        let living =
            store::sessions::living(self.db.read(), &ids, cutoffs(self.db.clock.now())).await?;
        let open = lock(&self.open);
        for (id, session) in asked {
            if !living.iter().any(|living| living.as_slice() == session)
                && let Some(listener) = open.listeners.get(&id)
            {
                listener.end.cancel();
            }
        }
        Ok(())
    }

    /// Ends every listener and accepts no more: the server is stopping.
    pub(crate) fn end(&self) {
        let mut open = lock(&self.open);
        open.stopping = true;
        open.listeners.values().for_each(|listener| listener.end.cancel());
    }
}

/// The receiving side of one listener.
#[derive(Debug)]
pub struct Subscription {
    open: Arc<Mutex<Listeners>>,
    id: u64,
    seq: watch::Receiver<u64>,
    end: CancellationToken,
    last: Option<Instant>,
}

impl Subscription {
    /// The next number: first the current one, then newer ones, at most one per [`PACE`]; numbers
    /// between are skipped. `None` once it has ended.
    pub async fn next(&mut self) -> Option<u64> {
        if let Some(last) = self.last {
            tokio::select! {
                biased;
                () = self.end.cancelled() => return None,
                () = sleep_until(last + PACE) => {}
            }
            tokio::select! {
                biased;
                () = self.end.cancelled() => return None,
                changed = self.seq.changed() => changed.ok()?,
            }
        } else if self.end.is_cancelled() {
            return None;
        }
        self.last = Some(Instant::now());
        Some(*self.seq.borrow_and_update())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.open).listeners.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;
    use store::Clock;

    fn live(pool: PgPool) -> Live {
        Live::new(Db::new(pool, Clock::system()))
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn places_are_bounded_and_given_back(pool: PgPool) {
        let live = live(pool);
        let mut held = Vec::new();
        for _ in 0..OF_ACCOUNT {
            held.push(live.listen(Uuid::from_u128(1), [1; 32]).await.unwrap());
        }
        assert_eq!(live.listen(Uuid::from_u128(1), [1; 32]).await.unwrap_err(), Full::Account);
        held.pop();
        held.push(live.listen(Uuid::from_u128(1), [1; 32]).await.unwrap());
        for other in 0..IN_ALL - OF_ACCOUNT {
            held.push(live.enter(Uuid::from_u128(2 + other as u128), [2; 32]).unwrap());
        }
        assert_eq!(live.enter(Uuid::nil(), [3; 32]).unwrap_err(), Full::All);
        assert_eq!(live.listeners(), IN_ALL);
        live.end();
        held.pop();
        assert_eq!(live.enter(Uuid::nil(), [3; 32]).unwrap_err(), Full::Stopping);
        assert_eq!(held[0].next().await, None);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn without_a_session_nobody_listens_on(pool: PgPool) {
        let live = live(pool);
        let mut heard = live.listen(Uuid::nil(), [1; 32]).await.unwrap();
        assert_eq!(heard.next().await, Some(0));
        live.dismiss().await.unwrap();
        assert_eq!(heard.next().await, None);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn what_comes_quickly_is_told_once(pool: PgPool) {
        let live = live(pool);
        let mut heard = live.listen(Uuid::nil(), [1; 32]).await.unwrap();
        assert_eq!(heard.next().await, Some(0));
        let begun = Instant::now();
        for seq in 1..=5 {
            live.newest.send_replace(seq);
        }
        assert_eq!(heard.next().await, Some(5));
        assert!(begun.elapsed() >= PACE - Duration::from_millis(50));
    }
}
