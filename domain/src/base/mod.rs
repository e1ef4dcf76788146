//! Values, words, errors and bounds that every other module uses.

pub mod address;
pub mod bucket;
pub mod fault;
pub mod form;
pub mod invalid;
pub mod json;
pub(crate) mod letters;
pub mod network;
pub mod period;
pub mod query;
pub mod secret;
pub mod series;
pub(crate) mod sheet;
pub(crate) mod words;
#[cfg(feature = "zones")]
pub mod zone;
