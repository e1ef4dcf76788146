//! What a log held beside phone verifications, kind by kind.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds that are told apart; those past them are counted together.
const KINDS: usize = 100;
/// Characters of a kind's name that are kept.
const NAME: usize = 100;
/// What kinds past [`KINDS`] are counted as.
const OTHERS: &str = "others";

/// How many records of each kind were ignored: by the name of the operation, as the log has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IgnoredKinds(BTreeMap<String, u64>);

impl IgnoredKinds {
    /// Counts a record.
    pub fn add(&mut self, kind: &str) {
        self.add_many(kind, 1);
    }

    /// Counts what others have counted.
    pub fn merge(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            self.add_many(kind, *count);
        }
    }

    /// Kinds and how many, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add_many(&mut self, kind: &str, count: u64) {
        // Names come from logs: the store refuses a zero byte, and pages show no line breaks.
        let shown = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
        let kind: String = kind.chars().take(NAME).map(shown).collect();
        let kind = kind.as_str();
        let kind = if self.0.len() < KINDS || self.0.contains_key(kind) { kind } else { OTHERS };
        match self.0.get_mut(kind) {
            Some(known) => *known += count,
            None => {
                self.0.insert(kind.to_owned(), count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_few_and_short_and_none_is_lost() {
        let mut kinds = IgnoredKinds::default();
        for n in 0..3 * KINDS {
            kinds.add(&format!("{n}{}", "é".repeat(200)));
        }
        assert_eq!(kinds.iter().count(), KINDS + 1);
        assert_eq!(kinds.total(), 3 * KINDS as u64);
        assert!(kinds.iter().all(|(kind, _)| kind.chars().count() <= NAME));
        let mut odd = IgnoredKinds::default();
        odd.add("a\0b\nc");
        assert_eq!(odd.iter().collect::<Vec<_>>(), [("a\u{fffd}b\u{fffd}c", 1)]);
        assert!(kinds.iter().any(|(kind, count)| kind == OTHERS && count == 2 * KINDS as u64));
        let mut both = kinds.clone();
        both.merge(&kinds);
        assert_eq!(both.total(), 2 * kinds.total());
        assert_eq!(both.iter().count(), KINDS + 1);
    }
}
