//! What the number data says about a number.

use crate::PhoneNumber;
use crate::numbers::{NumberError, NumberFacts};
use crate::regions;
use crate::workbook::Sight;

/// Open digits of the displayed block of numbers, as in the gate's limit (contract, section 4).
const OPEN: usize = 4;

/// A looked-up number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedUpNumber {
    phone: PhoneNumber,
    /// Its facts, or why it is not a number.
    known: Result<NumberFacts, NumberError>,
    /// The reader's.
    sight: Sight,
}

impl LookedUpNumber {
    /// Combines a number, its facts and the reader's sight.
    pub fn new(phone: PhoneNumber, known: Result<NumberFacts, NumberError>, sight: Sight) -> Self {
        Self { phone, known, sight }
    }

    /// Why the number is not assigned; `None` for a valid one.
    pub fn wrong(&self) -> Option<String> {
        match &self.known {
            Err(error) => Some(error.to_string()),
            Ok(facts) if facts.valid => None,
            Ok(facts) => Some(format!(
                "The number is not valid: its length is possible for numbers of +{}, but no such \
                 number is assigned in {}.",
                facts.calling_code,
                regions::name(&facts.region),
            )),
        }
    }

    /// Labels and values for the page.
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
        // The block hides the same digits as the number: they are displayed side by side.
        let kept = number.chars().count().saturating_sub(OPEN);
        let block = number.chars().take(kept).chain(std::iter::repeat_n('x', OPEN)).collect();
        if phone != self.phone {
            all.push(("Dialled as", number));
        }
        all.push(("Block of numbers", block));
        all
    }
}
