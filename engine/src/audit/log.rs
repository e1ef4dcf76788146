//! Frequent entries: a bounded queue, one writer that drains it into one transaction, and an answer
//! to each caller once its entry is durable (group commit).

use super::fold::RecentCallers;
use crate::Error;
use crate::sync::{lock, retried};
use crate::work::Progress;
use domain::audit::{By, Change};
use std::sync::{Arc, Mutex};
use store::Db;
use tokio::sync::{mpsc, oneshot};

/// Entries that may wait; beyond that callers wait too.
const QUEUE: usize = 4_096;
/// Most entries in one transaction.
const COMMIT: usize = 512;

/// Why an entry was not written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoteError {
    /// The store failed or is unreachable.
    #[error("the audit log: {0}")]
    Store(Arc<store::Error>),
    /// The writer has stopped.
    #[error("the server is stopping")]
    Stopping,
}

struct Note {
    by: By,
    change: Change,
    answer: oneshot::Sender<Result<(), NoteError>>,
}

/// Writes audit entries for actions that change nothing else. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    db: Db,
    queue: mpsc::Sender<Note>,
    fold: Arc<Mutex<RecentCallers>>,
}

/// Without the callers of the last minutes.
impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("room", &self.queue.capacity()).finish()
    }
}

impl Log {
    /// Starts a writer, which stops when the last clone is dropped.
    pub fn start(db: Db) -> Self {
        let (queue, notes) = mpsc::channel(QUEUE);
        tokio::spawn(write(db.clone(), notes));
        Self { db, queue, fold: Arc::default() }
    }

    /// Writes an entry and returns once it is durable. Waits while the queue is full.
    ///
    /// # Errors
    /// If the store fails. Then there is no entry, and the caller must not do what it describes.
    pub async fn note(&self, by: By, change: Change) -> Result<(), NoteError> {
        let (answer, answered) = oneshot::channel();
        let note = Note { by, change, answer };
        self.queue.send(note).await.map_err(|_| NoteError::Stopping)?;
        answered.await.unwrap_or(Err(NoteError::Stopping))
    }

    /// Writes a refusal. A caller refused repeatedly gets an entry for each of the first refusals,
    /// then one a minute with their count, so that nobody can fill the disk. The refusal stays in
    /// force if the entry cannot be written; the server's log then says so.
    pub async fn refused(&self, by: By, change: Change) {
        let now = self.db.clock.now();
        if !lock(&self.fold).is_single(&by, &change, now) {
            return;
        }
        let activity = change.activity;
        if let Err(error) = self.note(by, change).await {
            tracing::error!(error = store::with_sources(&error), %activity, "a refusal is not in the audit log");
        }
    }

    /// Writes the collected counts that are due.
    pub(super) async fn step(&self) -> Result<Progress, Error> {
        let due = lock(&self.fold).due(self.db.clock.now());
        if due.is_empty() {
            return Ok(Progress::Idle);
        }
        retried(|| self.db.record(&due)).await?;
        Ok(Progress::Worked)
    }
}

async fn write(db: Db, mut notes: mpsc::Receiver<Note>) {
    let mut batch = Vec::with_capacity(COMMIT);
    while notes.recv_many(&mut batch, COMMIT).await > 0 {
        let (mut entries, mut answers) = (Vec::new(), Vec::new());
        for Note { by, change, answer } in batch.drain(..) {
            entries.push((by, change));
            answers.push(answer);
        }
        let done = retried(|| db.record(&entries)).await;
        let done = done.map_err(|error| NoteError::Store(Arc::new(error)));
        for answer in answers {
            // The caller may have gone; that does not matter.
            let _ = answer.send(done.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::SINGLE;
    use super::*;
    use chrono::TimeDelta;
    use domain::audit::Activity;
    use sqlx::PgPool;
    use std::net::{IpAddr, Ipv4Addr};
    use store::Clock;
    use testkit::noon;

    const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    async fn entries(db: &Db) -> i64 {
        store::audit::head(db.read()).await.unwrap().seq
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn entries_at_the_same_time_share_transactions(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let log = Log::start(db.clone());
        let notes = (0..200).map(|n| {
            let log = log.clone();
            let change = Change::new(Activity::SignInRefused, format!("{n}@example.com"));
            tokio::spawn(async move { log.note(By::unknown(FROM), change).await })
        });
        for note in notes.collect::<Vec<_>>() {
            note.await.unwrap().unwrap();
        }
        assert_eq!(entries(&db).await, 200);
        let transactions: i64 = sqlx::query_scalar("select count(distinct xmin::text) from audit")
            .fetch_one(db.read())
            .await
            .unwrap();
        assert!(transactions < 100, "{transactions} transactions for 200 entries");
        assert_eq!(super::super::verify(&db, None, |_| ()).await.unwrap().count, 200);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn what_cannot_be_written_is_told(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let log = Log::start(db.clone());
        db.close().await;
        let note = log.note(By::own(), Change::new(Activity::SignedIn, "x")).await;
        assert!(matches!(note, Err(NoteError::Store(_))), "{note:?}");
        // The refusal stays in force without its entry.
        log.refused(By::own(), Change::new(Activity::SignInRefused, "x")).await;
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn knocking_over_and_over_fills_no_disk(pool: PgPool) {
        let db = Db::new(pool, Clock::fixed(noon()));
        let mut log = Log::start(db.clone());
        for n in 0..1_000 {
            let change = Change::new(Activity::SignInRefused, format!("{n}@example.com"));
            log.refused(By::unknown(FROM), change).await;
        }
        assert_eq!(entries(&db).await, i64::from(SINGLE));
        assert_eq!(log.step().await.unwrap(), Progress::Idle, "the minute is not over");
        log.db.clock = Clock::fixed(noon() + TimeDelta::minutes(1));
        assert_eq!(log.step().await.unwrap(), Progress::Worked);
        assert_eq!(log.step().await.unwrap(), Progress::Idle);
        let rows = store::audit::list(db.read(), &Default::default(), None, 1).await.unwrap();
        let after = rows[0].entry.after.as_deref().unwrap();
        assert!(after.contains(&format!("\"times\":{}", 1_000 - SINGLE)), "{after}");
    }
}
