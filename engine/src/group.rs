//! Group commit: jobs wait in a bounded queue, one writer drains it into one transaction, and each
//! caller is answered when its job is durable. Events and fraud reports come in this way. The
//! gate, which also answers without the store, has a machine of its own and shares the policy
//! ([`next`]).

#[cfg(test)]
mod tests;

use sqlx::error::DatabaseError;
use std::slice;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

/// How often a transaction is tried at most.
const TRIES: u32 = 5;
/// A first try that failed faster may have met nothing but a connection that had ended.
const HASTE: Duration = Duration::from_millis(50);

/// Why a job has no answer. Nothing of it is in the store, or all of it is and the answer was
/// lost; sent again, what is there is known and not taken twice.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueueError {
    /// Too much waits already.
    #[error("too much waits to be written; try again in a second")]
    Full,
    /// The store refused or went away.
    #[error("{0}")]
    Store(Arc<store::Error>),
    /// The writer has ended.
    #[error("the server is stopping")]
    Stopping,
}

/// A writer of jobs.
pub(crate) trait Commit: Send + 'static {
    /// What is to be written.
    type Job: Send + Sync + 'static;
    /// What became of it.
    type Answer: Send + 'static;

    /// Weight that may wait; a caller past that is told to come back, or waits.
    const ROOM: usize;
    /// Weight past which a transaction takes no further job.
    const MOST: usize;

    /// Writes a batch in one transaction; an answer for each job, in order. Called again after an
    /// error, whether that came before the commit or took its answer away: what is there already
    /// must not be written twice.
    fn try_commit(
        &mut self,
        batch: &[Self::Job],
    ) -> impl Future<Output = store::Result<Vec<Self::Answer>>> + Send;

    /// Forgets which months have a partition.
    fn forget_months(&mut self);

    /// Counts an answer for `/metrics`, whether or not its caller still waits for it.
    fn count(answer: &Result<Self::Answer, QueueError>);
}

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same once more.
    Again,
    /// The same once more, with the months' partitions looked for anew.
    ForgetMonths,
    /// Nothing now; the same may be taken another time.
    Later,
    /// Nothing: the store will not have it.
    Refused,
}

/// The one policy of retries, after so many tries that took so long together. All of them are at
/// once: callers wait, and what got in the way is over when it is told.
///
/// - Others got in the way (a deadlock, a serialisation failure, rows that they changed first):
///   one of those who met has gone through, so the next try may. After [`TRIES`] the store is so
///   crowded that more of them would only add to it.
/// - A month has no partition: another process' retention dropped one that this writer knew of.
///   The next try makes it; as often as above, should it be dropped again meanwhile.
/// - The store cannot do its work now: only a first try that failed within [`HASTE`] goes again,
///   since its connection alone may have ended. Whoever waited longer would wait as long again.
/// - What the store refuses it would refuse again.
///
/// A batch that ends without being taken is tried job by job, so that one caller's job does not
/// fail another's. Not when the store is away: whatever it is asked, it would not do it, and so
/// many would wait for that one after the other.
pub(crate) fn next(error: &store::Error, tries: u32, took: Duration) -> Next {
    match error {
        _ if error.is_transient() && tries < TRIES => Next::Again,
        _ if error.is_transient() => Next::Later,
        _ if error.is_missing_partition() && tries < TRIES => Next::ForgetMonths,
        store::Error::Sql(sqlx::Error::Database(cause)) if !passes(&**cause) => Next::Refused,
        store::Error::Sql(_) if tries == 1 && took < HASTE => Next::Again,
        store::Error::Sql(_) => Next::Later,
        _ => Next::Refused,
    }
}

/// Whether the same job may be taken another time, by SQLSTATE: the server goes down or comes up,
/// lacks something, fails, waits too long for a lock, or may only read.
fn passes(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    ["57", "53", "58"].iter().any(|class| code.starts_with(class))
        || ["25006", "55P03"].contains(&&*code)
}

/// The first job and what has gathered behind it, until its weight is as much as is wanted.
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

/// The way in to one writer.
pub(crate) struct Queue<C: Commit> {
    jobs: UnboundedSender<(C::Job, Seat<C>)>,
    /// What more may wait.
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
    /// Starts the writer, which ends with the last clone of this.
    pub(crate) fn start(writer: C) -> Self {
        let (jobs, waiting) = unbounded_channel();
        tokio::spawn(run(writer, waiting));
        Self { jobs, room: Arc::new(Semaphore::new(C::ROOM)) }
    }

    /// Room for a job of this weight.
    ///
    /// # Errors
    /// [`QueueError::Full`] when there is none.
    pub(crate) fn try_enter(&self, weight: usize) -> Result<OwnedSemaphorePermit, QueueError> {
        let room = Arc::clone(&self.room);
        room.try_acquire_many_owned(permits::<C>(weight)).map_err(|_| QueueError::Full)
    }

    /// The same; waits for it.
    ///
    /// # Errors
    /// [`QueueError::Stopping`].
    pub(crate) async fn enter(&self, weight: usize) -> Result<OwnedSemaphorePermit, QueueError> {
        let room = Arc::clone(&self.room);
        room.acquire_many_owned(permits::<C>(weight)).await.map_err(|_| QueueError::Stopping)
    }

    /// Hands a job in for which there is room; answers when it is durable.
    ///
    /// # Errors
    /// See [`QueueError`].
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

/// A job that weighs more than there is room takes all of it.
fn permits<C: Commit>(weight: usize) -> u32 {
    u32::try_from(weight.clamp(1, C::ROOM)).unwrap_or(u32::MAX)
}

/// Who waits for an answer, and the room that their job takes.
struct Seat<C: Commit> {
    answer: oneshot::Sender<Result<C::Answer, QueueError>>,
    room: OwnedSemaphorePermit,
}

impl<C: Commit> Seat<C> {
    /// Whoever has an answer finds the room free.
    fn tell(self, answer: Result<C::Answer, QueueError>) {
        C::count(&answer);
        drop(self.room);
        // A caller that went away does not mind.
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

/// Writes a batch, else job by job where that may help; each is told.
async fn write<C: Commit>(writer: &mut C, jobs: Vec<C::Job>, seats: Vec<Seat<C>>) {
    // What all are told that have no answer yet.
    let mut hopeless = match commit(writer, &jobs).await {
        Ok(answers) => return tell(seats, answers),
        Err(error) => (jobs.len() == 1 || error.is_away()).then(|| Arc::new(error)),
    };
    for (job, seat) in jobs.iter().zip(seats) {
        if let Some(error) = &hopeless {
            seat.tell(Err(QueueError::Store(Arc::clone(error))));
            continue;
        }
        match commit(writer, slice::from_ref(job)).await {
            Ok(answers) => tell(vec![seat], answers),
            Err(error) => {
                let error = Arc::new(error);
                hopeless = error.is_away().then(|| Arc::clone(&error));
                seat.tell(Err(QueueError::Store(error)));
            }
        }
    }
}

fn tell<C: Commit>(seats: Vec<Seat<C>>, answers: Vec<C::Answer>) {
    for (seat, answer) in seats.into_iter().zip(answers) {
        seat.tell(Ok(answer));
    }
}

async fn commit<C: Commit>(writer: &mut C, batch: &[C::Job]) -> store::Result<Vec<C::Answer>> {
    let begun = Instant::now();
    let mut tries = 1;
    loop {
        let error = match writer.try_commit(batch).await {
            Ok(answers) => return Ok(answers),
            Err(error) => error,
        };
        match next(&error, tries, begun.elapsed()) {
            Next::Again => {}
            Next::ForgetMonths => writer.forget_months(),
            Next::Later | Next::Refused => return Err(error),
        }
        tries += 1;
    }
}
