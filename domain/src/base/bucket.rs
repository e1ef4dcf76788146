//! Buckets: the intervals in which charts and series count.

use crate::events::words;
use crate::{Fault, Invalid, Period};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono::{Timelike, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// The width of a bucket.
    Bucket, name {
        /// One minute.
        Minute = "1m" => "minute",
        /// Five minutes.
        FiveMinutes = "5m" => "5 minutes",
        /// Fifteen minutes.
        Quarter = "15m" => "15 minutes",
        /// One hour.
        Hour = "1h" => "hour",
        /// Six hours.
        SixHours = "6h" => "6 hours",
        /// A calendar day.
        Day = "1d" => "day",
        /// A calendar month.
        Month = "1mo" => "month",
        /// A calendar year.
        Year = "1y" => "year",
    }
}

/// Most buckets of a series: a chart cannot show more.
pub const MOST: usize = 1_500;

/// The longest period in minutes that each width suits; longer ones suit [`Bucket::Year`].
const UP_TO: [(i64, Bucket); 7] = [
    (90, Bucket::Minute),
    (8 * 60, Bucket::FiveMinutes),
    (26 * 60, Bucket::Quarter),
    (4 * 1_440, Bucket::Hour),
    (14 * 1_440, Bucket::SixHours),
    (120 * 1_440, Bucket::Day),
    (3_660 * 1_440, Bucket::Month),
];

impl Bucket {
    /// The width for a period: about a hundred buckets at most, up to ten years.
    pub fn of(period: Period) -> Self {
        let length = period.length();
        let fits = |(minutes, _): &&(i64, Self)| length <= TimeDelta::minutes(*minutes);
        UP_TO.iter().find(fits).map_or(Self::Year, |(_, width)| *width)
    }

    /// The width, where it is constant; days, months and years vary, and six hours with them.
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

    /// The start of the bucket that contains an instant, by a zone's calendar.
    fn floor<Z: TimeZone>(self, time: DateTime<Utc>, zone: &Z) -> DateTime<Utc> {
        let local = time.with_timezone(zone).naive_local();
        if let Some(step) = self.fixed() {
            // The widths up to an hour divide the local hour; the zone's offset may have minutes.
            let step = step.num_seconds();
            let past = local.and_utc().timestamp().rem_euclid(step);
            let whole = time.timestamp() - past;
            return DateTime::from_timestamp(whole, 0).unwrap_or(time);
        }
        let date = local.date();
        let (date, hour) = match self {
            Self::SixHours => (date, local.hour() / 6 * 6),
            Self::Month => (date.with_day(1).unwrap_or(date), 0),
            Self::Year => (NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap_or(date), 0),
            _ => (date, 0),
        };
        resolve(date, hour, zone)
    }

    /// The start of the next bucket.
    fn next<Z: TimeZone>(self, start: DateTime<Utc>, zone: &Z) -> DateTime<Utc> {
        if let Some(step) = self.fixed() {
            return start + step;
        }
        let local = start.with_timezone(zone).naive_local();
        let date = local.date();
        let tomorrow = || date.checked_add_days(Days::new(1)).unwrap_or(date);
        let later = |months| date.checked_add_months(Months::new(months)).unwrap_or(date);
        match self {
            Self::SixHours => match local.hour() / 6 * 6 + 6 {
                24.. => resolve(tomorrow(), 0, zone),
                hour => resolve(date, hour, zone),
            },
            Self::Month => resolve(later(1), 0, zone),
            Self::Year => resolve(later(12), 0, zone),
            _ => resolve(tomorrow(), 0, zone),
        }
    }

    /// The buckets of a period, by a zone's calendar.
    ///
    /// # Errors
    /// In field `bucket`, when there are more than [`MOST`].
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
            // Guards against an endless loop if a zone's calendar does not advance.
            start = if next > start { next } else { start + TimeDelta::hours(1) };
        }
        Ok(Edges::new(starts, start))
    }
}

/// The instant at which a zone's clocks show an hour, or the next quarter hour that they show if
/// they skip it.
fn resolve<Z: TimeZone>(date: NaiveDate, hour: u32, zone: &Z) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let wanted = midnight + TimeDelta::hours(i64::from(hour));
    (0..=12)
        .find_map(|quarter| {
            zone.from_local_datetime(&(wanted + TimeDelta::minutes(15 * quarter))).earliest()
        })
        .map_or_else(|| wanted.and_utc(), |time| time.with_timezone(&Utc))
}

/// The buckets of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edges {
    starts: Vec<DateTime<Utc>>,
    end: DateTime<Utc>,
    /// `starts` and `end` in microseconds; `even` is the common width, if there is one.
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

    /// The start of each bucket; the first may be before the period.
    pub fn starts(&self) -> &[DateTime<Utc>] {
        &self.starts
    }

    /// The end of the last bucket; may be after the period.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// The number of buckets, at least one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are no buckets.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bucket that contains an instant in microseconds since 1970; `None` outside.
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
