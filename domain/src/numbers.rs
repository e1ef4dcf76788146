//! What a phone number is: where it belongs, of which type it is, whether anybody can have it.
//! The types are for every build; looking a number up needs the metadata (feature `metadata`).

use crate::events::words;
use crate::phone::PhoneError;
use crate::{PhoneNumber, Region};
use serde::{Deserialize, Serialize};
use std::fmt;

mod known;
#[cfg(feature = "metadata")]
mod metadata;
#[cfg(not(feature = "metadata"))]
#[path = "numbers/unknown.rs"]
mod metadata;
#[cfg(test)]
mod tests;

#[cfg_attr(
    not(feature = "metadata"),
    expect(unused_imports, reason = "nothing of it is public")
)]
pub use metadata::*;
pub(crate) use metadata::{canonical, check_lengths, region_of};

words! {
    /// The type of a number, by Google's metadata (contract, section 4).
    NumberType {
        /// A line at a place.
        FixedLine = "fixed_line",
        /// A mobile phone.
        Mobile = "mobile",
        /// One of the two: the region's numbering plan does not tell them apart.
        FixedLineOrMobile = "fixed_line_or_mobile",
        /// Free for who calls.
        TollFree = "toll_free",
        /// Dear for who calls; whoever holds it earns by each call.
        PremiumRate = "premium_rate",
        /// Paid in part by who calls.
        SharedCost = "shared_cost",
        /// A line over the internet.
        Voip = "voip",
        /// A number that follows a person from line to line.
        PersonalNumber = "personal_number",
        /// A pager.
        Pager = "pager",
        /// One number for all offices of a company.
        Uan = "uan",
        /// A voicemail box.
        Voicemail = "voicemail",
        /// No type is known; so are all numbers that are not valid.
        Unknown = "unknown",
    }
}

impl NumberType {
    /// The type as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::FixedLine => "Fixed line",
            Self::Mobile => "Mobile",
            Self::FixedLineOrMobile => "Fixed line or mobile",
            Self::TollFree => "Toll-free",
            Self::PremiumRate => "Premium rate",
            Self::SharedCost => "Shared cost",
            Self::Voip => "Voice over IP",
            Self::PersonalNumber => "Personal number",
            Self::Pager => "Pager",
            Self::Uan => "Company number (UAN)",
            Self::Voicemail => "Voicemail",
            Self::Unknown => "Unknown type",
        }
    }
}

/// What is known of a number from its digits alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberFacts {
    /// The number in its one E.164 form. A national prefix after the calling code, which networks
    /// drop, is gone (`+44 0 7400 …` is `+44 7400 …`): two spellings of one number are one number.
    #[serde(rename = "e164")]
    pub phone: PhoneNumber,
    /// Where it belongs by its prefix; `001` when to no country. A number that is not valid goes by
    /// its area code where that tells, else to its calling code's main region.
    pub region: Region,
    /// The calling code, 1 to 3 digits, without the plus sign.
    pub calling_code: u16,
    /// Its type; unknown when it is not valid.
    #[serde(rename = "type")]
    pub kind: NumberType,
    /// Whether its region's numbering plan gives such numbers out.
    pub valid: bool,
}

/// Why a text is no number that could be asked about (contract, section 4: 422 `invalid_phone`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing was given.
    #[error("A phone number is missing.")]
    Missing,
    /// Not a plus sign and 7 to 15 digits.
    #[error("The number {0}.")]
    Shape(#[from] PhoneError),
    /// No country and no service has the calling code.
    #[error("No calling code is assigned that the number could begin with: +{0} leads nowhere.")]
    UnknownCallingCode(u16),
    /// The calling code has no numbers of that length.
    #[error("{}", impossible(*calling_code, *digits, *possible))]
    ImpossibleLength {
        /// The calling code.
        calling_code: u16,
        /// How many digits follow it.
        digits: u8,
        /// How many could.
        possible: Lengths,
    },
}

/// Lengths of numbers, in digits after the calling code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lengths(u32);

impl Lengths {
    /// With one length more, 0 to 31; any other is left out.
    #[must_use]
    pub fn and(self, digits: u8) -> Self {
        Self(self.0 | 1_u32.checked_shl(u32::from(digits)).unwrap_or(0))
    }

    /// The lengths, shortest first.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..32).filter(move |digits| self.0 >> digits & 1 == 1)
    }
}

/// `10`, `6 or 7`, `5 to 9 or 11`.
impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(u8, u8)> = Vec::new();
        for digits in self.iter() {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == digits => *last = digits,
                _ => runs.push((digits, digits)),
            }
        }
        let mut parts: Vec<String> = Vec::new();
        for (first, last) in runs {
            match last - first {
                0 => parts.push(first.to_string()),
                1 => parts.extend([first.to_string(), last.to_string()]),
                _ => parts.push(format!("{first} to {last}")),
            }
        }
        match parts.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, rest)) => write!(f, "{} or {last}", rest.join(", ")),
            None => Ok(()),
        }
    }
}

fn impossible(code: u16, digits: u8, possible: Lengths) -> String {
    let lengths = possible.to_string();
    let has = format!("The number has {} after +{code}", counted(digits));
    match lengths.as_str() {
        "" => format!("{has}; no number there has that many."),
        "1" => format!("{has}; numbers there have 1 digit."),
        _ => format!("{has}; numbers there have {lengths} digits."),
    }
}

fn counted(digits: u8) -> String {
    format!("{digits} digit{}", if digits == 1 { "" } else { "s" })
}
