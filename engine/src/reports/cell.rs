//! A cell of a row, independent of the format.

use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Nothing,
    /// A text, number or address; may be empty.
    Text(&'a str),
    Time(DateTime<Utc>),
    /// A count or an id.
    Count(u64),
    /// A rate in ten-thousandths.
    Rate(u64),
}
