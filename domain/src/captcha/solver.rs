//! Finding the number, a little at a time, so that a page stays alive meanwhile.

use super::{ALGORITHM, Challenge};
use sha2::{Digest as _, Sha256};

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Not there yet: so many numbers have been tried.
    Going(u64),
    /// The number found.
    Found(u64),
    /// There is none up to the largest number allowed.
    Nothing,
}

/// A search for a challenge's number.
#[derive(Debug, Clone)]
pub struct Solver {
    /// What the salt alone has made of the hash: it is read once.
    salted: Sha256,
    goal: [u8; 32],
    next: u64,
    last: u64,
}

impl Solver {
    /// Begins at 0; nothing for what is no challenge of this algorithm.
    pub fn new(challenge: &Challenge) -> Option<Self> {
        let text = &challenge.challenge;
        if challenge.algorithm != ALGORITHM || text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut goal = [0; 32];
        for (at, byte) in goal.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        let salted = Sha256::new_with_prefix(&challenge.salt);
        Some(Self { salted, goal, next: 0, last: challenge.maxnumber })
    }

    /// Tries up to `count` further numbers.
    pub fn step(&mut self, count: u64) -> Step {
        let end = self.next.saturating_add(count).min(self.last.saturating_add(1));
        for number in self.next..end {
            let hash = self.salted.clone().chain_update(number.to_string()).finalize();
            if hash.as_slice() == self.goal {
                self.next = number;
                return Step::Found(number);
            }
        }
        self.next = end;
        if end > self.last { Step::Nothing } else { Step::Going(end) }
    }
}
