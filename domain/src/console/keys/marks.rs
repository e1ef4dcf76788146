//! Marks: which of a key's events are trusted (contract, section 11).

use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// A permission of a key; off unless an administrator sets it.
    Mark, label {
        /// Its `verified` events make numbers trusted.
        Trusted = "trusted" => "Trusted",
        /// Its `sent`, `failed` and costs count for limits and spend caps.
        Counts = "counts" => "Counts",
        /// Two names in one of its events are joined to one user.
        Names = "names" => "Names",
    }
}

impl Mark {
    /// An explanation for administrators.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Trusted => "Numbers that its events report as verified count as trusted.",
            Self::Counts => {
                "Codes that its events report as sent or failed, and their costs, count for \
                 limits and spend caps."
            }
            Self::Names => {
                "Two names in one of its events are treated as one user: a block of one applies \
                 to the other."
            }
        }
    }
}

/// The marks of a key or another origin of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// [`Mark::Trusted`].
    pub trusted: bool,
    /// [`Mark::Counts`].
    pub counts: bool,
    /// [`Mark::Names`].
    pub names: bool,
}

impl Marks {
    /// The marks of imported logs: they count and join names, but nothing in them is trusted.
    pub const IMPORT: Self = Self { trusted: false, counts: true, names: true };

    /// Whether a mark is set.
    pub fn has(self, mark: Mark) -> bool {
        match mark {
            Mark::Trusted => self.trusted,
            Mark::Counts => self.counts,
            Mark::Names => self.names,
        }
    }

    /// Parses words; unknown ones are ignored.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let marks: Vec<Mark> = words.into_iter().filter_map(|word| word.parse().ok()).collect();
        let has = |mark| marks.contains(&mark);
        Self { trusted: has(Mark::Trusted), counts: has(Mark::Counts), names: has(Mark::Names) }
    }

    /// The marks that are set.
    pub fn set(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(move |mark| self.has(*mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_its_own() {
        assert_eq!(Marks::default().set().count(), 0);
        for mark in Mark::ALL {
            let one = Marks::of([mark.as_str()]);
            assert_eq!(one.set().collect::<Vec<_>>(), [*mark]);
        }
        assert_eq!(Marks::of(["evil", "names", "counts"]), Marks::IMPORT);
    }
}
