//! A cell of a row, independent of the format.

use chrono::{DateTime, Utc};

/// Value of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// An empty cell.
    Nothing,
    /// A text, number or address; may be empty.
    Text(&'a str),
    /// A point in time.
    Time(DateTime<Utc>),
    /// A count or an id.
    Count(u64),
    /// A rate in ten-thousandths.
    Rate(u64),
}
