//! Replays: what the last 30 days would have been under other rules, asked before these are saved.
//!
//! The attempts pass in order of time through two runs of the gate's decision, one with the current
//! rules and one with the new rules, each with a separate ledger. How the runs differ from what
//! happened:
//!
//! - Each attempt with a phone number is one request to the gate, at the time the attempt began,
//!   however many codes were requested and whatever the outcome was, also if it was refused.
//! - A run counts what it would have allowed itself: a lower limit leaves room for later attempts.
//! - Nothing before the first attempt is known, so limits and spend caps begin at zero.
//! - Kill switches and number rules apply to the whole range, regardless of when they were added or
//!   when they will end (`until`). Those that have already ended do not apply.
//! - Blocks and bypasses are left out of both runs: the question is about the rules.
//! - In both runs a number is trusted from its first verified attempt on, from any source. The
//!   run's rules decide for how long and how far.
//! - Codes cost what the run's price table says.
//! - Attempts have no device, and no captcha is solved: an attempt that would get a captcha counts
//!   as challenged, not as refused.

mod asked;
mod runs;
#[cfg(test)]
mod tests;
mod told;

pub use asked::would_refuse;
pub use told::{Replayed, RunCounts};

use crate::sync::lock;
use crate::{Error, settings};
use chrono::{DateTime, TimeDelta, Utc};
use runs::Runs;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::Db;
use store::replay::AttemptPosition;
use tokio::sync::Semaphore;
use told::TrialRules;

/// Days replayed.
pub const DAYS: i64 = 30;
/// Most attempts replayed: the newest ones.
pub const MOST: u32 = 200_000;
/// If the 30 days have more attempts than that, they are counted up to this number.
pub const COUNTED: u64 = 2_000_000;
/// Attempts read and decided in one piece. A cancelled replay finishes its piece.
const PIECE: u32 = 5_000;
/// Most replays that may wait; one runs at a time.
const QUEUE: usize = 8;
/// How long an answer is reused for the same question.
const KEPT: TimeDelta = TimeDelta::seconds(60);
/// Most answers kept.
const ANSWERS: usize = 32;

/// The replays of this process; one runs at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Replays(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Running and waiting replays.
    places: Semaphore,
    /// The running replay.
    turn: Semaphore,
    /// Progress of the running replay in thousandths of its time range; [`IDLE`] if none runs.
    done: AtomicU32,
    kept: Mutex<Vec<CachedReplay>>,
}

#[derive(Debug)]
struct CachedReplay {
    question: [u8; 32],
    at: DateTime<Utc>,
    answer: Replayed,
}

/// Marks that no replay runs.
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
    /// Progress of the running replay, 0 to 1; `None` if none runs.
    pub fn progress(&self) -> Option<f64> {
        let done = self.0.done.load(Ordering::Relaxed);
        (done != IDLE).then(|| f64::from(done) / 1_000.0)
    }

    pub(crate) fn forget(&self) {
        lock(&self.0.kept).clear();
    }

    fn known(&self, question: &[u8; 32], now: DateTime<Utc>) -> Option<Replayed> {
        let mut kept = lock(&self.0.kept);
        // An answer dated after the current time is not valid either.
        kept.retain(|one| (one.at..one.at + KEPT).contains(&now));
        kept.iter().find(|one| one.question == *question).map(|one| one.answer.clone())
    }

    fn keep(&self, question: [u8; 32], answer: Replayed) {
        let mut kept = lock(&self.0.kept);
        if kept.len() >= ANSWERS {
            kept.remove(0);
        }
        kept.push(CachedReplay { question, at: answer.to, answer });
    }
}

/// How much to read.
#[derive(Debug, Clone, Copy)]
struct Size {
    most: u32,
    counted: u64,
    piece: u32,
}

/// Resets the progress when a replay ends, in whatever way.
struct RunningReplay<'a>(&'a AtomicU32);

impl Drop for RunningReplay<'_> {
    fn drop(&mut self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }
}

async fn ask(db: &Db, replays: &Replays, after: TrialRules, size: Size) -> Result<Replayed, Error> {
    let mut conn = db.conn().await?;
    let before = TrialRules {
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
    // The previous replay may have answered the same question.
    if let Some(known) = replays.known(&question, db.clock.now()) {
        return Ok(known);
    }
    let _running = RunningReplay(&shared.done);
    let answer = replay(db, before, after, size, &shared.done).await?;
    replays.keep(question, answer.clone());
    Ok(answer)
}

/// A digest of the question, including the current rules.
fn question(before: &TrialRules, after: &TrialRules) -> [u8; 32] {
    let all = (&before.rules, &before.countries, &after.rules, &after.countries);
    // Settings are structs with text keys, so serializing them cannot fail.
    Sha256::digest(serde_json::to_vec(&all).unwrap_or_default()).into()
}

async fn replay(
    db: &Db,
    before: TrialRules,
    after: TrialRules,
    size: Size,
    done: &AtomicU32,
) -> Result<Replayed, Error> {
    let to = db.clock.now();
    let from = to - TimeDelta::days(DAYS);
    done.store(0, Ordering::Relaxed);
    let newest = store::replay::newest(db.read(), from, to, size.most).await?;
    let count = async {
        Ok::<_, Error>(match newest {
            // All of them are replayed, so they are counted too.
            None => (0, true),
            Some(_) => store::replay::count(db.read(), from, to, size.counted).await?,
        })
    };
    let begin = newest.unwrap_or_else(|| AttemptPosition::before(from));
    let run = async {
        let mut runs = aside(move || Runs::new(before, after, to)).await?;
        let mut piece = store::replay::piece(db.read(), begin, to, size.piece).await?;
        loop {
            let (attempts, next) = (piece.attempts, piece.next);
            // One piece is decided while the next one is read.
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
    let mut replayed = runs.into_replayed(from, to);
    if newest.is_some() {
        replayed.from = first.unwrap_or(from);
        replayed.of = counted.max(replayed.of);
        replayed.of_at_least = !all;
    }
    Ok(replayed)
}

/// Runs long computations on a blocking thread.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

/// The time passed from `from` to `to` at `now`, in thousandths.
fn share(from: DateTime<Utc>, now: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
    let all = (to - from).num_milliseconds().max(1);
    let done = (now - from).num_milliseconds().clamp(0, all);
    u32::try_from(done * 1_000 / all).unwrap_or(1_000)
}
