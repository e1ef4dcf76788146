//! Ticks of a time axis and formats of its times, in the time zone of the page.

use super::points::Points;
use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc,
};
use domain::zone::{Style, Zone};

/// The step between ticks is the smallest that fits fewer than this many times into the range.
const TICKS: i64 = 7;

/// A tick of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// Position on the axis, from 0 to 1.
    pub(crate) at: f64,
    pub(crate) word: String,
}

/// The distance between ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TickStep {
    Minutes(i64),
    Days(i64),
    Months(u32),
}

const MINUTES: [i64; 11] = [1, 2, 5, 10, 15, 30, 60, 2 * 60, 3 * 60, 6 * 60, 12 * 60];
const DAYS: [i64; 5] = [1, 2, 5, 7, 14];
const MONTHS: [u32; 9] = [1, 2, 3, 6, 12, 24, 60, 120, 240];

impl TickStep {
    fn minutes(self) -> i64 {
        match self {
            Self::Minutes(minutes) => minutes,
            Self::Days(days) => days * 1_440,
            Self::Months(months) => i64::from(months) * 30 * 1_440,
        }
    }

    /// The last tick at or before a time.
    fn floor(self, time: NaiveDateTime) -> NaiveDateTime {
        let day = time.date().and_time(chrono::NaiveTime::MIN);
        match self {
            Self::Minutes(minutes) => {
                let past = i64::from(time.num_seconds_from_midnight()) / 60;
                day + TimeDelta::minutes(past / minutes * minutes)
            }
            Self::Days(_) => day,
            Self::Months(months) => {
                let month = time.year() * 12 + i32::try_from(time.month0()).unwrap_or(0);
                let months = i32::try_from(months).unwrap_or(1);
                let month = month.div_euclid(months) * months;
                let first = NaiveDate::from_ymd_opt(
                    month.div_euclid(12),
                    u32::try_from(month.rem_euclid(12)).unwrap_or(0) + 1,
                    1,
                );
                first.map_or(day, |first| first.and_time(chrono::NaiveTime::MIN))
            }
        }
    }

    fn next(self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Minutes(minutes) => time.checked_add_signed(TimeDelta::minutes(minutes)),
            Self::Days(days) => time.checked_add_signed(TimeDelta::days(days)),
            Self::Months(months) => time.checked_add_months(Months::new(months)),
        }
    }

    fn word(self, time: DateTime<Utc>, zone: Zone) -> String {
        let midnight = time.with_timezone(&zone).time() == chrono::NaiveTime::MIN;
        let style = match self {
            Self::Minutes(_) if !midnight => Style::Clock,
            Self::Minutes(_) | Self::Days(_) => Style::Day,
            Self::Months(..12) => Style::Month,
            Self::Months(_) => Style::Year,
        };
        zone.format(time, style)
    }
}

pub(crate) fn ticks(from: DateTime<Utc>, to: DateTime<Utc>, zone: Zone) -> Vec<Tick> {
    let length = (to - from).num_seconds();
    if length <= 0 {
        return Vec::new();
    }
    let steps = MINUTES.map(TickStep::Minutes).into_iter();
    let mut steps = steps.chain(DAYS.map(TickStep::Days)).chain(MONTHS.map(TickStep::Months));
    let fits = |step: &TickStep| length / 60 / step.minutes() < TICKS;
    let step = steps.find(fits).unwrap_or(TickStep::Months(240));
    let local = |time: DateTime<Utc>| time.with_timezone(&zone).naive_local();
    let (first, last) = (step.floor(local(from)), local(to));
    let all = std::iter::successors(Some(first), |time| step.next(*time));
    all.take_while(|time| *time <= last)
        .filter_map(|time| Some(zone.from_local_datetime(&time).earliest()?.with_timezone(&Utc)))
        .filter(|time| from <= *time && *time <= to)
        .map(|time| Tick {
            at: (time - from).num_seconds() as f64 / length as f64,
            word: step.word(time, zone),
        })
        .collect()
}

/// Labels of points for the crosshair: begin, and also end if buckets were added up.
pub(crate) fn labels(points: &Points, zone: Zone) -> Vec<String> {
    let Some((first, last)) = points.starts.first().zip(points.starts.last()) else {
        return Vec::new();
    };
    let style = style(points.end_of(0) - *first, points.buckets);
    // Days in several years need the year.
    let year = |time: DateTime<Utc>| time.with_timezone(&zone).year();
    let many = style == Style::Day && year(*first) != year(*last);
    let write = |time| if many { day(time, zone) } else { zone.format(time, style) };
    let label = |(at, start): (usize, &DateTime<Utc>)| match points.buckets {
        1 => write(*start),
        _ => format!("{} – {}", write(*start), write(points.end_of(at))),
    };
    points.starts.iter().enumerate().map(label).collect()
}

fn style(width: TimeDelta, buckets: usize) -> Style {
    let width = width / i32::try_from(buckets).unwrap_or(i32::MAX);
    match width.num_hours() {
        ..22 => Style::Tick,
        22..600 => Style::Day,
        600..8_000 => Style::Month,
        _ => Style::Year,
    }
}

/// A time for a table: `2026-11-21 18:00`, or only the date if buckets are days or longer.
pub(crate) fn cell(start: DateTime<Utc>, width: TimeDelta, zone: Zone) -> String {
    if width.num_hours() < 22 { zone.format(start, Style::Minute) } else { day(start, zone) }
}

fn day(time: DateTime<Utc>, zone: Zone) -> String {
    let text = zone.format(time, Style::Minute);
    text.split_once(' ').map_or(text.clone(), |(day, _)| day.to_owned())
}

/// A range: `1 Nov 2026, 00:00 UTC to 21 Nov 2026, 18:00 UTC`.
pub(crate) fn range(from: DateTime<Utc>, to: DateTime<Utc>, zone: Zone) -> String {
    format!("{} to {}", zone.format(from, Style::Moment), zone.format(to, Style::Moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;
    use proptest::prelude::*;

    fn words(from: &str, to: &str, zone: &str) -> Vec<String> {
        let at = |text| parse_time(text).unwrap();
        let ticks = ticks(at(from), at(to), zone.parse().unwrap());
        ticks.into_iter().map(|tick| tick.word).collect()
    }

    #[test]
    fn ticks_suit_the_range() {
        for (from, to, expected) in [
            ("2026-11-21T17:00:00Z", "2026-11-21T17:05:00Z", "17:00 17:01 17:02 17:03 17:04 17:05"),
            (
                "2026-11-21T20:10:00Z",
                "2026-11-22T08:00:00Z",
                "22:00|22 Nov|02:00|04:00|06:00|08:00",
            ),
            ("2026-11-15", "2026-11-22", "15 Nov|17 Nov|19 Nov|21 Nov"),
            ("2026-10-22", "2026-11-20", "22 Oct|27 Oct|1 Nov|6 Nov|11 Nov|16 Nov"),
            ("2026-01-01", "2026-12-01", "Jan 2026|Mar 2026|May 2026|Jul 2026|Sep 2026|Nov 2026"),
            ("2000-01-01", "2100-01-01", "2000|2020|2040|2060|2080|2100"),
            ("2026-11-21", "2026-11-21", ""),
        ] {
            let apart = if expected.contains('|') { '|' } else { ' ' };
            let expected: Vec<_> = expected.split(apart).filter(|word| !word.is_empty()).collect();
            assert_eq!(words(from, to, "UTC"), expected, "{from} {to}");
        }
    }

    #[test]
    fn ticks_are_the_zones_midnights() {
        let berlin = words("2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z", "Europe/Berlin");
        assert_eq!(berlin, ["25 Oct", "12:00", "26 Oct", "12:00", "27 Oct"]);
        let kathmandu = words("2026-11-20T18:15:00Z", "2026-11-21T18:15:00Z", "Asia/Kathmandu");
        assert_eq!(kathmandu.first().unwrap(), "21 Nov");
    }

    #[test]
    fn cells() {
        let at = parse_time("2026-11-21T18:00:00Z").unwrap();
        assert_eq!(cell(at, TimeDelta::hours(1), Zone::utc()), "2026-11-21 18:00");
        assert_eq!(cell(at, TimeDelta::hours(23), Zone::utc()), "2026-11-21");
    }

    proptest! {
        #[test]
        fn ticks_are_few_and_in_order(from in 946_684_800_i64..4_000_000_000, length in 1_i64..3_000_000_000, zone in 0_usize..500) {
            let zone = Zone::all().nth(zone).unwrap_or_default();
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            let ticks = ticks(at(from), at(from + length), zone);
            prop_assert!(ticks.len() <= 16, "{} ticks", ticks.len());
            prop_assert!(ticks.windows(2).all(|two| two[0].at < two[1].at));
            prop_assert!(ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)));
        }
    }
}
