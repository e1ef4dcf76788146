//! Who answers: the caller, who can wait only so long, or the writer, which commits. They agree
//! under one lock, so that what is answered is what is written.

use super::record::Record;
use crate::sync::lock;
use std::sync::{Mutex, MutexGuard};

#[derive(Debug, Default)]
pub(super) enum Phase {
    /// It waits to be written.
    #[default]
    Waiting,
    /// Its transaction is committing: the result is not known yet.
    Committing,
    /// Its caller could not wait and got this answer, without the store.
    Answered(Box<Record>),
    /// The caller got this answer during the commit; it applies if the commit fails.
    Unsure(Box<Record>),
    /// The store is slow: nothing is sent, and the caller was asked to try again.
    Shed,
    /// The caller was asked to try again during the commit; the decision counts if the commit
    /// succeeds.
    ShedUnsure,
    /// The writer has answered.
    Done,
}

#[derive(Debug, Default)]
pub(super) struct AnswerTurn(Mutex<Phase>);

impl AnswerTurn {
    /// Nothing under the lock panics. Lock order: a thread that holds it may lock the gate's
    /// memory, never the other way round.
    pub(super) fn lock(&self) -> MutexGuard<'_, Phase> {
        lock(&self.0)
    }

    /// Its transaction is about to commit; `false` if its caller no longer waits.
    pub(super) fn commits(&self) -> bool {
        let mut phase = self.lock();
        if let Phase::Waiting = *phase {
            *phase = Phase::Committing;
        }
        !matches!(*phase, Phase::Answered(_) | Phase::Shed)
    }

    /// Its transaction was rolled back, as far as is known.
    pub(super) fn failed(&self) {
        let mut phase = self.lock();
        if let Phase::Committing = *phase {
            *phase = Phase::Waiting;
        }
    }
}
