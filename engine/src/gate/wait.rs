//! How long an answer waits for its record: as long as a slow store answers at all, and not at all
//! for an absent one.

use super::backlog::PendingRecord;
use super::record::Record;
use super::shared::{QUEUE, Shared};
use super::turn::{AnswerTurn, Phase};
use domain::gate::Decision;
use domain::rules::OnStoreFailure;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Additional wait while its transaction commits.
const GRACE: Duration = Duration::from_millis(100);
/// How long it waits for a slow store; after that the caller is asked to try again.
const SLOW: Duration = Duration::from_secs(2);
/// How often it checks meanwhile whether the store still answers.
const AGAIN: Duration = Duration::from_millis(25);
/// Most decisions that may wait for a slow store. Further callers are asked to try again at once,
/// so that only an absent store fills the queue.
const CROWD: usize = QUEUE / 2;

/// Queues a record and waits until it is durable; returns the final decision, or `None` if the
/// store is too slow.
pub(super) async fn record(
    shared: &Shared,
    queue: &mpsc::UnboundedSender<PendingRecord>,
    mut record: Record,
    setting: OnStoreFailure,
    until: Instant,
) -> Option<Decision> {
    let crowded = shared.room.available_permits() < QUEUE - CROWD;
    if crowded && !shared.away.load(Ordering::Relaxed) && shared.pulse.lately() {
        shared.state().discard(&record);
        return None;
    }
    let room = Arc::clone(&shared.room).try_acquire_owned().ok();
    let room = room.filter(|_| !shared.away.load(Ordering::Relaxed));
    let Some(room) = room else {
        let decision = shared.without_store(&mut record, setting);
        shared.keep(vec![PendingRecord::settled(record, setting)]);
        return Some(decision);
    };
    let (answer, mut answered) = oneshot::channel();
    let turn = Arc::new(AnswerTurn::default());
    let job = PendingRecord {
        record: record.clone(),
        turn: Arc::clone(&turn),
        setting,
        answer: Some(answer),
        room: Some(room),
    };
    if queue.send(job).is_err() {
        return Some(shared.without_store(&mut record, setting));
    }
    let (patience, grace) = (until + SLOW, until + GRACE);
    let mut until = until;
    loop {
        let came = timeout_at(until, &mut answered).await;
        if let Ok(Ok(decision)) = came {
            return Some(decision);
        }
        // The writer is gone: the server stops.
        let gone = came.is_ok();
        let mut phase = turn.lock();
        let slow = !gone && shared.pulse.lately() && !shared.away.load(Ordering::Relaxed);
        let now = Instant::now();
        match *phase {
            Phase::Waiting | Phase::Committing if slow && now < patience => {
                until = now + AGAIN;
            }
            Phase::Waiting if slow => {
                *phase = Phase::Shed;
                shared.state().discard(&record);
                return None;
            }
            Phase::Committing if slow => {
                *phase = Phase::ShedUnsure;
                return None;
            }
            // The writer sees this before the commit, and writes what was answered.
            Phase::Waiting => {
                let decision = shared.without_store(&mut record, setting);
                *phase = Phase::Answered(Box::new(record));
                return Some(decision);
            }
            Phase::Committing if !gone && now < grace => until = now + AGAIN,
            // The commit may succeed or not: the answer must not use a bypass or captcha.
            Phase::Committing => {
                let decision = shared.foresee_without_store(&mut record, setting);
                *phase = Phase::Unsure(Box::new(record));
                return Some(decision);
            }
            // The writer has just answered, or it has stopped.
            _ => {
                let decision = answered.try_recv().ok();
                return Some(decision.unwrap_or_else(|| record.decision.without_store(setting)));
            }
        }
    }
}
