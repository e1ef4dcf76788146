//! Ranges of time.

use crate::{Fault, Invalid};
use chrono::{DateTime, Datelike, Duration, DurationRound, NaiveDateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A half-open range of time: `from` ≤ t < `to`, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first instant inside.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// The ranges the console offers: the URL's value (`?range=30d`) and the length in minutes. The
/// list is that of Microsoft's workbook (azure-ad-b2c/siem,
/// `workbooks/phone-failures-dashboard.json`).
pub const RANGES: &[(&str, i64)] = &[
    ("5m", 5),
    ("15m", 15),
    ("30m", 30),
    ("1h", 60),
    ("4h", 240),
    ("12h", 720),
    ("1d", 1_440),
    ("2d", 2_880),
    ("3d", 4_320),
    ("7d", 10_080),
    ("14d", 20_160),
    ("28d", 40_320),
    ("30d", 43_200),
    ("60d", 86_400),
    ("90d", 129_600),
];

/// The shortest of [`RANGES`] longer than a length, or else the longest.
pub fn longer_range(length: Duration) -> &'static str {
    let longer = RANGES.iter().find(|(_, minutes)| Duration::minutes(*minutes) > length);
    longer.or(RANGES.last()).map_or(DEFAULT_RANGE, |(word, _)| word)
}

/// The range used when none is named.
pub const DEFAULT_RANGE: &str = "30d";

impl Period {
    /// Reads `range`, `from` and `to` as the console and the API take them. `to` defaults to now,
    /// `from` to 30 days before `to`.
    ///
    /// # Errors
    /// [`Fault::Conflict`] for `range` together with `from` or `to`, and for a range that does not
    /// end after it begins; [`Fault::InvalidTime`] for an unreadable time,
    /// [`Fault::TimeOutOfRange`] for one outside 2000 to 2100, [`Fault::InvalidChoice`] for an
    /// unknown range.
    pub fn read(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        Self::read_with(range, from, to, now, parse_time)
    }

    /// [`Period::read`] with another parser for times, such as a zone's local time.
    ///
    /// # Errors
    /// Those of [`Period::read`].
    pub fn read_with(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        now: DateTime<Utc>,
        parse: impl Fn(&str) -> Result<DateTime<Utc>, &'static str>,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let mut read = |field: &str, text: Option<&str>| match text.map(str::trim) {
            None | Some("") => None,
            Some(text) => match parse(text) {
                Ok(time) if (2000..2100).contains(&time.year()) || time == end_of_time() => {
                    Some(time)
                }
                Ok(_) => {
                    invalid.push(field, Fault::TimeOutOfRange, "must lie within 2000 to 2100");
                    None
                }
                Err(message) => {
                    invalid.push(field, Fault::InvalidTime, message);
                    None
                }
            },
        };
        let given = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let both = given(range) && (given(from) || given(to));
        let (from, to) = (read("from", from), read("to", to));
        if both {
            let words = "cannot be given together with from or to: leave one of them out";
            invalid.push("range", Fault::Conflict, words);
        }
        let named = range.map(str::trim).filter(|text| !text.is_empty() && !both);
        let minutes = match named {
            None => 43_200,
            Some(name) => match RANGES.iter().find(|(known, _)| *known == name) {
                Some((_, minutes)) => *minutes,
                None => {
                    let known: Vec<_> = RANGES.iter().map(|(name, _)| *name).collect();
                    let message = format!("must be one of {}", known.join(", "));
                    invalid.push("range", Fault::InvalidChoice, message);
                    43_200
                }
            },
        };
        let to = to.unwrap_or(now);
        let from = from.unwrap_or(to - Duration::minutes(minutes));
        if invalid.fields.is_empty() && from >= to {
            invalid.push("from", Fault::Conflict, "must be earlier than the end of the range");
        }
        invalid.or(Self { from, to })
    }

    /// `to` − `from`.
    pub fn length(self) -> Duration {
        self.to - self.from
    }

    /// The range of equal length that ends where this one begins.
    pub fn before(self) -> Self {
        Self { from: self.from - self.length(), to: self.from }
    }

    /// Whether `from` ≤ `time` < `to`.
    pub fn contains(self, time: DateTime<Utc>) -> bool {
        self.from <= time && time < self.to
    }
}

fn end_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2100, 1, 1, 0, 0, 0).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Reads a time: RFC 3339 with up to nine fractional digits, truncated to microseconds; without a
/// zone it is UTC (spreadsheet exports often omit it); a date alone is its first instant.
///
/// Also accepts the ISO 8601 forms of an offset without a colon, a comma before the fraction, and
/// 24:00 as the end of a day. A leap second is the second after :59 (RFC 3339, section 5.6), as in
/// Postgres, which has none.
///
/// # Errors
/// A sentence that says what is allowed: the text is no such time, or its year is outside ±9999.
pub fn parse_time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    const ALLOWED: &str = "must be a time such as 2026-11-20T09:30:00Z";
    let text = text.trim();
    let text = match text.contains(',') {
        true => Cow::from(text.replacen(',', ".", 1)),
        false => Cow::from(text),
    };
    let (text, next_day) = end_of_day(&text);
    let time = DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|time| time.with_timezone(&Utc))
        .or_else(|_| without_zone(&text).ok_or(ALLOWED))?;
    if !(-9999..=9999).contains(&time.year()) {
        return Err(ALLOWED);
    }
    let time = if next_day { time + Duration::days(1) } else { time };
    as_stored(time).ok_or(ALLOWED)
}

/// An instant at Postgres' precision of whole microseconds. A leap second, which chrono stores as
/// more than a second's nanoseconds, becomes the second after it.
pub(crate) fn as_stored(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = match time.timestamp_subsec_nanos().checked_sub(1_000_000_000) {
        Some(nanos) => DateTime::from_timestamp(time.timestamp() + 1, nanos)?,
        None => time,
    };
    // Truncation can only fail outside the years chrono counts in nanoseconds (1677 to 2262). Such
    // a time is returned unchanged: the callers' range checks reject it.
    Some(time.duration_trunc(Duration::microseconds(1)).unwrap_or(time))
}

fn without_zone(text: &str) -> Option<DateTime<Utc>> {
    let time = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            date.and_hms_opt(0, 0, 0)
        });
    time.map(|time| time.and_utc())
}

/// Replaces 24:00 with 00:00; returns whether it did, since the next day is meant then.
fn end_of_day(text: &str) -> (Cow<'_, str>, bool) {
    let hour = text.get(10..13).filter(|hour| matches!(*hour, "T24" | "t24" | " 24"));
    let rest = text.get(13..).unwrap_or_default();
    let zeros = rest.trim_start_matches(['0', ':', '.']);
    match hour {
        Some(_) if !zeros.starts_with(|first: char| first.is_ascii_digit()) => {
            (format!("{}00{rest}", &text[..11]).into(), true)
        }
        _ => (text.into(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        parse_time(text).unwrap()
    }

    #[test]
    fn times() {
        assert_eq!(at("2020-12-06T11:36:09.1234567Z").timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(at("2020-12-06T12:36:09+01:00"), at("2020-12-06 11:36:09"));
        assert_eq!(at("2020-12-06"), at("2020-12-06T00:00"));
        assert_eq!(at("2020-12-06T12:36:09+0100"), at("2020-12-06T11:36:09-00:00"));
        assert_eq!(at("2016-12-31T23:59:60.25Z"), at("2017-01-01T00:00:00.25Z"));
        assert_eq!(at("2017-01-01T00:59:60+01:00"), at("2017-01-01T00:00:00Z"));
        assert_eq!(at("2016-12-31T24:00:00,000Z"), at("2017-01-01"));
        assert_eq!(at("2016-12-31T24:00:00+01:00"), at("2016-12-31T23:00:00Z"));
        assert_eq!(at("2020-12-06t12:36:09,5z"), at("2020-12-06 12:36:09.5"));
        for bad in [
            "",
            "yesterday",
            "2020-13-01",
            "2020-02-30T00:00:00Z",
            "12/06/2020",
            "2020-02-28T24:00:01Z",
        ] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn out_of_a_range_leads_the_next_longer_one() {
        for (length, word) in [
            (Duration::zero(), "5m"),
            (Duration::minutes(5), "15m"),
            (Duration::hours(25), "2d"),
            (Duration::days(400), "90d"),
        ] {
            assert_eq!(longer_range(length), word);
        }
    }

    #[test]
    fn ranges() {
        let now = at("2026-11-20T00:00:00Z");
        let period = Period::read(None, None, None, now).unwrap();
        assert_eq!((period.from, period.to), (at("2026-10-21T00:00:00Z"), now));
        let period = Period::read(Some("5m"), None, None, now).unwrap();
        assert_eq!(period.length(), Duration::minutes(5));
        let period = Period::read(None, Some("2020-12-01"), Some("2020-12-05"), now).unwrap();
        assert_eq!(period.before().from, at("2020-11-27"));
        for (from, to, field) in [
            ("2020-12-05", "2020-12-01", "from"),
            ("2020-12-05", "2020-12-05", "from"),
            ("1999-01-01", "2020-12-01", "from"),
            ("2020-12-05", "nonsense", "to"),
        ] {
            let invalid = Period::read(None, Some(from), Some(to), now).unwrap_err();
            assert!(invalid.of(field).is_some(), "{from} {to}: {invalid}");
        }
        assert!(Period::read(Some("6m"), None, None, now).is_err());
        for (from, to) in [(Some("2020-12-01"), None), (None, Some("2020-12-01"))] {
            let invalid = Period::read(Some("7d"), from, to, now).unwrap_err();
            assert!(invalid.of("range").is_some() && invalid.fields.len() == 1, "{invalid}");
            assert!(Period::read(Some(" "), from, to, now).is_ok());
        }
        assert!(Period::read(None, Some("2000-01-01"), Some("2100-01-01"), now).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse_time(&text);
        }

        #[test]
        fn no_number_panics(year in -99999_i32..99999, month in 0..20, rest in ".{0,20}") {
            let _ = parse_time(&format!("{year}-{month:02}-01T00:00:00{rest}"));
            let _ = parse_time(&format!("{year:04}-{month:02}-01"));
        }
    }
}
