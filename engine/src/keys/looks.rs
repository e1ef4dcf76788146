//! Lookups of keys in the store: one at a time takes all waiting ids of its kind.

use super::known::Keys;
use super::memory::{IdKind, LookupRequest, Memory, PendingLookup};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::keys::Row;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Most unknown ids that may wait for a lookup; beyond that they get the answer for a store that
/// does not answer, because only then do so many wait.
const STRANGERS: usize = 10_000;
/// Pause between two lookups of unknown ids: a flood of them causes at most forty lookups a second,
/// and a key that is used for the first time waits no longer than that.
const PACE: Duration = Duration::from_millis(25);

impl Keys {
    /// The running lookup for an id, or a new one. It continues when its callers leave.
    pub(super) fn lookup(&self, memory: &mut Memory, id: &str) -> PendingLookup {
        // A lookup whose task has ended will never answer.
        if let Some(look) = memory.looks.get(id).filter(|look| look.found.has_changed().is_ok()) {
            return look.clone();
        }
        let (answer, found) = watch::channel(None);
        let look = PendingLookup { asked: self.now(), found };
        let sort = match memory.rows.contains_key(id) {
            true => IdKind::Known,
            false => IdKind::Strangers,
        };
        if sort == IdKind::Strangers && memory.strangers.ids.len() >= STRANGERS {
            answer.send_replace(Some(Err(Arc::new(store::Error::no_answer()))));
            return look;
        }
        memory.looks.insert(id.to_owned(), look.clone());
        self.0.looks.fetch_add(1, Ordering::Relaxed);
        let asked = LookupRequest { id: id.to_owned(), asked: look.asked, answer };
        let waiting = memory.waiting(sort);
        waiting.ids.push_back(asked);
        if !waiting.looking {
            waiting.looking = true;
            let mut looking = Looking::new(self.clone(), sort);
            tokio::spawn(async move { while looking.step().await {} });
        }
        look
    }
}

/// The task that looks up the waiting ids of one kind, one lookup after another.
pub(super) struct Looking {
    keys: Keys,
    sort: IdKind,
    done: bool,
}

impl Looking {
    pub(super) fn new(keys: Keys, sort: IdKind) -> Self {
        Self { keys, sort, done: false }
    }

    /// Runs one lookup; `false` if no id waits.
    pub(super) async fn step(&mut self) -> bool {
        let asked = self.keys.memory().next(self.sort);
        self.done = asked.is_empty();
        if self.done {
            return false;
        }
        let ids: Vec<String> = asked.iter().map(|asked| asked.id.clone()).collect();
        let mut rows = self.rows(&ids).await.map_err(Arc::new);
        for LookupRequest { id, asked, answer } in asked {
            let row = match &mut rows {
                Ok(rows) => rows.remove(&id).transpose().map_err(Arc::new),
                Err(error) => Err(Arc::clone(error)),
            };
            answer.send_replace(Some(self.keys.learn(&id, asked, row)));
        }
        if self.sort == IdKind::Strangers {
            tokio::time::sleep(PACE).await;
        }
        true
    }

    /// The rows for these ids. A connection that does not answer in time is closed.
    async fn rows(&self, ids: &[String]) -> store::Result<HashMap<String, store::Result<Row>>> {
        let until = Instant::now() + self.keys.0.times.look;
        let silent = |_| store::Error::no_answer();
        let conn = timeout_at(until, self.keys.0.db.decisions().acquire()).await;
        let mut conn = conn.map_err(silent)??;
        let rows = timeout_at(until, store::keys::by_ids(&mut *conn, ids)).await;
        if rows.is_err() {
            conn.close_on_drop();
        }
        Ok(rows.map_err(silent)??.into_iter().collect())
    }
}

impl Drop for Looking {
    /// If the task is aborted, the next one handles the remaining ids.
    fn drop(&mut self) {
        if !self.done {
            self.keys.memory().waiting(self.sort).looking = false;
        }
    }
}
