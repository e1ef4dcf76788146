//! What numbering plans add to a number, if compiled in: its canonical form and its region.

use crate::phone::PhoneError;
use crate::{PhoneNumber, Region};
use std::str::FromStr;

/// Parses what people write into the canonical form: a national prefix after the calling code is
/// dropped if the metadata is compiled in, as it is in the server.
impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let phone = Self::spelled(text)?;
        Ok(super::canonical(phone).unwrap_or(phone))
    }
}

impl Region {
    /// The region of a number's prefix in Google's metadata; `None` if the calling code is not
    /// assigned. For an invalid number, the region of its area code if that is known, else the
    /// calling code's main region.
    pub fn of(phone: PhoneNumber) -> Option<Self> {
        super::region_of(phone)
    }
}
