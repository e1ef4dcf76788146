//! Who waits for news, and how they are told: by a number that rises, nothing else. Whoever hears
//! it asks for what they look at as they would have without.

use crate::accounts::sessions::cutoffs;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Db;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two messages to one listener.
pub const PACE: Duration = Duration::from_secs(2);
/// Between two looks at the store while somebody listens.
const LOOK: Duration = Duration::from_millis(250);
/// Between two looks at the listeners' sessions.
const SESSIONS: Duration = Duration::from_secs(1);
/// How long after a look that failed.
const TROUBLE: Duration = Duration::from_secs(1);
/// How long a look may take: past that its connection leads nowhere.
const STUCK: Duration = Duration::from_secs(60);

/// Listeners of one account: visible windows, of which a person has a few.
pub const OF_ACCOUNT: usize = 12;
/// Listeners in all.
pub const IN_ALL: usize = 400;

/// Why nobody more can listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The account listens in [`OF_ACCOUNT`] places already.
    Account,
    /// [`IN_ALL`] listen already.
    All,
    /// The server stops.
    Stopping,
}

/// Who listens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    db: Db,
    newest: Arc<watch::Sender<u64>>,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    listeners: HashMap<u64, Listener>,
    stopping: bool,
}

#[derive(Debug)]
struct Listener {
    account: Uuid,
    /// The hash that finds its session in the store.
    session: [u8; 32],
    end: CancellationToken,
}

impl Live {
    /// Over a store.
    pub fn new(db: Db) -> Self {
        Self { db, newest: Arc::new(watch::Sender::new(0)), open: Arc::default() }
    }

    /// The number told last. While nobody listens it stands still, so it may be too low and is
    /// never too high.
    pub fn seq(&self) -> u64 {
        *self.newest.borrow()
    }

    /// Begins to listen, in a session (see `store::sessions`) of an account. Ends with the
    /// session, or when it is dropped.
    ///
    /// # Errors
    /// When too many listen already.
    pub async fn listen(&self, account: Uuid, session: [u8; 32]) -> Result<Heard, Full> {
        let heard = self.enter(account, session)?;
        // What came while nobody listened; without an answer the next look tells.
        let _ = self.look().await;
        Ok(heard)
    }

    fn enter(&self, account: Uuid, session: [u8; 32]) -> Result<Heard, Full> {
        let mut open = self.open();
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
        Ok(Heard { open: Arc::clone(&self.open), id, seq, end, last: None })
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.open().listeners.len()
    }

    /// Looks whether anything was committed since, by whatever process, and tells it.
    ///
    /// # Errors
    /// When the store refuses; the next look goes on from the same place.
    pub async fn look(&self) -> store::Result<()> {
        if let Some(newest) = store::live::newest(self.db.read(), self.seq()).await? {
            self.newest.send_if_modified(|seq| {
                let rises = newest > *seq;
                *seq = newest.max(*seq);
                rises
            });
        }
        Ok(())
    }

    /// Ends the listeners whose sessions have ended: signed out, too long unused, or their account
    /// changed. Looking notes nothing in the session, so that listening does not keep it alive.
    ///
    /// # Errors
    /// When the store refuses; everybody listens on until the next look.
    pub async fn dismiss(&self) -> store::Result<()> {
        let asked: HashMap<u64, [u8; 32]> =
            self.open().listeners.iter().map(|(id, one)| (*id, one.session)).collect();
        let ids: Vec<Vec<u8>> = asked.values().map(|session| session.to_vec()).collect();
        let living =
            store::sessions::living(self.db.read(), &ids, cutoffs(self.db.clock.now())).await?;
        let open = self.open();
        for (id, session) in asked {
            if !living.iter().any(|living| living.as_slice() == session)
                && let Some(listener) = open.listeners.get(&id)
            {
                listener.end.cancel();
            }
        }
        Ok(())
    }

    /// Tells listeners what is committed, and ends those who must hear no more; for ever.
    pub async fn work(&self) {
        let mut trouble = false;
        let mut looked_at_sessions = Instant::now();
        loop {
            sleep(LOOK).await;
            if self.listeners() == 0 {
                continue;
            }
            let looks = async {
                self.look().await?;
                if looked_at_sessions.elapsed() >= SESSIONS {
                    looked_at_sessions = Instant::now();
                    self.dismiss().await?;
                }
                Ok(())
            };
            let looked = tokio::time::timeout(STUCK, looks).await;
            match looked.unwrap_or_else(|_| Err(store::Error::no_answer())) {
                Ok(()) => trouble = false,
                Err(error) => {
                    if !trouble {
                        tracing::warn!(
                            error = store::whole(&error),
                            "cannot tell what is new; going on trying"
                        );
                    }
                    trouble = true;
                    sleep(TROUBLE).await;
                }
            }
        }
    }

    /// Ends every listener and takes no more: the server stops.
    pub fn end(&self) {
        let mut open = self.open();
        open.stopping = true;
        open.listeners.values().for_each(|listener| listener.end.cancel());
    }

    /// A panic while it was held leaves at worst a listener too many in the count.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one listener hears.
#[derive(Debug)]
pub struct Heard {
    open: Arc<Mutex<Open>>,
    id: u64,
    seq: watch::Receiver<u64>,
    end: CancellationToken,
    last: Option<Instant>,
}

impl Heard {
    /// The next number: the present one first, then each newer, at most one in [`PACE`]; what
    /// comes between is left out. Nothing when it has ended.
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

impl Drop for Heard {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).listeners.remove(&self.id);
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
