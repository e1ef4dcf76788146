//! What numbering plans add to a number where they are at hand: its one form, and its region.

use crate::phone::PhoneError;
use crate::{PhoneNumber, Region};
use std::str::FromStr;

/// What people write becomes the one form that a number has: a national prefix behind the calling
/// code is gone where the metadata is at hand, as it is at every door.
impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let phone = Self::spelled(text)?;
        Ok(super::canonical(phone).unwrap_or(phone))
    }
}

impl Region {
    /// The region a number belongs to by its prefix, by Google's metadata; `None` when the
    /// calling code is not assigned. A number that is not valid goes by its area code where that
    /// tells, else to its calling code's main region.
    pub fn of(phone: PhoneNumber) -> Option<Self> {
        super::region_of(phone)
    }
}
