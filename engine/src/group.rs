//! Group commit: jobs wait in a bounded queue, one writer drains it into one transaction, and each
//! caller is answered once its job is durable. Events and fraud reports use it. The gate, which
//! also answers without the store, has a separate implementation and shares only the retry policy
//! ([`next`]).

#[cfg(test)]
mod tests;

use std::slice;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Most tries of a transaction.
const TRIES: u32 = 5;

/// Why a job has no answer. Either none of it is in the store, or all of it is and the answer was
/// lost. It may be sent again: stored records are recognized and not stored twice.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueueError {
    /// Too many jobs are waiting.
    #[error("too much is waiting to be written; try again in a second")]
    Full,
    /// The store failed or is unreachable.
    #[error("{0}")]
    Store(Arc<store::Error>),
    /// The writer has stopped.
    #[error("the server is stopping")]
    Stopping,
}

/// Writes jobs in batches.
pub(crate) trait Commit: Send + 'static {
    type Job: Send + Sync + 'static;
    type Answer: Send + 'static;

    /// Total weight that may wait; beyond that a caller is refused or waits.
    const ROOM: usize;
    /// Weight from which a transaction accepts no further job.
    const MOST: usize;

    /// Writes a batch in one transaction and returns an answer for each job, in order. It is called
    /// again after an error, which may have occurred before or after the commit: rows that exist
    /// must not be written twice.
    fn try_commit(
        &mut self,
        batch: &[Self::Job],
    ) -> impl Future<Output = store::Result<Vec<Self::Answer>>> + Send;

    /// Forgets which months are known to have a partition.
    fn forget_months(&mut self);

    /// Counts an answer for `/metrics`, even if its caller has gone.
    fn count(answer: &Result<Self::Answer, QueueError>);
}

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Again,
    /// Try the same batch again after checking the months' partitions.
    ForgetMonths,
    /// Give up for now; the batch may succeed later.
    Later,
    /// Give up: the store will never accept it.
    Refused,
}

/// The retry policy, given the number of tries. Retries are immediate:
/// callers wait, and the obstacle is gone when it is reported.
///
/// - Conflicts with others (a deadlock, a serialization failure, rows that they changed first): one
///   of the conflicting transactions succeeded, so the next try may. After [`TRIES`] tries the
///   store is so busy that more tries would only add to the load.
/// - A month has no partition: another process's retention dropped one that this writer knew. The
///   next try creates it; up to [`TRIES`] tries, in case it is dropped again.
/// - The store cannot work now: not retried, because the transaction may have been committed and
///   only its answer lost, and not everything in it is recognised the second time (counts of
///   rejected records, refusals in the audit log). The caller sends it again.
/// - What the store refuses, it would refuse again.
///
/// After a failed batch each job is tried alone, so that one caller's job does not make another's
/// fail. This does not apply if the store is away: every job would fail, and each would wait for it
/// in turn.
pub(crate) fn next(error: &store::Error, tries: u32) -> Next {
    match error {
        _ if error.is_transient() && tries < TRIES => Next::Again,
        _ if error.is_transient() => Next::Later,
        _ if error.is_missing_partition() && tries < TRIES => Next::ForgetMonths,
        store::Error::Sql(sqlx::Error::Database(cause)) => {
            // SQLSTATE 55P03: it waited too long for a lock.
            let locked = cause.code().is_some_and(|code| code == "55P03");
            if locked || error.is_away() { Next::Later } else { Next::Refused }
        }
        store::Error::Sql(_) => Next::Later,
        _ => Next::Refused,
    }
}

/// The first job and those queued behind it, until their weight reaches the limit.
pub(crate) fn gather<J>(
    first: J,
    jobs: &mut UnboundedReceiver<J>,
    most: usize,
    weight: impl Fn(&J) -> usize,
) -> Vec<J> {
    let mut sum = weight(&first);
    let mut batch = vec![first];
    while sum < most
        && let Ok(job) = jobs.try_recv()
    {
        sum += weight(&job);
        batch.push(job);
    }
    batch
}

/// The queue of one writer.
pub(crate) struct Queue<C: Commit> {
    jobs: UnboundedSender<(C::Job, Seat<C>)>,
    /// Weight that may still wait.
    pub(crate) room: Arc<Semaphore>,
}

impl<C: Commit> Clone for Queue<C> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone(), room: Arc::clone(&self.room) }
    }
}

impl<C: Commit> std::fmt::Debug for Queue<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("room", &self.room.available_permits()).finish()
    }
}

impl<C: Commit> Queue<C> {
    /// Starts the writer, which stops when the last clone is dropped.
    pub(crate) fn start(writer: C) -> Self {
        let (jobs, waiting) = unbounded_channel();
        tokio::spawn(run(writer, waiting));
        Self { jobs, room: Arc::new(Semaphore::new(C::ROOM)) }
    }

    /// Reserves room for a job of this weight.
    ///
    /// # Errors
    /// [`QueueError::Full`] if there is none.
    pub(crate) fn try_enter(&self, weight: usize) -> Result<OwnedSemaphorePermit, QueueError> {
        let room = Arc::clone(&self.room);
        room.try_acquire_many_owned(permits::<C>(weight)).map_err(|_| QueueError::Full)
    }

    /// Waits until there is room for a job of this weight, and reserves it.
    ///
    /// # Errors
    /// [`QueueError::Stopping`] if the writer has stopped.
    pub(crate) async fn enter(&self, weight: usize) -> Result<OwnedSemaphorePermit, QueueError> {
        let room = Arc::clone(&self.room);
        room.acquire_many_owned(permits::<C>(weight)).await.map_err(|_| QueueError::Stopping)
    }

    /// Queues a job with its reserved room and returns its answer once it is durable.
    ///
    /// # Errors
    /// [`QueueError`] if the store failed or the writer stopped.
    pub(crate) async fn submit(
        &self,
        room: OwnedSemaphorePermit,
        job: C::Job,
    ) -> Result<C::Answer, QueueError> {
        let (answer, answered) = oneshot::channel();
        let seat = Seat { answer, room };
        self.jobs.send((job, seat)).map_err(|_| QueueError::Stopping)?;
        answered.await.unwrap_or(Err(QueueError::Stopping))
    }
}

/// A job heavier than the whole queue takes all of it.
fn permits<C: Commit>(weight: usize) -> u32 {
    u32::try_from(weight.clamp(1, C::ROOM)).unwrap_or(u32::MAX)
}

/// A waiting caller, and the room that its job takes.
struct Seat<C: Commit> {
    answer: oneshot::Sender<Result<C::Answer, QueueError>>,
    room: OwnedSemaphorePermit,
}

impl<C: Commit> Seat<C> {
    /// Frees the room before answering, so that a caller with an answer finds room.
    fn answer(self, answer: Result<C::Answer, QueueError>) {
        C::count(&answer);
        drop(self.room);
        // The caller may have gone; that does not matter.
        let _ = self.answer.send(answer);
    }
}

async fn run<C: Commit>(mut writer: C, mut waiting: UnboundedReceiver<(C::Job, Seat<C>)>) {
    while let Some(first) = waiting.recv().await {
        let batch = gather(first, &mut waiting, C::MOST, |(_, seat)| seat.room.num_permits());
        let (jobs, seats) = batch.into_iter().unzip();
        write(&mut writer, jobs, seats).await;
    }
}

/// Writes a batch, or else job by job if that may help, and answers each caller.
async fn write<C: Commit>(writer: &mut C, jobs: Vec<C::Job>, seats: Vec<Seat<C>>) {
    // The error for all callers that have no answer yet.
    let mut hopeless = match commit(writer, &jobs).await {
        Ok(answers) => return answer_all(seats, answers),
        Err(error) => (jobs.len() == 1 || error.is_away()).then(|| Arc::new(error)),
    };
    for (job, seat) in jobs.iter().zip(seats) {
        if let Some(error) = &hopeless {
            seat.answer(Err(QueueError::Store(Arc::clone(error))));
            continue;
        }
        match commit(writer, slice::from_ref(job)).await {
            Ok(answers) => answer_all(vec![seat], answers),
            Err(error) => {
                let error = Arc::new(error);
                hopeless = error.is_away().then(|| Arc::clone(&error));
                seat.answer(Err(QueueError::Store(error)));
            }
        }
    }
}

fn answer_all<C: Commit>(seats: Vec<Seat<C>>, answers: Vec<C::Answer>) {
    for (seat, answer) in seats.into_iter().zip(answers) {
        seat.answer(Ok(answer));
    }
}

async fn commit<C: Commit>(writer: &mut C, batch: &[C::Job]) -> store::Result<Vec<C::Answer>> {
    let mut tries = 1;
    loop {
        let error = match writer.try_commit(batch).await {
            Ok(answers) => return Ok(answers),
            Err(error) => error,
        };
        match next(&error, tries) {
            Next::Again => {}
            Next::ForgetMonths => writer.forget_months(),
            Next::Later | Next::Refused => return Err(error),
        }
        tries += 1;
    }
}
