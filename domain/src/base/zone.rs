//! The time zone of pages and their buckets. Stored, exported and API times stay in UTC.

use crate::period::parse_time;
use crate::words::as_text;
use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz, TzOffset};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A zone of the IANA database. Implements chrono's [`TimeZone`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone(Tz);

/// A format for instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `18:00`: an axis within one day.
    Clock,
    /// `21 Nov`: an axis of days.
    Day,
    /// `21 Nov 18:00`: an axis of hours over some days.
    Tick,
    /// `Nov 2026`: an axis of months.
    Month,
    /// `2026`: an axis of years.
    Year,
    /// `2026-11-21 18:00`: a column of times to the minute.
    Minute,
    /// `2026-11-21 18:00:05`: a column of times.
    Second,
    /// `21 Nov 2026, 18:00:05`: a line of a log.
    Log,
    /// `2026-11-21 18:00:05 CET`: where the zone is not shown nearby.
    Exact,
    /// `21 Nov 2026, 18:00 CET`: in sentences.
    Moment,
    /// `2026-11-21T18:00:05`: for `<input type="datetime-local">`.
    Input,
}

impl Style {
    fn pattern(self) -> &'static str {
        match self {
            Self::Clock => "%H:%M",
            Self::Day => "%-d %b",
            Self::Tick => "%-d %b %H:%M",
            Self::Month => "%b %Y",
            Self::Year => "%Y",
            Self::Minute => "%Y-%m-%d %H:%M",
            Self::Second => "%Y-%m-%d %H:%M:%S",
            Self::Log => "%-d %b %Y, %H:%M:%S",
            Self::Exact => "%Y-%m-%d %H:%M:%S %Z",
            Self::Moment => "%-d %b %Y, %H:%M %Z",
            Self::Input => "%Y-%m-%dT%H:%M:%S",
        }
    }
}

/// Areas of zones to choose from. The database's other names are aliases for old programs.
const AREAS: &[&str] = &[
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

impl Zone {
    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(Tz::UTC)
    }

    /// The IANA name: `Europe/Berlin`, `UTC`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// False for aliases such as `Etc/UTC`.
    pub fn is_utc(self) -> bool {
        self == Self::utc()
    }

    /// The zones to choose from: UTC, then places by name. Other names (`US/Pacific`, `Etc/GMT+5`)
    /// can be parsed as well.
    pub fn all() -> impl Iterator<Item = Self> {
        let placed =
            |zone: &Tz| zone.name().split_once('/').is_some_and(|(area, _)| AREAS.contains(&area));
        std::iter::once(Self::utc()).chain(TZ_VARIANTS.iter().copied().filter(placed).map(Self))
    }

    /// An instant in the zone's local time.
    pub fn format(self, time: DateTime<Utc>, style: Style) -> String {
        time.with_timezone(&self).format(style.pattern()).to_string()
    }

    /// The abbreviation at an instant: `CET` in winter, `CEST` in summer; `+0545` if there is none.
    pub fn short(self, time: DateTime<Utc>) -> String {
        time.with_timezone(&self).format("%Z").to_string()
    }

    /// Reads a time as [`parse_time`] does, but as local time if it has no offset. An ambiguous
    /// time is the earlier instant; a skipped one is moved forward by the length of the gap.
    ///
    /// # Errors
    /// A sentence that says what is allowed, as [`parse_time`].
    pub fn read(self, text: &str) -> Result<DateTime<Utc>, &'static str> {
        let text = text.trim();
        let time = parse_time(text)?;
        if DateTime::parse_from_rfc3339(text).is_ok() { Ok(time) } else { Ok(self.instant(time)) }
    }

    /// The instant at which local time equals the UTC time `shown`.
    fn instant(self, shown: DateTime<Utc>) -> DateTime<Utc> {
        let local = shown.naive_utc();
        let offset = match self.0.offset_from_local_datetime(&local) {
            LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => offset,
            // Skipped: use the offset from before the change.
            LocalResult::None => self.0.offset_from_utc_datetime(&before(local)),
        };
        let east = TimeDelta::seconds(offset.fix().local_minus_utc().into());
        shown.checked_sub_signed(east).unwrap_or(shown)
    }
}

/// A day earlier; no zone changes its clocks by more.
fn before(local: NaiveDateTime) -> NaiveDateTime {
    local.checked_sub_signed(TimeDelta::days(1)).unwrap_or(local)
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl FromStr for Zone {
    type Err = &'static str;

    /// Reads an IANA name, ignoring case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        TZ_VARIANTS
            .iter()
            .find(|zone| zone.name().eq_ignore_ascii_case(text))
            .map(|zone| Self(*zone))
            .ok_or("must be UTC or the name of a time zone such as Europe/Berlin")
    }
}

as_text!(Zone);

impl TimeZone for Zone {
    type Offset = TzOffset;

    fn from_offset(offset: &TzOffset) -> Self {
        Self(Tz::from_offset(offset))
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> LocalResult<TzOffset> {
        self.0.offset_from_local_date(local)
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<TzOffset> {
        self.0.offset_from_local_datetime(local)
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> TzOffset {
        self.0.offset_from_utc_date(utc)
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> TzOffset {
        self.0.offset_from_utc_datetime(utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        parse_time(text).unwrap()
    }

    #[test]
    fn names() {
        assert_eq!(zone("Europe/Berlin").to_string(), "Europe/Berlin");
        assert_eq!(zone(" europe/berlin "), zone("Europe/Berlin"));
        assert_eq!(zone("utc"), Zone::default());
        assert!(Zone::utc().is_utc() && !zone("Europe/Lisbon").is_utc());
        for bad in ["", "CETS", "Europe", "Europe/Atlantis", "+01:00", "Europe/Berlin'--"] {
            assert!(bad.parse::<Zone>().unwrap_err().contains("Europe/Berlin"), "{bad}");
        }
        let all: Vec<_> = Zone::all().map(Zone::name).collect();
        assert_eq!(all[0], "UTC");
        assert!(all.contains(&"Asia/Kathmandu") && !all.contains(&"US/Pacific"));
        assert!(zone("US/Pacific").name() == "US/Pacific");
        let kept = serde_json::to_string(&zone("Asia/Kathmandu")).unwrap();
        assert_eq!(kept, "\"Asia/Kathmandu\"");
        assert_eq!(serde_json::from_str::<Zone>(&kept).unwrap(), zone("Asia/Kathmandu"));
        assert!(serde_json::from_str::<Zone>("\"Mars\"").is_err());
    }

    #[test]
    fn styles() {
        let berlin = zone("Europe/Berlin");
        let time = at("2026-11-21T17:00:05Z");
        for (style, text) in [
            (Style::Clock, "18:00"),
            (Style::Day, "21 Nov"),
            (Style::Tick, "21 Nov 18:00"),
            (Style::Month, "Nov 2026"),
            (Style::Year, "2026"),
            (Style::Minute, "2026-11-21 18:00"),
            (Style::Second, "2026-11-21 18:00:05"),
            (Style::Log, "21 Nov 2026, 18:00:05"),
            (Style::Exact, "2026-11-21 18:00:05 CET"),
            (Style::Moment, "21 Nov 2026, 18:00 CET"),
            (Style::Input, "2026-11-21T18:00:05"),
        ] {
            assert_eq!(berlin.format(time, style), text);
        }
        assert_eq!(Zone::utc().format(time, Style::Exact), "2026-11-21 17:00:05 UTC");
        assert_eq!(berlin.short(at("2026-07-01T00:00:00Z")), "CEST");
        assert_eq!(zone("Asia/Kathmandu").format(time, Style::Exact), "2026-11-21 22:45:05 +0545");
        assert_eq!(zone("America/St_Johns").format(time, Style::Exact), "2026-11-21 13:30:05 NST");
    }

    #[test]
    fn typed_times_are_the_zones_own() {
        let berlin = zone("Europe/Berlin");
        for (text, utc) in [
            ("2026-11-21T18:00", "2026-11-21T17:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
            ("2026-07-01T00:00:00-03:00", "2026-07-01T03:00:00Z"),
            // Skipped on 29 March, ambiguous on 25 October.
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        ] {
            assert_eq!(berlin.read(text), Ok(at(utc)), "{text}");
        }
        assert_eq!(zone("Asia/Kathmandu").read("2026-01-01"), Ok(at("2025-12-31T18:15:00Z")));
        // A day that Samoa skipped.
        assert_eq!(zone("Pacific/Apia").read("2011-12-30T12:00"), Ok(at("2011-12-30T22:00:00Z")));
        for bad in ["", "yesterday", "2026-02-30"] {
            assert!(berlin.read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_have_23_to_25_hours() {
        let hours = |name: &str, day: &str, next: &str| {
            (zone(name).read(next).unwrap() - zone(name).read(day).unwrap()).num_minutes()
        };
        assert_eq!(hours("Europe/Berlin", "2026-03-29", "2026-03-30"), 23 * 60);
        assert_eq!(hours("Europe/Berlin", "2026-10-25", "2026-10-26"), 25 * 60);
        assert_eq!(hours("Australia/Lord_Howe", "2026-10-04", "2026-10-05"), 23 * 60 + 30);
        assert_eq!(hours("Asia/Kathmandu", "2026-03-29", "2026-03-30"), 24 * 60);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 946_684_800_i64..4_102_444_800, at in 0_usize..540) {
            let zone = Zone::all().nth(at).unwrap_or_default();
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            let back = zone.read(&zone.format(time, Style::Input)).unwrap();
            // The earlier of two instants.
            prop_assert!(back == time || time - back <= TimeDelta::hours(3), "{zone} {time} {back}");
            prop_assert_eq!(zone.format(back, Style::Input), zone.format(time, Style::Input));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<Zone>();
            let _ = Zone::utc().read(&text);
        }
    }
}
