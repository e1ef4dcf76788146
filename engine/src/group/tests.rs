//! Group commit over a store in memory that fails at any step of a transaction.

use super::*;
use futures::FutureExt as _;
use futures::future::join_all;
use proptest::prelude::*;
use sqlx::error::DatabaseError;
use sqlx::error::ErrorKind;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The SQLSTATE that only a bad job causes.
const BAD: &str = "23502";

/// An error as reported by Postgres.
#[derive(Debug)]
struct Sqlstate(&'static str);

impl std::fmt::Display for Sqlstate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Sqlstate {}

impl DatabaseError for Sqlstate {
    fn message(&self) -> &str {
        self.0
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.0))
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

fn sqlstate(code: &'static str) -> store::Error {
    sqlx::Error::Database(Box::new(Sqlstate(code))).into()
}

#[derive(Debug, Clone, Copy)]
struct Job {
    id: u32,
    caller: usize,
    weight: usize,
    bad: bool,
    /// How often it was sent before.
    round: u32,
}

impl Job {
    fn new(id: u32) -> Self {
        Self { id, caller: 0, weight: 1, bad: false, round: 0 }
    }
}

/// The step at which a transaction fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Job(usize),
    Commit,
    /// The commit succeeds, but its answer is lost.
    Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Deadlock,
    Contended,
    MissingPartition,
    Away,
    DiskFull,
    Refused,
}

impl Trouble {
    fn error(self) -> store::Error {
        match self {
            Self::Deadlock => sqlstate("40P01"),
            Self::Contended => store::Error::Contended,
            Self::MissingPartition => sqlstate("23514"),
            Self::Away => store::Error::no_answer(),
            Self::DiskFull => sqlstate("53100"),
            Self::Refused => sqlstate("XX000"),
        }
    }
}

type Failure = Option<(Step, Trouble)>;

#[derive(Debug, Default)]
struct Store {
    rows: Vec<Job>,
    /// Whether a month was dropped that the writer believes to exist.
    dropped: bool,
    /// The failure of each try, next first; then no failures.
    failures: VecDeque<Failure>,
    /// The ids and rounds of each try's batch.
    tries: Vec<Vec<(u32, u32)>>,
}

impl Store {
    fn transact(&mut self, batch: &[Job]) -> store::Result<Vec<bool>> {
        self.tries.push(batch.iter().map(|job| (job.id, job.round)).collect());
        let failure = self.failures.pop_front().flatten();
        let pass = |here: Step| match failure {
            Some((step, trouble)) if step == here => Err(trouble.error()),
            _ => Ok(()),
        };
        self.dropped |= matches!(failure, Some((_, Trouble::MissingPartition)));
        pass(Step::Begin)?;
        if self.dropped {
            return Err(Trouble::MissingPartition.error());
        }
        let (mut new, mut answers) = (Vec::new(), Vec::new());
        for (place, job) in batch.iter().enumerate() {
            pass(Step::Job(place))?;
            if job.bad {
                return Err(sqlstate(BAD));
            }
            let known = self.rows.iter().chain(&new).any(|row: &Job| row.id == job.id);
            if !known {
                new.push(*job);
            }
            answers.push(!known);
        }
        pass(Step::Commit)?;
        self.rows.extend(new);
        if matches!(failure, Some((Step::Answer, _))) {
            return Err(Trouble::Away.error());
        }
        Ok(answers)
    }
}

/// Answers whether a job was new.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Store>>);

impl Fake {
    fn failing(failures: impl IntoIterator<Item = Failure>) -> Self {
        let failures = failures.into_iter().collect();
        Self(Arc::new(Mutex::new(Store { failures, ..Store::default() })))
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Commit for Fake {
    type Job = Job;
    type Answer = bool;

    const ROOM: usize = 10;
    const MOST: usize = 4;

    async fn try_commit(&mut self, batch: &[Job]) -> store::Result<Vec<bool>> {
        let but_last: usize = batch.iter().rev().skip(1).map(|job| job.weight).sum();
        assert!(but_last < Self::MOST, "{batch:?}");
        // Lets other jobs queue meanwhile.
        tokio::task::yield_now().await;
        self.store().transact(batch)
    }

    fn forget_months(&mut self) {
        self.store().dropped = false;
    }

    fn count(_: &Result<bool, QueueError>) {}
}

fn is_of_a_bad_job(answer: &Result<bool, QueueError>) -> bool {
    let Err(QueueError::Store(error)) = answer else { return false };
    let store::Error::Sql(sqlx::Error::Database(error)) = &**error else { return false };
    error.code().as_deref() == Some(BAD)
}

async fn send(queue: &Queue<Fake>, job: Job, waits: bool) -> Result<bool, QueueError> {
    let room = if waits { queue.enter(job.weight).await? } else { queue.try_enter(job.weight)? };
    queue.submit(room, job).await
}

/// Sends all at once, in order.
async fn send_all(
    queue: &Queue<Fake>,
    jobs: &[Job],
    waits: bool,
) -> Vec<(Job, Result<bool, QueueError>)> {
    let answers = join_all(jobs.iter().map(|job| send(queue, *job, waits))).await;
    jobs.iter().copied().zip(answers).collect()
}

/// Sends failed jobs again until all are stored except those that the store never accepts.
async fn send_until_done(
    queue: &Queue<Fake>,
    mut jobs: Vec<Job>,
    waits: bool,
) -> Vec<(Job, Result<bool, QueueError>)> {
    let mut told = Vec::new();
    while !jobs.is_empty() {
        let round = send_all(queue, &jobs, waits).await;
        let failed = round.iter().filter(|(_, answer)| answer.is_err() && !is_of_a_bad_job(answer));
        jobs = failed.map(|(job, _)| Job { round: job.round + 1, ..*job }).collect();
        told.extend(round);
        tokio::task::yield_now().await;
    }
    told
}

fn alone<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let limit = Duration::from_secs(60);
    runtime.block_on(async { tokio::time::timeout(limit, test).await }).expect("it ends")
}

/// A caller: whether it waits for room, and for each job its weight and whether it is bad.
fn a_caller() -> impl Strategy<Value = (bool, Vec<(usize, bool)>)> {
    let job = (1_usize..13, prop::bool::weighted(0.1));
    (any::<bool>(), prop::collection::vec(job, 1..12))
}

fn a_failure() -> impl Strategy<Value = Failure> {
    let step = prop_oneof![
        Just(Step::Begin),
        (0_usize..4).prop_map(Step::Job),
        Just(Step::Commit),
        Just(Step::Answer),
    ];
    let trouble = prop_oneof![
        3 => Just(Trouble::Deadlock),
        2 => Just(Trouble::Contended),
        2 => Just(Trouble::MissingPartition),
        1 => Just(Trouble::Away),
        1 => Just(Trouble::DiskFull),
        1 => Just(Trouble::Refused),
    ];
    prop::option::weighted(0.7, (step, trouble))
}

proptest! {
    #[test]
    fn each_job_is_answered_and_taken_once(
        callers in prop::collection::vec(a_caller(), 1..5),
        failures in prop::collection::vec(a_failure(), 0..60),
    ) {
        let fake = Fake::failing(failures);
        let mut ids = 0_u32..;
        let mut all = Vec::new();
        for (caller, (waits, jobs)) in callers.into_iter().enumerate() {
            let jobs = jobs.into_iter().zip(ids.by_ref());
            let jobs = jobs.map(|((weight, bad), id)| Job { caller, weight, bad, ..Job::new(id) });
            all.push((waits, jobs.collect::<Vec<_>>()));
        }
        let (told, room) = alone(async {
            let queue = Queue::start(fake.clone());
            let mut sent = Vec::new();
            for (waits, jobs) in &all {
                sent.push(send_until_done(&queue, jobs.clone(), *waits));
            }
            let told = join_all(sent).await;
            (told, queue.room.available_permits())
        });
        prop_assert_eq!(room, Fake::ROOM, "room becomes free again");

        let store = fake.store();
        let taken: BTreeSet<u32> = store.rows.iter().map(|row| row.id).collect();
        prop_assert_eq!(taken.len(), store.rows.len(), "nothing is stored twice");
        for ((waits, jobs), told) in all.iter().zip(&told) {
            for job in jobs {
                let answers: Vec<_> = told.iter().filter(|(of, _)| of.id == job.id).collect();
                let good = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
                prop_assert_eq!(good, usize::from(!job.bad), "{:?}", job);
                prop_assert_eq!(taken.contains(&job.id), !job.bad, "{:?}", job);
                let rounds: Vec<u32> = answers.iter().map(|(of, _)| of.round).collect();
                let each = 0..u32::try_from(rounds.len()).unwrap();
                prop_assert_eq!(rounds, each.collect::<Vec<_>>(), "one answer each time");
            }
            for (job, answer) in told {
                prop_assert!(!matches!(answer, Err(QueueError::Stopping)), "{:?}", job);
                prop_assert!(!*waits || !matches!(answer, Err(QueueError::Full)), "{:?}", job);
                prop_assert!(job.bad || !is_of_a_bad_job(answer), "a neighbour's: {:?}", job);
            }
        }
        for caller in 0..all.len() {
            let order = store.rows.iter().filter(|row| row.caller == caller);
            let order: Vec<_> = order.map(|row| (row.round, row.id)).collect();
            prop_assert!(order.is_sorted(), "{:?}", order);
        }
        let mut tries: BTreeMap<_, u32> = BTreeMap::new();
        for batch in &store.tries {
            *tries.entry(batch).or_default() += 1;
        }
        prop_assert!(tries.values().all(|tries| *tries <= TRIES), "{:?}", tries);
    }
}

#[test]
fn what_is_refused_of_one_fails_nobody_else() {
    let fake = Fake::default();
    let jobs: Vec<Job> = (0..8).map(|id| Job { bad: id == 2, ..Job::new(id) }).collect();
    let told = alone(async { send_all(&Queue::start(fake.clone()), &jobs, true).await });
    for (job, answer) in &told {
        assert_eq!(job.bad, is_of_a_bad_job(answer), "{answer:?}");
        assert!(job.bad || matches!(answer, Ok(true)), "{answer:?}");
    }
    let tries: Vec<usize> = fake.store().tries.iter().map(Vec::len).collect();
    assert_eq!(tries, [4, 1, 1, 1, 1, 4], "the next batch is complete again");
}

#[test]
fn nobody_waits_one_after_the_other_for_a_store_that_is_away() {
    let away = std::iter::repeat_n(Some((Step::Begin, Trouble::Away)), 99);
    let fake = Fake::failing(away.clone());
    let jobs: Vec<Job> = (0..8).map(Job::new).collect();
    let told = alone(async { send_all(&Queue::start(fake.clone()), &jobs, true).await });
    assert!(told.iter().all(|(_, answer)| matches!(answer, Err(QueueError::Store(_)))));
    let tries = fake.store().tries.clone();
    assert!(tries.iter().all(|batch| batch.len() == 4), "{tries:?}");

    // The store goes away while each job is tried alone: the first gets the error, and so do all
    // others.
    let fake = Fake::failing(std::iter::once(Some((Step::Begin, Trouble::Refused))).chain(away));
    let told = alone(async { send_all(&Queue::start(fake.clone()), &jobs[..4], true).await });
    assert!(told.iter().all(|(_, answer)| matches!(answer, Err(QueueError::Store(_)))));
    let store = fake.store();
    assert!(store.tries[1..].iter().all(|batch| *batch == [(0, 0)]), "{:?}", store.tries);
    assert!(store.rows.is_empty());
}

#[test]
fn a_caller_that_goes_leaves_no_room_taken() {
    let fake = Fake::default();
    alone(async {
        let queue = Queue::start(fake.clone());
        let gone = Job { weight: Fake::ROOM, ..Job::new(1) };
        assert!(send(&queue, gone, false).now_or_never().is_none(), "it waits for its answer");
        let full = send(&queue, Job::new(2), false).await;
        assert!(matches!(full, Err(QueueError::Full)), "{full:?}");
        assert!(send(&queue, Job::new(2), true).await.unwrap());
        assert_eq!(queue.room.available_permits(), Fake::ROOM);
    });
    let rows: Vec<u32> = fake.store().rows.iter().map(|row| row.id).collect();
    assert_eq!(rows, [1, 2], "what was submitted is written");
}

#[test]
fn one_policy_says_what_is_tried_again() {
    for error in [sqlstate("40P01"), sqlstate("40001"), store::Error::Contended] {
        assert_eq!(next(&error, TRIES - 1), Next::Again, "{error}");
        assert_eq!(next(&error, TRIES), Next::Later, "{error}");
    }
    assert_eq!(next(&sqlstate("23514"), TRIES - 1), Next::ForgetMonths);
    assert_eq!(next(&sqlstate("23514"), TRIES), Next::Refused);
    let away = ["08006", "08P01", "53100", "57P01", "58030", "25006", "55P03"].map(sqlstate);
    for error in away.into_iter().chain([store::Error::no_answer()]) {
        assert_eq!(next(&error, 1), Next::Later, "{error}");
    }
    let corrupt = store::Error::Corrupt { table: "event", what: String::new() };
    for error in [sqlstate("23505"), sqlstate("XX000"), corrupt, store::Error::AnotherSecret] {
        assert_eq!(next(&error, 1), Next::Refused, "{error}");
    }
}
