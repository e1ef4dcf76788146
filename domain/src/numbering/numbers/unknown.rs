//! The browser has no metadata and accepts every number; the server checks again.

use super::NumberError;
use crate::{PhoneNumber, Region};

pub(crate) fn canonical(phone: PhoneNumber) -> Result<PhoneNumber, NumberError> {
    Ok(phone)
}

pub(crate) fn region_of(_phone: PhoneNumber) -> Option<Region> {
    None
}

pub(crate) fn check_lengths(_digits: &str, _counts: &[usize]) -> Result<(), NumberError> {
    Ok(())
}
