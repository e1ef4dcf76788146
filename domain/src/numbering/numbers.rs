//! What a phone number is: its region, type and validity. The types are always compiled; the lookup
//! needs the metadata (feature `metadata`).

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
    /// A number's type in Google's metadata (contract, section 4).
    NumberType, label {
        /// A landline.
        FixedLine = "fixed_line" => "Fixed line",
        /// A mobile phone.
        Mobile = "mobile" => "Mobile",
        /// Either: the region's numbering plan does not distinguish them.
        FixedLineOrMobile = "fixed_line_or_mobile" => "Fixed line or mobile",
        /// Free for the caller.
        TollFree = "toll_free" => "Toll-free",
        /// Expensive for the caller; its holder earns from each call.
        PremiumRate = "premium_rate" => "Premium rate",
        /// Paid in part by the caller.
        SharedCost = "shared_cost" => "Shared cost",
        /// An internet line.
        Voip = "voip" => "Voice over IP",
        /// A number that follows a person across lines.
        PersonalNumber = "personal_number" => "Personal number",
        /// A pager.
        Pager = "pager" => "Pager",
        /// A company's number for all its offices.
        Uan = "uan" => "Company number (UAN)",
        /// A voicemail box.
        Voicemail = "voicemail" => "Voicemail",
        /// Not known, or the number is not valid.
        Unknown = "unknown" => "Unknown type",
    }
}

/// What the digits of a number tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberFacts {
    /// The canonical E.164 form. A national prefix after the calling code, which networks drop, is
    /// removed (`+44 0 7400 …` becomes `+44 7400 …`), so that a number has one spelling.
    #[serde(rename = "e164")]
    pub phone: PhoneNumber,
    /// The region of its prefix; `001` if it belongs to no country. For an invalid number, the
    /// region of its area code if that is known, else the calling code's main region.
    pub region: Region,
    /// The calling code, 1 to 3 digits, without the plus sign.
    pub calling_code: u16,
    /// Its type; `Unknown` if it is not valid.
    #[serde(rename = "type")]
    pub kind: NumberType,
    /// Whether its region's numbering plan assigns such numbers.
    pub valid: bool,
}

/// Why a text is not a number that can be looked up (contract, section 4: 422 `invalid_phone`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is empty.
    #[error("A phone number is missing.")]
    Missing,
    /// Not a plus sign and 7 to 15 digits.
    #[error("The number {0}.")]
    Shape(#[from] PhoneError),
    /// The calling code is not assigned.
    #[error("No calling code is assigned that the number could begin with: +{0} leads nowhere.")]
    UnknownCallingCode(u16),
    /// The calling code has no numbers of this length.
    #[error("{}", impossible(*calling_code, *digits, *possible))]
    ImpossibleLength {
        /// Without the plus sign.
        calling_code: u16,
        /// Number of digits after it.
        digits: u8,
        /// The lengths that exist.
        possible: Lengths,
    },
}

/// Number lengths, in digits after the calling code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lengths(u32);

impl Lengths {
    /// Adds a length from 0 to 31; others are ignored.
    #[must_use]
    pub fn and(self, digits: u8) -> Self {
        Self(self.0 | 1_u32.checked_shl(u32::from(digits)).unwrap_or(0))
    }

    /// In ascending order.
    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
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
