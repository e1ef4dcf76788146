//! Counts of a log's ignored records, by kind.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds counted separately; further ones are counted together.
const KINDS: usize = 100;
/// Maximum characters of a kind's name.
const NAME: usize = 100;
/// The name for kinds beyond [`KINDS`].
const OTHERS: &str = "others";

/// The number of ignored records by operation name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IgnoredKinds(BTreeMap<String, u64>);

impl IgnoredKinds {
    /// Counts one record of a kind.
    pub fn add(&mut self, kind: &str) {
        self.add_many(kind, 1);
    }

    /// Adds another set of counts.
    pub fn merge(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            self.add_many(kind, *count);
        }
    }

    /// Kinds and counts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// Records over all kinds.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Whether no record was ignored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add_many(&mut self, kind: &str, count: u64) {
        // Names come from logs: the store refuses a zero byte, and pages need a single line.
        let shown = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
        let mut kind: String = kind.chars().take(NAME).map(shown).collect();
        if self.0.len() >= KINDS && !self.0.contains_key(&kind) {
            kind = OTHERS.to_owned();
        }
        *self.0.entry(kind).or_default() += count;
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
