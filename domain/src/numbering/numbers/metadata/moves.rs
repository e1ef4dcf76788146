//! How numbers change under other numbering plans: in region, type, validity or spelling.

use super::{NumberFacts, Plans};
use crate::PhoneNumber;
use serde::Serialize;

/// Example numbers per kind of change.
const EXAMPLES: usize = 5;

/// Changes among some numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MetadataChanges {
    /// Numbers compared.
    pub numbers: u64,
    /// Numbers whose region changes.
    pub region: ChangedNumbers,
    /// Numbers whose type changes.
    #[serde(rename = "type")]
    pub kind: ChangedNumbers,
    /// Numbers that become valid or invalid.
    pub validity: ChangedNumbers,
    /// Numbers written differently because their national prefix changes.
    pub spelling: ChangedNumbers,
}

/// Changes in one respect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangedNumbers {
    /// Number of changes, including those without an example.
    pub moved: u64,
    /// The first five.
    pub examples: Vec<Example>,
}

/// A number that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Masked.
    pub number: String,
    /// The value before, as people read it.
    pub before: String,
    /// The value after, as people read it.
    pub after: String,
}

impl MetadataChanges {
    /// Looks a number up in both plans and counts the differences.
    pub fn compare(&mut self, phone: PhoneNumber, before: &Plans, after: &Plans) {
        self.numbers += 1;
        let (was, is) = (before.facts(phone).ok(), after.facts(phone).ok());
        if was == is {
            return;
        }
        self.region.note(phone, region(was), region(is));
        self.kind.note(phone, kind(was), kind(is));
        self.validity.note(phone, validity(was), validity(is));
        let spelled = |facts: Option<NumberFacts>| facts.map_or(phone, |facts| facts.phone);
        self.spelling.note(phone, spelled(was).masked(), spelled(is).masked());
    }
}

impl ChangedNumbers {
    fn note(&mut self, phone: PhoneNumber, before: String, after: String) {
        if before == after {
            return;
        }
        self.moved += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example { number: phone.masked(), before, after });
        }
    }
}

fn region(facts: Option<NumberFacts>) -> String {
    facts.map_or_else(|| "none".to_owned(), |facts| facts.region.to_string())
}

fn kind(facts: Option<NumberFacts>) -> String {
    facts.map_or_else(|| "none".to_owned(), |facts| facts.kind.to_string())
}

fn validity(facts: Option<NumberFacts>) -> String {
    let word = match facts {
        Some(facts) if facts.valid => "valid",
        Some(_) => "not valid",
        // No number has this length, or the calling code is not assigned.
        None => "impossible",
    };
    word.to_owned()
}
