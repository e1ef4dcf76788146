//! Whose turn it is to answer: the caller, who can wait so long, or the writer, who commits. They
//! agree under one lock, so that what is answered is what is written.

use super::record::Record;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where an answer stands.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// It waits to be written.
    #[default]
    Waiting,
    /// Its transaction ends just now: whether it is kept, nobody can say.
    Committing,
    /// Its caller could not wait and was answered this, without the store.
    Answered(Box<Record>),
    /// The same while its transaction ended: should that fail, this holds.
    Unsure(Box<Record>),
    /// The store is slow: nothing goes out, and its caller was told to come back.
    Shed,
    /// The same, while its transaction ended: it counts if that is kept.
    ShedUnsure,
    /// The writer has answered.
    Done,
}

/// One answer's phase.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<Phase>);

impl Turn {
    /// Nothing that panics runs under the lock. Whoever holds it may take the gate's memory, never
    /// the other way round.
    pub(super) fn lock(&self) -> MutexGuard<'_, Phase> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its transaction is about to end; `false` where its caller did not wait for that.
    pub(super) fn commits(&self) -> bool {
        let mut phase = self.lock();
        if let Phase::Waiting = *phase {
            *phase = Phase::Committing;
        }
        !matches!(*phase, Phase::Answered(_) | Phase::Shed)
    }

    /// Its transaction was not kept, as far as anybody knows.
    pub(super) fn failed(&self) {
        let mut phase = self.lock();
        if let Phase::Committing = *phase {
            *phase = Phase::Waiting;
        }
    }
}
