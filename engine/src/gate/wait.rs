//! How long an answer waits for its record: for a store that is slow as long as that answers, for
//! one that is away not at all.

use super::backlog::Job;
use super::record::Record;
use super::shared::{QUEUE, Shared};
use super::turn::{Phase, Turn};
use domain::gate::Decision;
use domain::rules::OnStoreFailure;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// How much longer where its transaction is ending just then.
const GRACE: Duration = Duration::from_millis(100);
/// How long it waits for a store that is slow, but answers: then its caller is told to come back.
const SLOW: Duration = Duration::from_secs(2);
/// How often it is seen meanwhile whether the store still answers.
const AGAIN: Duration = Duration::from_millis(25);
/// As many decisions may wait for a store that is slow: more are told to come back at once, so
/// that the queue is never full but for a store that is away.
const CROWD: usize = QUEUE / 2;

/// Queues a record and waits for it to be durable; what was decided at last. Nothing where the
/// store is too slow.
pub(super) async fn record(
    shared: &Shared,
    queue: &mpsc::UnboundedSender<Job>,
    mut record: Record,
    setting: OnStoreFailure,
    until: Instant,
) -> Option<Decision> {
    let crowded = shared.room.available_permits() < QUEUE - CROWD;
    if crowded && !shared.away.load(Ordering::Relaxed) && shared.pulse.answers() {
        shared.state().forsake(&record);
        return None;
    }
    let room = Arc::clone(&shared.room).try_acquire_owned().ok();
    let room = room.filter(|_| !shared.away.load(Ordering::Relaxed));
    let Some(room) = room else {
        let decision = shared.without_store(&mut record, setting);
        shared.keep(vec![Job::settled(record, setting)]);
        return Some(decision);
    };
    let (answer, mut answered) = oneshot::channel();
    let turn = Arc::new(Turn::default());
    let job = Job {
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
        let slow = !gone && shared.pulse.answers() && !shared.away.load(Ordering::Relaxed);
        let now = Instant::now();
        match *phase {
            Phase::Waiting | Phase::Committing if slow && now < patience => {
                until = now + AGAIN;
            }
            Phase::Waiting if slow => {
                *phase = Phase::Shed;
                shared.state().forsake(&record);
                return None;
            }
            Phase::Committing if slow => {
                *phase = Phase::ShedUnsure;
                return None;
            }
            // Whoever writes it sees this before the commit, and writes what was answered.
            Phase::Waiting => {
                let decision = shared.without_store(&mut record, setting);
                *phase = Phase::Answered(Box::new(record));
                return Some(decision);
            }
            Phase::Committing if !gone && now < grace => until = now + AGAIN,
            // It may be kept, or not: whatever is used once is not answered for.
            Phase::Committing => {
                let decision = shared.foresee_without_store(&mut record, setting);
                *phase = Phase::Unsure(Box::new(record));
                return Some(decision);
            }
            // The writer answered just now, if anybody did.
            _ => {
                let decision = answered.try_recv().ok();
                return Some(decision.unwrap_or_else(|| record.decision.without_store(setting)));
            }
        }
    }
}
