//! What would have become of the last 30 days under other rules: asked before they are saved.
//!
//! The attempts are taken in the order of their times through two runs of the gate's own decision
//! at once, one by the rules that hold and one by those that may come, each with a ledger of its
//! own. What follows from that, and how the runs differ from what happened:
//!
//! - Each attempt to a phone number is one question to the gate, at the time it began, however
//!   often a code was asked for in it and whatever became of it: also one that was refused.
//! - A run counts what it would have let out itself: a lower limit frees room for later attempts.
//! - Nothing is known of what was before the first attempt, so limits and caps begin at zero.
//! - Kill switches and number rules are tried as if they had held all along: their `until` limits
//!   them no more than the time at which somebody added them does. Those that have run out by now
//!   hold nothing.
//! - Blocks and bypasses are left out of both runs: the question is about the rules.
//! - A number is trusted from its first attempt that verified on, in both runs, whichever source
//!   told of it; for how long and how far is up to the run's rules.
//! - Codes cost what the run's price table says.
//! - Attempts know no device, and no captcha is solved: who is asked for one counts as challenged,
//!   not as refused.

mod asked;
mod runs;
#[cfg(test)]
mod tests;
mod told;

pub use asked::would_refuse;
pub use told::{Replayed, Tally};

use crate::{Error, settings};
use chrono::{DateTime, TimeDelta, Utc};
use runs::Runs;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Db;
use store::replay::At;
use tokio::sync::Semaphore;
use told::Tried;

/// How many days are looked at.
pub const DAYS: i64 = 30;
/// How many attempts are looked at, at most: the newest.
pub const MOST: u32 = 200_000;
/// How far the attempts of the 30 days are counted where they are more than that.
pub const COUNTED: u64 = 2_000_000;
/// Attempts that are read and decided in one go: what a replay that nobody waits for any more
/// still does.
const PIECE: u32 = 5_000;
/// Who may wait for their turn; one replay runs at a time.
const QUEUE: usize = 8;
/// How long an answer is good for whoever asks the same again.
const KEPT: TimeDelta = TimeDelta::seconds(60);
/// How many answers are kept.
const ANSWERS: usize = 32;

/// The replays of a process: one runs at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Replays(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Who runs and who waits.
    places: Semaphore,
    /// Who runs.
    turn: Semaphore,
    /// Thousandths of the running replay's time that are done; [`IDLE`] when none runs.
    done: AtomicU32,
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    question: [u8; 32],
    at: DateTime<Utc>,
    answer: Replayed,
}

/// No replay runs.
const IDLE: u32 = u32::MAX;

impl Default for Replays {
    fn default() -> Self {
        Self(Arc::new(Shared {
            places: Semaphore::new(1 + QUEUE),
            turn: Semaphore::new(1),
            done: AtomicU32::new(IDLE),
            kept: Mutex::default(),
        }))
    }
}

impl Replays {
    /// How far the replay is that runs now, 0 to 1; nothing when none does.
    pub fn progress(&self) -> Option<f64> {
        let done = self.0.done.load(Ordering::Relaxed);
        (done != IDLE).then(|| f64::from(done) / 1_000.0)
    }

    /// Forgets the answers that are kept.
    pub(crate) fn forget(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, question: &[u8; 32], now: DateTime<Utc>) -> Option<Replayed> {
        let mut kept = self.kept();
        // Nor is an answer good that was given after what is now the present.
        kept.retain(|one| (one.at..one.at + KEPT).contains(&now));
        kept.iter().find(|one| one.question == *question).map(|one| one.answer.clone())
    }

    fn keep(&self, question: [u8; 32], answer: Replayed) {
        let mut kept = self.kept();
        if kept.len() >= ANSWERS {
            kept.remove(0);
        }
        kept.push(Kept { question, at: answer.to, answer });
    }
}

/// How much is read.
#[derive(Debug, Clone, Copy)]
struct Size {
    most: u32,
    counted: u64,
    piece: u32,
}

/// Sets the progress back when a replay ends, however it does.
struct Running<'a>(&'a AtomicU32);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }
}

async fn ask(db: &Db, replays: &Replays, after: Tried, size: Size) -> Result<Replayed, Error> {
    let mut conn = db.conn().await?;
    let before = Tried {
        rules: settings::load(&mut conn).await?.settings,
        countries: settings::load(&mut conn).await?.settings,
    };
    drop(conn);
    let question = question(&before, &after);
    if let Some(known) = replays.known(&question, db.clock.now()) {
        return Ok(known);
    }
    let shared = &replays.0;
    let _place = shared.places.try_acquire().map_err(|_| Error::Busy)?;
    let _turn = shared.turn.acquire().await.map_err(|_| Error::Busy)?;
    // Whoever had the turn before may have asked the same.
    if let Some(known) = replays.known(&question, db.clock.now()) {
        return Ok(known);
    }
    let _running = Running(&shared.done);
    let answer = replay(db, before, after, size, &shared.done).await?;
    replays.keep(question, answer.clone());
    Ok(answer)
}

/// A digest of what is asked, the rules that hold among it.
fn question(before: &Tried, after: &Tried) -> [u8; 32] {
    let all = (&before.rules, &before.countries, &after.rules, &after.countries);
    // Settings are structs with text keys: nothing that serialising could refuse.
    Sha256::digest(serde_json::to_vec(&all).unwrap_or_default()).into()
}

async fn replay(
    db: &Db,
    before: Tried,
    after: Tried,
    size: Size,
    done: &AtomicU32,
) -> Result<Replayed, Error> {
    let to = db.clock.now();
    let from = to - TimeDelta::days(DAYS);
    done.store(0, Ordering::Relaxed);
    let newest = store::replay::newest(db.read(), from, to, size.most).await?;
    let count = async {
        Ok::<_, Error>(match newest {
            // All of them are looked at, and so counted.
            None => (0, true),
            Some(_) => store::replay::count(db.read(), from, to, size.counted).await?,
        })
    };
    let begin = newest.unwrap_or_else(|| At::before(from));
    let run = async {
        let mut runs = aside(move || Runs::new(before, after, to)).await?;
        let mut piece = store::replay::piece(db.read(), begin, to, size.piece).await?;
        loop {
            let (attempts, next) = (piece.attempts, piece.next);
            // One piece is decided while the next is read.
            let read = async {
                Ok::<_, Error>(match next {
                    Some(after) => {
                        Some(store::replay::piece(db.read(), after, to, size.piece).await?)
                    }
                    None => None,
                })
            };
            let decide = aside(move || {
                attempts.into_iter().for_each(|past| runs.take(past));
                runs
            });
            let (decided, following) = tokio::try_join!(decide, read)?;
            runs = decided;
            match following {
                Some(following) => piece = following,
                None => return Ok(runs),
            }
            if let Some(next) = next {
                done.store(share(begin.time(), next.time(), to), Ordering::Relaxed);
            }
        }
    };
    let ((counted, all), runs) = tokio::try_join!(count, run)?;
    let first = runs.first();
    let mut replayed = runs.told(from, to);
    if newest.is_some() {
        replayed.from = first.unwrap_or(from);
        replayed.of = counted.max(replayed.of);
        replayed.of_at_least = !all;
    }
    Ok(replayed)
}

/// Runs what takes a while of a core off the executor's threads.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

/// Thousandths of the time from `from` to `to` that have gone by at `now`.
fn share(from: DateTime<Utc>, now: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
    let all = (to - from).num_milliseconds().max(1);
    let done = (now - from).num_milliseconds().clamp(0, all);
    u32::try_from(done * 1_000 / all).unwrap_or(1_000)
}
