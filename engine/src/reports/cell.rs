//! A cell of a row, whatever the format.

use chrono::{DateTime, Utc};

/// A cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Nothing,
    /// Words, a number or an address; may be empty.
    Text(&'a str),
    /// An instant.
    Time(DateTime<Utc>),
    /// How many, or which.
    Count(u64),
    /// A share in ten-thousandths.
    Rate(u64),
}
