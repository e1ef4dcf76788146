//! Buckets: the steps of time in which charts and series count.

use crate::events::words;
use crate::{Fault, Invalid, Period};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// How wide a bucket is.
    Bucket {
        /// A minute.
        Minute = "1m",
        /// Five minutes.
        FiveMinutes = "5m",
        /// A quarter of an hour.
        Quarter = "15m",
        /// An hour.
        Hour = "1h",
        /// Six hours.
        SixHours = "6h",
        /// A day of the calendar.
        Day = "1d",
        /// A month of the calendar.
        Month = "1mo",
        /// A year of the calendar.
        Year = "1y",
    }
}

/// Most buckets of one series: more cannot be told apart in a picture.
pub const MOST: usize = 1_500;

impl Bucket {
    /// The width that suits a range: at most about a hundred buckets up to four years, so that a
    /// chart reads well.
    pub fn of(period: Period) -> Self {
        let length = period.length();
        let up_to = |minutes: i64| length <= TimeDelta::minutes(minutes);
        if up_to(90) {
            Self::Minute
        } else if up_to(8 * 60) {
            Self::FiveMinutes
        } else if up_to(26 * 60) {
            Self::Quarter
        } else if up_to(4 * 1_440) {
            Self::Hour
        } else if up_to(14 * 1_440) {
            Self::SixHours
        } else if up_to(120 * 1_440) {
            Self::Day
        } else if up_to(3_660 * 1_440) {
            Self::Month
        } else {
            Self::Year
        }
    }

    /// What it is called on pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::FiveMinutes => "5 minutes",
            Self::Quarter => "15 minutes",
            Self::Hour => "hour",
            Self::SixHours => "6 hours",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The width where it never changes; a day, month or year may be longer or shorter.
    fn fixed(self) -> Option<TimeDelta> {
        let minutes = match self {
            Self::Minute => 1,
            Self::FiveMinutes => 5,
            Self::Quarter => 15,
            Self::Hour => 60,
            Self::SixHours | Self::Day | Self::Month | Self::Year => return None,
        };
        Some(TimeDelta::minutes(minutes))
    }

    /// Where the bucket of an instant begins by a zone's calendar.
    fn floor<Z: TimeZone>(self, time: DateTime<Utc>, zone: &Z) -> DateTime<Utc> {
        let local = time.with_timezone(zone).naive_local();
        if let Some(step) = self.fixed() {
            // Steps up to an hour divide the hour of the zone, whose offset may have minutes.
            let step = step.num_seconds();
            let past = local.and_utc().timestamp().rem_euclid(step);
            let whole = time.timestamp() - past;
            return DateTime::from_timestamp(whole, 0).unwrap_or(time);
        }
        let date = local.date();
        let (date, hour) = match self {
            Self::SixHours => (date, chrono::Timelike::hour(&local) / 6 * 6),
            Self::Month => (date.with_day(1).unwrap_or(date), 0),
            Self::Year => (NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap_or(date), 0),
            _ => (date, 0),
        };
        resolve(date, hour, zone)
    }

    /// Where the bucket after the one that begins here begins.
    fn next<Z: TimeZone>(self, start: DateTime<Utc>, zone: &Z) -> DateTime<Utc> {
        if let Some(step) = self.fixed() {
            return start + step;
        }
        let local = start.with_timezone(zone).naive_local();
        let date = local.date();
        let tomorrow = || date.checked_add_days(Days::new(1)).unwrap_or(date);
        let later = |months| date.checked_add_months(Months::new(months)).unwrap_or(date);
        match self {
            Self::SixHours => match chrono::Timelike::hour(&local) / 6 * 6 + 6 {
                24.. => resolve(tomorrow(), 0, zone),
                hour => resolve(date, hour, zone),
            },
            Self::Month => resolve(later(1), 0, zone),
            Self::Year => resolve(later(12), 0, zone),
            _ => resolve(tomorrow(), 0, zone),
        }
    }

    /// The buckets of a range by a zone's calendar.
    ///
    /// # Errors
    /// `bucket`, when they would be more than [`MOST`].
    pub fn edges<Z: TimeZone>(self, period: Period, zone: &Z) -> Result<Edges, Invalid> {
        let mut start = self.floor(period.from, zone);
        let mut starts = Vec::new();
        while start < period.to {
            if starts.len() == MOST {
                let shortest = Self::of(period);
                return Err(Invalid::one(
                    "bucket",
                    Fault::TooLarge,
                    format!(
                        "{self} makes more than {MOST} steps of this range; {shortest} is allowed"
                    ),
                ));
            }
            starts.push(start);
            let next = self.next(start, zone);
            // A calendar that stands still must not hold anybody up.
            start = if next > start { next } else { start + TimeDelta::hours(1) };
        }
        Ok(Edges::new(starts, start))
    }
}

/// The instant at which a zone's clocks show an hour; where they leap over it, the next they show.
fn resolve<Z: TimeZone>(date: NaiveDate, hour: u32, zone: &Z) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let wanted = midnight + TimeDelta::hours(i64::from(hour));
    (0..=12)
        .find_map(|quarter| {
            zone.from_local_datetime(&(wanted + TimeDelta::minutes(15 * quarter))).earliest()
        })
        .map_or_else(|| wanted.and_utc(), |time| time.with_timezone(&Utc))
}

/// The buckets of a range: where each begins, and where the last ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edges {
    starts: Vec<DateTime<Utc>>,
    end: DateTime<Utc>,
    /// The same in microseconds, and one width if all have it.
    micros: Vec<i64>,
    even: Option<i64>,
}

impl Edges {
    fn new(starts: Vec<DateTime<Utc>>, end: DateTime<Utc>) -> Self {
        let micros: Vec<i64> =
            starts.iter().chain([&end]).map(DateTime::timestamp_micros).collect();
        let mut widths = micros.windows(2).map(|pair| pair[1] - pair[0]);
        let even = widths.next().filter(|first| *first > 0 && widths.all(|width| width == *first));
        Self { starts, end, micros, even }
    }

    /// Where each bucket begins; the first may begin before the range does.
    pub fn starts(&self) -> &[DateTime<Utc>] {
        &self.starts
    }

    /// Where the last ends; may lie after the range's end.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// How many there are: at least one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bucket of an instant, in microseconds since 1970; none outside.
    pub fn index(&self, micros: i64) -> Option<usize> {
        let first = *self.micros.first()?;
        let last = *self.micros.last()?;
        if micros < first || micros >= last {
            return None;
        }
        match self.even {
            Some(width) => usize::try_from((micros - first) / width).ok(),
            None => Some(self.micros.partition_point(|start| *start <= micros) - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::parse_time;
    use chrono::FixedOffset;
    use proptest::prelude::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: parse_time(from).unwrap(), to: parse_time(to).unwrap() }
    }

    fn starts(bucket: Bucket, from: &str, to: &str) -> Vec<String> {
        let edges = bucket.edges(period(from, to), &Utc).unwrap();
        edges.starts().iter().map(|start| start.format("%FT%R").to_string()).collect()
    }

    #[test]
    fn buckets_follow_the_calendar() {
        assert_eq!(
            starts(Bucket::Hour, "2026-11-20T10:59:59", "2026-11-20T12:00:00"),
            ["2026-11-20T10:00", "2026-11-20T11:00"]
        );
        assert_eq!(
            starts(Bucket::SixHours, "2026-11-20T13:00", "2026-11-21T06:00:01"),
            ["2026-11-20T12:00", "2026-11-20T18:00", "2026-11-21T00:00", "2026-11-21T06:00"]
        );
        assert_eq!(
            starts(Bucket::Month, "2026-01-31", "2026-03-01T00:00:01"),
            ["2026-01-01T00:00", "2026-02-01T00:00", "2026-03-01T00:00"]
        );
        assert_eq!(
            starts(Bucket::Year, "2023-07-01", "2025-01-01"),
            ["2023-01-01T00:00", "2024-01-01T00:00"]
        );
    }

    #[test]
    fn a_zones_days_begin_at_its_midnight() {
        let nepal = FixedOffset::east_opt(5 * 3_600 + 45 * 60).unwrap();
        let range = period("2026-11-20T00:00", "2026-11-21T00:00");
        let days = Bucket::Day.edges(range, &nepal).unwrap();
        let begun: Vec<_> = days.starts().iter().map(|start| start.to_rfc3339()).collect();
        assert_eq!(begun, ["2026-11-19T18:15:00+00:00", "2026-11-20T18:15:00+00:00"]);
        let hours = Bucket::Hour.edges(range, &nepal).unwrap();
        assert_eq!(hours.starts()[0], parse_time("2026-11-19T23:15").unwrap());
    }

    #[test]
    fn every_range_has_a_width_that_suits() {
        for (name, minutes) in crate::period::RANGES {
            let to = parse_time("2026-11-20T12:34:56").unwrap();
            let range = Period { from: to - TimeDelta::minutes(*minutes), to };
            let edges = Bucket::of(range).edges(range, &Utc).unwrap();
            assert!((2..=125).contains(&edges.len()), "{name}: {}", edges.len());
        }
        let century = period("2000-01-01", "2100-01-01");
        assert_eq!(Bucket::of(century).edges(century, &Utc).unwrap().len(), 100);
        let invalid = Bucket::Minute.edges(century, &Utc).unwrap_err();
        assert!(invalid.of("bucket").unwrap().contains("1y is allowed"), "{invalid}");
    }

    proptest! {
        #[test]
        fn every_instant_of_a_range_has_its_bucket(
            from in 946_684_800_000_000_i64..4_102_000_000_000_000,
            length in 1_i64..40_000_000_000_000,
            part in 0.0_f64..1.0,
            hours in -12_i32..13,
        ) {
            let time = |micros| DateTime::from_timestamp_micros(micros).unwrap();
            let range = Period { from: time(from), to: time(from + length) };
            let zone = FixedOffset::east_opt(hours * 3_600).unwrap();
            for bucket in Bucket::ALL {
                let Ok(edges) = bucket.edges(range, &zone) else { continue };
                #[allow(clippy::cast_possible_truncation)]
                let at = from + (length as f64 * part) as i64;
                let index = edges.index(at).unwrap();
                prop_assert!(edges.starts()[index] <= time(at));
                let end = edges.starts().get(index + 1).copied().unwrap_or(edges.end());
                prop_assert!(time(at) < end);
                prop_assert!(edges.starts()[0] <= range.from && edges.end() >= range.to);
            }
        }
    }
}
