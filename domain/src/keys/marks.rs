//! What a key's holder is believed beyond what it tells of itself (contract, section 11).

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// A mark at a key; each is off unless an admin sets it.
    Mark {
        /// Its `verified` counts for trust.
        Trusted = "trusted",
        /// Its `sent`, `failed` and costs count for limits and spend caps.
        Counts = "counts",
        /// Its pairs of names are one user.
        Names = "names",
    }
}

impl Mark {
    /// What it is called where there is little room: `Trusted`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Trusted => "Trusted",
            Self::Counts => "Counts",
            Self::Names => "Names",
        }
    }

    /// What it does, for whoever decides about it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Trusted => "Numbers that its events say verified count as trusted.",
            Self::Counts => {
                "Codes that its events say were sent or failed, and what they cost, count for \
                 limits and spend caps."
            }
            Self::Names => {
                "Two names that one of its events gives are one user: a block of one holds for the \
                 other."
            }
        }
    }
}

/// The marks of a key, or of whoever else brings events.
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
    /// Of logs that whoever runs the server brings in: they count and name, and nothing in them is
    /// trusted.
    pub const IMPORT: Self = Self { trusted: false, counts: true, names: true };

    /// Whether a mark is set.
    pub fn has(self, mark: Mark) -> bool {
        match mark {
            Mark::Trusted => self.trusted,
            Mark::Counts => self.counts,
            Mark::Names => self.names,
        }
    }

    /// Those of these words; others are passed over.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let marks: Vec<Mark> = words.into_iter().filter_map(|word| word.parse().ok()).collect();
        let has = |mark| marks.contains(&mark);
        Self { trusted: has(Mark::Trusted), counts: has(Mark::Counts), names: has(Mark::Names) }
    }

    /// Those that are set.
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
