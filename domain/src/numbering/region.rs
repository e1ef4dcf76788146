//! Regions: ISO 3166-1 alpha-2, or `001` for numbers that belong to no country.

use crate::words::as_text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 3166-1 alpha-2 code in upper case, or `001` (UN M.49 "world") for non-geographic calling
/// codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region([u8; 3]);

impl Region {
    /// Numbers of no country: satellite, global freephone, UIPRN.
    pub const WORLD: Self = Self(*b"001");

    /// From two capital letters, in const tables.
    pub(crate) const fn of_letters(a: u8, b: u8) -> Self {
        Self([a, b, 0])
    }

    /// Two capital letters, or `001`.
    pub fn as_str(&self) -> &str {
        let end = if self.0[2] == 0 { 2 } else { 3 };
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0[..end]).unwrap_or("001")
    }
}

impl FromStr for Region {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            b"001" => Ok(Self::WORLD),
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b, 0])),
            _ => Err("must be two capital letters (ISO 3166-1) or 001"),
        }
    }
}

as_text!(Region);

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhoneNumber;

    // Prefixes of shared calling codes.
    #[test]
    fn regions_follow_prefixes() {
        for (phone, region) in [
            ("+14155552700", Some("US")),
            ("+18765551234", Some("JM")),
            ("+447400738610", Some("GB")),
            ("+441534456789", Some("JE")),
            ("+441534960123", Some("JE")), // not given to anybody
            ("+441481900000", Some("GG")),
            ("+37125818694", Some("LV")),
            ("+77012345678", Some("KZ")),
            ("+79161234567", Some("RU")),
            ("+870773111632", Some("001")),
            ("+4401534960123", Some("JE")), // a national prefix is no part of a number
            ("+118765551234", Some("JM")),
            ("+99900001885", None),
        ] {
            let phone: PhoneNumber = phone.parse().unwrap();
            let got = Region::of(phone);
            assert_eq!(got.as_ref().map(Region::as_str), region, "{phone}");
        }
    }
}
