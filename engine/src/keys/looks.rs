//! Looks at the store for keys: one at a time takes all ids that wait.

use super::known::{Found, Keys, Memory, Moment};
use std::collections::HashMap;
use std::sync::Arc;
use store::keys::Row;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Ids that one look takes at most.
const LOOK: usize = 500;

/// An id that is to be looked for.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) asked: Moment,
    pub(super) answer: watch::Sender<Option<Found>>,
}

/// Whoever takes the ids that wait, one look after another; one at a time.
pub(super) struct Looking {
    keys: Keys,
    done: bool,
}

impl Looking {
    pub(super) fn new(keys: Keys) -> Self {
        Self { keys, done: false }
    }

    /// One look; `false` when nobody waits.
    pub(super) async fn step(&mut self) -> bool {
        let asked = self.keys.memory().next();
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
        true
    }

    /// The rows of these ids. A connection that gave no answer in time leads nowhere.
    async fn rows(&self, ids: &[String]) -> store::Result<HashMap<String, store::Result<Row>>> {
        let until = Instant::now() + self.keys.0.times.look;
        let silent = |_| store::Error::no_answer();
        let conn = timeout_at(until, self.keys.0.db.decisions.acquire()).await;
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
            self.keys.memory().looking = false;
        }
    }
}

impl Memory {
    /// What the next look takes. With nothing left, who comes next begins anew.
    fn next(&mut self) -> Vec<Asked> {
        let known = self.known.len().min(LOOK);
        let mut asked: Vec<Asked> = self.known.drain(..known).collect();
        let others = self.strangers.len().min(LOOK - known);
        asked.extend(self.strangers.drain(..others));
        self.looking = !asked.is_empty();
        asked
    }
}
