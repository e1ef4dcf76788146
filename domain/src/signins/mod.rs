//! The sign-in log: which attempts are asked for, and how one goes through them.

mod view;
mod words;

pub use view::{Asked, View};
pub use words::{opened, outcome_words, reason_words};

use crate::{Channel, Kind, Period, PhoneNumber, Reason, Region};
use chrono::{DateTime, Utc};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use uuid::Uuid;

/// Which attempts are asked for: those that fit everything that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Begun in this range.
    pub period: Period,
    /// Of this user, by the name for comparison.
    pub user: Option<String>,
    /// To this number.
    pub phone: Option<PhoneNumber>,
    /// From this address.
    pub ip: Option<IpAddr>,
    /// By this channel.
    pub channel: Option<Channel>,
    /// That came to this.
    pub outcome: Option<Kind>,
    /// To numbers of this region.
    pub region: Option<Region>,
    /// Of this flow, to the letter.
    pub flow: Option<String>,
    /// That ended for this reason.
    pub reason: Option<Reason>,
    /// From a browser of this family.
    pub browser: Option<String>,
}

impl Filter {
    /// Every attempt of a range.
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

/// A place in the log: attempts are ordered by time, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the attempt began, in microseconds.
    pub time: DateTime<Utc>,
    /// Its id.
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
        let wrong = "is no place in the log";
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
pub enum Place {
    /// At the newest attempt.
    #[default]
    Newest,
    /// Just before this one, in time.
    Before(Cursor),
    /// Just after it: the page ends with the attempt that follows it.
    After(Cursor),
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Attempts, newest first.
    pub rows: Vec<T>,
    /// Where newer ones begin, if there are any.
    pub newer: Option<Cursor>,
    /// Where older ones begin, if there are any.
    pub older: Option<Cursor>,
    /// How far was looked, if not to the end of the range: few attempts fit and many do not, and
    /// the next page goes on from here.
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
