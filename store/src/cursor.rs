//! The position in a list that goes on page by page.

use crate::Statement;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Position in a list: the last row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Time by which the list is ordered.
    pub time: DateTime<Utc>,
    /// Id of the row, which orders rows of the same time.
    pub id: Uuid,
}

impl After {
    /// Binds the three parameters of a page: time and id of the row before it, and its length.
    pub(crate) fn bind(after: Option<Self>, statement: Statement<'_>, limit: i64) -> Statement<'_> {
        let (time, id) = after.map(|after| (after.time, after.id)).unzip();
        statement.bind(time).bind(id).bind(limit)
    }
}

/// The cursor in URLs; it does not reveal the row's target.
impl std::fmt::Display for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.time.timestamp_micros(), self.id.simple())
    }
}

impl std::str::FromStr for After {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let wrong = "must be a cursor as the page before it ended with";
        let (time, id) = text.rsplit_once('-').ok_or(wrong)?;
        let time = time.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(wrong)?;
        // Within the range of Postgres' timestamps.
        let within = (0..=9_999).contains(&chrono::Datelike::year(&time));
        let id = id.parse().map_err(|_| wrong)?;
        if within { Ok(Self { time, id }) } else { Err(wrong) }
    }
}
