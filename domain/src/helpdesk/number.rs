//! What a number's digits tell, as facts.

use crate::PhoneNumber;
use crate::numbers::{NumberError, NumberFacts};
use crate::regions;
use crate::workbook::Sight;

/// How many last digits the block of numbers that is shown leaves open: that of the gate's limit
/// (contract, section 4).
const OPEN: usize = 4;

/// A number, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The number.
    phone: PhoneNumber,
    /// What is known of it, or why it is no number.
    known: Result<NumberFacts, NumberError>,
    /// Who asks.
    sight: Sight,
}

impl Looked {
    /// What is known of a number, for somebody.
    pub fn new(phone: PhoneNumber, known: Result<NumberFacts, NumberError>, sight: Sight) -> Self {
        Self { phone, known, sight }
    }

    /// Why nobody can have the number; nothing when somebody can.
    pub fn wrong(&self) -> Option<String> {
        match &self.known {
            Err(error) => Some(error.to_string()),
            Ok(facts) if facts.valid => None,
            Ok(facts) => Some(format!(
                "The number is not valid: it has a length that numbers of +{} can have, but no \
                 such number is given out in {}.",
                facts.calling_code,
                regions::name(&facts.region),
            )),
        }
    }

    /// The facts: names and values.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        match &self.known {
            Err(_) => all.push(("Valid", "No, not possible either".to_owned())),
            Ok(facts) => {
                let name = regions::name(&facts.region);
                all.push(("Region", format!("{name} ({}), +{}", facts.region, facts.calling_code)));
                all.push(("Type", facts.kind.label().to_owned()));
                let valid = if facts.valid { "Yes" } else { "No, but possible by its length" };
                all.push(("Valid", valid.to_owned()));
            }
        }
        let phone = self.known.as_ref().map_or(self.phone, |facts| facts.phone);
        let number = match self.sight {
            Sight::Whole => phone.to_string(),
            Sight::Masked => phone.masked(),
        };
        // What is masked in the number is masked in its block: the two stand side by side.
        let kept = number.chars().count().saturating_sub(OPEN);
        let block = number.chars().take(kept).chain(std::iter::repeat_n('x', OPEN)).collect();
        if phone != self.phone {
            all.push(("Dialled as", number));
        }
        all.push(("Block of numbers", block));
        all
    }
}
