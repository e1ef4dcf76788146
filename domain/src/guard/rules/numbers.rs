//! A number, or all numbers with a prefix.

use crate::PhoneNumber;
use crate::mask::beginning;
use crate::words::as_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// `+14155550100` is one number, `+1415*` all with that prefix (1 to 14 digits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Numbers {
    /// All numbers that begin with these digits.
    Prefix(u64),
    /// A single number.
    One(PhoneNumber),
}

impl Numbers {
    /// Whether a number is included.
    pub fn hold(self, phone: PhoneNumber) -> bool {
        match self {
            Self::One(one) => one == phone,
            Self::Prefix(prefix) => {
                let more = count(phone.digits()).checked_sub(count(prefix));
                more.is_some_and(|more| phone.digits() / 10_u64.pow(more) == prefix)
            }
        }
    }

    /// The prefix length in digits; larger for a single number than for any prefix.
    pub fn length(self) -> u32 {
        match self {
            Self::One(_) => u32::MAX,
            Self::Prefix(prefix) => count(prefix),
        }
    }

    /// The form for viewers who may not see whole numbers.
    pub fn masked(self) -> String {
        match self {
            Self::One(phone) => phone.masked(),
            Self::Prefix(prefix) => format!("{}*", beginning(&prefix.to_string())),
        }
    }
}

/// Number of digits; `digits` is never 0.
fn count(digits: u64) -> u32 {
    digits.checked_ilog10().map_or(1, |log| log + 1)
}

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(beginning) = text.trim().strip_suffix('*') else {
            return text.parse().map(Self::One).map_err(|error| {
                format!("{error}; the beginning of numbers ends with a star, such as +1876*")
            });
        };
        const ALLOWED: &str =
            "the beginning of numbers is a plus sign, 1 to 14 digits and a star, such as +1876*";
        // Would never match, since numbers are stored without it.
        if beginning.contains("(0)") {
            return Err("leave (0) out: it is not dialled behind a country's code".to_owned());
        }
        let plain = crate::phone::plain(beginning);
        let digits = plain.strip_prefix('+').ok_or(ALLOWED)?;
        let shape = (1..=14).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        match digits.parse() {
            Ok(prefix) if shape => Ok(Self::Prefix(prefix)),
            _ => Err(ALLOWED.to_owned()),
        }
    }
}

as_text!(Numbers);

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(phone) => phone.fmt(f),
            Self::Prefix(prefix) => write!(f, "+{prefix}*"),
        }
    }
}

/// Prints masks, so that whole numbers never reach logs.
impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
