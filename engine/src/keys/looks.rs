//! Looks at the store for keys: one at a time takes all ids of its sort that wait.

use super::known::{Found, Keys, Memory, Moment};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use store::keys::Row;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Ids that one look takes at most.
const LOOK: usize = 500;
/// Between two looks for ids that were not met before: a flood of them costs the store no more than
/// forty looks a second, and a key that is used for the first time then waits no longer than that.
const PACE: Duration = Duration::from_millis(25);

/// An id that is to be looked for.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) asked: Moment,
    pub(super) answer: watch::Sender<Option<Found>>,
}

/// Which ids wait: those of keys met before never wait for others, however many those are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Of keys met before.
    Known,
    /// All else.
    Strangers,
}

/// The ids of a sort that wait for the next look.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) ids: VecDeque<Asked>,
    /// Whether somebody takes them from there.
    pub(super) looking: bool,
}

/// Whoever takes the ids of a sort that wait, one look after another; one at a time.
pub(super) struct Looking {
    keys: Keys,
    sort: Sort,
    done: bool,
}

impl Looking {
    pub(super) fn new(keys: Keys, sort: Sort) -> Self {
        Self { keys, sort, done: false }
    }

    /// One look; `false` when nobody waits.
    pub(super) async fn step(&mut self) -> bool {
        let asked = self.keys.memory().next(self.sort);
        self.done = asked.is_empty();
        if self.done {
            return false;
        }
        let ids: Vec<String> = asked.iter().map(|asked| asked.id.clone()).collect();
        let mut rows = self.rows(&ids).await.map_err(Arc::new);
        for Asked { id, asked, answer } in asked {
            let row = match &mut rows {
                Ok(rows) => rows.remove(&id).transpose().map_err(Arc::new),
                Err(error) => Err(Arc::clone(error)),
            };
            answer.send_replace(Some(self.keys.learn(&id, asked, row)));
        }
        if self.sort == Sort::Strangers {
            tokio::time::sleep(PACE).await;
        }
        true
    }

    /// The rows of these ids. A connection that gave no answer in time leads nowhere.
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
    /// Cut short, it leaves the rest to the next.
    fn drop(&mut self) {
        if !self.done {
            self.keys.memory().waiting(self.sort).looking = false;
        }
    }
}

impl Memory {
    /// The ids of a sort that wait.
    pub(super) fn waiting(&mut self, sort: Sort) -> &mut Waiting {
        match sort {
            Sort::Known => &mut self.known,
            Sort::Strangers => &mut self.strangers,
        }
    }

    /// What the next look takes. With nothing left, who comes next begins anew.
    fn next(&mut self, sort: Sort) -> Vec<Asked> {
        let waiting = self.waiting(sort);
        let count = waiting.ids.len().min(LOOK);
        let asked: Vec<Asked> = waiting.ids.drain(..count).collect();
        waiting.looking = !asked.is_empty();
        asked
    }
}
