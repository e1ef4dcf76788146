//! What becomes of numbers when other numbering plans hold: which of them move in region, type,
//! validity or spelling.

use super::{NumberFacts, Plans};
use crate::PhoneNumber;
use serde::Serialize;

/// Numbers that are shown for each kind of move.
const EXAMPLES: usize = 5;

/// What moves among some numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// How many numbers were looked at.
    pub numbers: u64,
    /// Numbers that belong to another region.
    pub region: Moved,
    /// Numbers of another type.
    #[serde(rename = "type")]
    pub kind: Moved,
    /// Numbers that anybody can have and nobody could, or the other way round.
    pub validity: Moved,
    /// Numbers that are written in another way: their national prefix is another.
    pub spelling: Moved,
}

/// Numbers that move in one respect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// How many.
    pub moved: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// A number that moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The number, masked.
    pub number: String,
    /// What is said of it before.
    pub before: String,
    /// What is said of it after.
    pub after: String,
}

impl Moves {
    /// Looks a number up in both plans, and counts how it moves.
    pub fn look(&mut self, phone: PhoneNumber, before: &Plans, after: &Plans) {
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

impl Moved {
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
        // No number has its length, or its calling code is not assigned.
        None => "impossible",
    };
    word.to_owned()
}
