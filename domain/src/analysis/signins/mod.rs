//! The sign-in log: filters, positions and pages.

mod view;
mod words;

pub use view::{Selection, View};
pub use words::{opened, outcome_words};

use crate::{Channel, Kind, Period, PhoneNumber, Reason, Region};
use chrono::{DateTime, Utc};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use uuid::Uuid;

/// Selects attempts; all conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The range in which the attempt began.
    pub period: Period,
    /// The folded user name.
    pub user: Option<String>,
    /// The number a code was sent to.
    pub phone: Option<PhoneNumber>,
    /// The client address.
    pub ip: Option<IpAddr>,
    /// The channel of the code.
    pub channel: Option<Channel>,
    /// How the attempt ended.
    pub outcome: Option<Kind>,
    /// The region of the number.
    pub region: Option<Region>,
    /// The exact flow id.
    pub flow: Option<String>,
    /// Why the attempt ended so.
    pub reason: Option<Reason>,
    /// The browser family.
    pub browser: Option<String>,
}

impl Filter {
    /// Every attempt in a range.
    pub fn all(period: Period) -> Self {
        Self {
            period,
            user: None,
            phone: None,
            ip: None,
            channel: None,
            outcome: None,
            region: None,
            flow: None,
            reason: None,
            browser: None,
        }
    }
}

/// A position in the log, ordered by time, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the attempt began, in whole microseconds.
    pub time: DateTime<Utc>,
    /// The attempt's id.
    pub id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.time.timestamp_micros(), self.id.simple())
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "is not a position in the log";
        let (time, id) = text.trim().split_once('.').ok_or(wrong)?;
        let time = time.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(wrong)?;
        if !(in_years(2000)..=in_years(2101)).contains(&time) || id.len() != 32 {
            return Err(wrong);
        }
        Ok(Self { time, id: Uuid::try_parse(id).map_err(|_| wrong)? })
    }
}

/// The first instant of a year.
fn in_years(year: i32) -> DateTime<Utc> {
    let day = chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Where a page of the log begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageStart {
    /// At the newest attempt.
    #[default]
    Newest,
    /// With the next older attempt.
    Before(Cursor),
    /// The page ends with the next newer attempt.
    After(Cursor),
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Newest first.
    pub rows: Vec<T>,
    /// Where newer attempts begin; `None` if there are none.
    pub newer: Option<Cursor>,
    /// Where older attempts begin; `None` if there are none.
    pub older: Option<Cursor>,
    /// How far the search went, if not to the end of the range because few attempts match; the next
    /// page continues there.
    pub looked_to: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            ".",
            "1606795545000000",
            "x.6f0f2f3e000040008000000000000001",
            "1606795545000000.6f0f2f3e-0000-4000-8000-000000000001",
            "1606795545000000.é",
            "-1.6f0f2f3e000040008000000000000001",
            "9223372036854775807.6f0f2f3e000040008000000000000001",
            "' or 1=1 --",
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn places_are_read_back(micros in 946_684_800_000_000_i64..4_102_444_800_000_000, id in any::<u128>()) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let cursor = Cursor { time, id: Uuid::from_u128(id) };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<Cursor>();
        }
    }
}
