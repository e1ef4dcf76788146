//! Solves challenges in small steps, so that the page stays responsive.

use super::{ALGORITHM, Challenge};
use crate::keys::unhex;
use sha2::{Digest as _, Sha256};

/// The progress of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolverProgress {
    /// Not found yet, after this many numbers.
    Going(u64),
    /// The number that solves the challenge.
    Found(u64),
    /// No number up to the largest allowed one solves it.
    Nothing,
}

/// A search for a challenge's number.
#[derive(Debug, Clone)]
pub struct Solver {
    /// The hash state after the salt, which is hashed only once.
    salted: Sha256,
    goal: [u8; 32],
    next: u64,
    last: u64,
}

impl Solver {
    /// Starts at 0; `None` if the challenge is malformed or of another algorithm.
    pub fn new(challenge: &Challenge) -> Option<Self> {
        if challenge.algorithm != ALGORITHM {
            return None;
        }
        let goal = unhex(&challenge.challenge)?;
        let salted = Sha256::new_with_prefix(&challenge.salt);
        Some(Self { salted, goal, next: 0, last: challenge.maxnumber })
    }

    /// Tries up to `count` more numbers.
    pub fn step(&mut self, count: u64) -> SolverProgress {
        let end = self.next.saturating_add(count).min(self.last.saturating_add(1));
        for number in self.next..end {
            let hash = self.salted.clone().chain_update(number.to_string()).finalize();
            if hash.as_slice() == self.goal {
                self.next = number;
                return SolverProgress::Found(number);
            }
        }
        self.next = end;
        if end > self.last { SolverProgress::Nothing } else { SolverProgress::Going(end) }
    }
}
