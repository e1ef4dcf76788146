//! Times in the formats of Microsoft's tools: its services, the portal, Excel and PowerShell.

use crate::Fault;
use crate::period::{as_stored, parse_time};
use crate::sources::text::Text;
use crate::sources::time::in_range;
use crate::sources::{Dates, Rejection};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::borrow::Cow;

/// The accepted formats, for error messages.
const ALLOWED: &str = "times may be written 2026-11-20T09:30:00Z, 2026/11/20 09:30:00, \
     11/20/2026 9:30:00 AM or /Date(1795167000000)/";
/// Maximum characters of a time quoted in an error.
const QUOTED_MAX: usize = 40;

/// The first of a record's times that is given, and its field.
pub(super) fn first_time<'r, const N: usize>(
    times: [(&'static str, &'r Text<'_>); N],
) -> Result<(&'static str, Cow<'r, str>), Rejection> {
    let given = times.iter().find_map(|(field, text)| Some((*field, text.given()?)));
    given.ok_or_else(|| {
        let other = times.iter().find(|(_, text)| matches!(text, Text::Other(_)));
        match (other, times.last()) {
            (Some((field, text)), _) => {
                let words = format!("is {}, which is not a readable time: {ALLOWED}", text.what());
                Rejection::new(Fault::InvalidTime, field, words)
            }
            (None, last) => {
                Rejection::new(Fault::Required, last.map_or("time", |last| last.0), "is required")
            }
        }
    })
}

/// Reads a time, as UTC if it has no zone. It may be
///
/// - ISO 8601, see [`parse_time`];
/// - year, month and day with slashes, as Excel writes a Log Analytics CSV;
/// - the same with AM or PM, or a. m. or p. m., as in Canada;
/// - month, day and year with AM or PM, as the portal and .NET write in American English, with or
///   without a comma, a narrow space before the AM (CLDR 42), and an offset;
/// - the same without AM or PM, or the day first, only if `dates` says so: no guessing;
/// - `/Date(ms)/`, from the JSON of Windows PowerShell 5.1, in milliseconds since 1970 UTC. An
///   offset in it is the writer's and is ignored.
pub(super) fn log_time(
    field: &str,
    text: &str,
    dates: Dates,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Rejection> {
    let time = parse_time(text).ok().or_else(|| since_1970(text)).or_else(|| written(text, dates));
    let time = time.ok_or_else(|| {
        let told: String = text.chars().take(QUOTED_MAX).collect();
        let words = format!("\"{told}\" is not a readable time: {}", hint(text, dates));
        Rejection::new(Fault::InvalidTime, field, words)
    })?;
    in_range(field, time, now)
}

/// The correct format, or what to pass, for an error message.
fn hint(text: &str, dates: Dates) -> String {
    if let Some(wrong) = wrong_part(text) {
        return format!("{wrong}; {ALLOWED}");
    }
    let parts = date(text.split_whitespace().next().unwrap_or_default().trim_end_matches(','));
    match (parts, dates) {
        (Some((_, true)), _) => ALLOWED.to_owned(),
        (Some(([_, second, _], _)), Dates::Plain) if second <= 12 => format!(
            "it is unclear whether the day or the month comes first; use --dates dmy or --dates \
             mdy (in the console: Dates); {ALLOWED}"
        ),
        (Some(_), Dates::Dmy) => {
            format!("dates are read with the day first (--dates dmy); {ALLOWED}")
        }
        (Some(_), _) => {
            format!("its month comes first; use --dates mdy (in the console: Dates); {ALLOWED}")
        }
        (None, _) => ALLOWED.to_owned(),
    }
}

/// The invalid part of a time that begins with the year, whose order is unambiguous.
fn wrong_part(text: &str) -> Option<String> {
    let (year, rest) = text.trim_start().split_once(['-', '/', '.'])?;
    if year.len() != 4 || !all_digits(year) {
        return None;
    }
    let end = rest.find(|letter: char| letter == 'T' || letter == ',' || letter.is_whitespace());
    let (day, clock) = end.map_or((rest, ""), |end| rest.split_at(end));
    let [month, day] = numbers(day, ['-', '/', '.']);
    if NaiveDate::from_ymd_opt(year.parse().ok()?, month?, day?).is_none() {
        return Some("its date does not exist in the calendar".to_owned());
    }
    wrong_clock(clock.trim_start_matches(|letter: char| letter == 'T' || !letter.is_alphanumeric()))
}

/// The invalid part of a time of day and what follows it.
fn wrong_clock(text: &str) -> Option<String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && !".:".contains(letter));
    let (clock, behind) = text.split_at(end.unwrap_or(text.len()));
    let mut parts = clock.split(':').map(|part| part.split('.').next()?.parse::<u32>().ok());
    for (name, most) in [("hour", 23), ("minute", 59), ("second", 59)] {
        if let Some(number) = parts.next().flatten().filter(|number| *number > most) {
            return Some(format!("its {name} is {number}; allowed are 0 to {most}"));
        }
    }
    let words: Vec<&str> = behind.split_whitespace().collect();
    match half_of_day(&words) {
        (_, [zone]) if offset(zone).is_some() => None,
        (Some(_), []) => Some("with AM or PM its hour may be 1 to 12".to_owned()),
        (None, []) => None,
        (_, odd) => {
            let odd: String = odd.join(" ").chars().take(QUOTED_MAX).collect();
            Some(format!("\"{odd}\" is neither AM or PM nor an offset as Z, UTC or +01:00"))
        }
    }
}

/// The first two numbers of a text.
fn numbers(text: &str, marks: [char; 3]) -> [Option<u32>; 2] {
    let mut parts = text.split(marks).map(|part| part.parse().ok());
    [parts.next().flatten(), parts.next().flatten()]
}

/// A leading AM or PM, and the remaining words. Some languages write it with dots or a space:
/// `a.m.`, `p. m.`
fn half_of_day<'w, 't>(words: &'w [&'t str]) -> (Option<&'static str>, &'w [&'t str]) {
    let plain = |words: &[&str]| words.concat().replace('.', "").to_ascii_lowercase();
    for count in 1..=words.len().min(2) {
        let (half, rest) = words.split_at(count);
        match plain(half).as_str() {
            "am" => return (Some("AM"), rest),
            "pm" => return (Some("PM"), rest),
            _ => {}
        }
    }
    (None, words)
}

/// `/Date(1795165381123)/`, `/Date(1795165381123+0100)/`.
fn since_1970(text: &str) -> Option<DateTime<Utc>> {
    let inner = text.trim().strip_prefix("/Date(")?.strip_suffix(")/")?;
    let sign = usize::from(inner.starts_with('-'));
    let (digits, offset) = match inner.get(sign..)?.find(['+', '-']) {
        Some(at) => inner.split_at(sign + at),
        None => (inner, ""),
    };
    let plain = offset.is_empty() || offset.len() == 5 && all_digits(&offset[1..]);
    DateTime::from_timestamp_millis(digits.parse().ok()?).filter(|_| plain)
}

/// A date with slashes, dots or dashes that is not ISO 8601, a time of day, and optionally AM or PM
/// and an offset.
fn written(text: &str, dates: Dates) -> Option<DateTime<Utc>> {
    // Unicode spaces, the direction marks that some versions of Windows insert, and the portal's
    // comma are ignored.
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, '\u{200e}' | '\u{200f}'))
        .map(|letter| if letter == ',' || letter.is_whitespace() { ' ' } else { letter })
        .collect();
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    let [day, clock, rest @ ..] = words.as_slice() else { return None };
    let (half, rest) = half_of_day(rest);
    let offset = match rest {
        [] => 0,
        [word] => offset(word)?,
        _ => return None,
    };
    let ([first, second, third], year_first) = date(day)?;
    let (year, month, day) = match dates {
        _ if year_first => (first, second, third),
        Dates::Dmy => (third, second, first),
        Dates::Mdy => (third, first, second),
        Dates::Plain if half.is_some() && day.contains('/') => (third, first, second),
        Dates::Plain => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = date.and_time(time_of_day(clock, half)?).and_utc();
    as_stored(time)?.checked_sub_signed(TimeDelta::seconds(offset))
}

fn time_of_day(clock: &str, half: Option<&str>) -> Option<NaiveTime> {
    let (text, formats) = match half {
        None => (clock.to_owned(), ["%H:%M:%S%.f", "%H:%M"]),
        Some(half) => (format!("{clock} {half}"), ["%I:%M:%S%.f %p", "%I:%M %p"]),
    };
    formats.iter().find_map(|format| NaiveTime::parse_from_str(&text, format).ok())
}

/// A date's three numbers, and whether the year is first.
fn date(text: &str) -> Option<([u32; 3], bool)> {
    let mark = text.chars().find(|letter| matches!(letter, '/' | '.' | '-'))?;
    let mut parts = text.split(mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let year_first = first.len() == 4;
    if parts.next().is_some() || year_first == (third.len() == 4) {
        return None;
    }
    let most = |year: bool| if year { 4 } else { 2 };
    let first = number(first, most(year_first))?;
    Some(([first, number(second, 2)?, number(third, most(!year_first))?], year_first))
}

/// Seconds east of Greenwich: `Z`, `UTC`, `GMT`, `+01:00`, `-0500`.
fn offset(text: &str) -> Option<i64> {
    if ["Z", "UTC", "GMT"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some(0);
    }
    let offset: FixedOffset = text.parse().ok()?;
    Some(i64::from(offset.local_minus_utc()))
}

fn number(text: &str, most: usize) -> Option<u32> {
    (text.len() <= most && all_digits(text)).then(|| text.parse().ok())?
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        parse_time("2026-11-20").unwrap()
    }

    fn read(text: &str, dates: Dates) -> Result<DateTime<Utc>, Rejection> {
        log_time("time", text, dates, now())
    }

    #[test]
    fn all_ways_to_write_one_time() {
        let expected = parse_time("2020-12-01T16:05:45.659Z").unwrap();
        for text in [
            "2020-12-01T16:05:45.6590000Z",
            "2020-12-01T16:05:45.6590007Z",
            "2020-12-01T16:05:45.659",
            "2020-12-01 16:05:45.659",
            "2020-12-01T17:05:45.659+01:00",
            "2020/12/01 16:05:45.659",
            "2020/12/1 16:05:45.659000001",
            "2020/12/01 4:05:45.659 PM",
            "12/1/2020, 4:05:45.659 PM",
            "12/01/2020 04:05:45.659 pm",
            "12/1/2020, 4:05:45.659\u{202f}PM",
            "\u{200e}12\u{200e}/\u{200e}1\u{200e}/\u{200e}2020 \u{200e}4:05:45.659 PM",
            "12/1/2020 4:05:45.659 PM +00:00",
            "12/1/2020 6:05:45.659 PM +02:00",
            "12/1/2020 16:05:45.659 UTC",
            "1/12/2020 16:05:45.659",
            "1.12.2020 16:05:45.659",
            "01-12-2020 4:05:45.659 PM Z",
            "2020-12-01, 4:05:45.659 p.m.",
            "2020-12-01 4:05:45.659 p. m. +00:00",
            "/Date(1606838745659)/",
            "/Date(1606838745659+0100)/",
        ] {
            let dates = match text {
                _ if text.starts_with("12/1/2020 16") => Dates::Mdy,
                _ if text.starts_with("1/12") || text.starts_with("1.12") => Dates::Dmy,
                _ if text.starts_with("01-12") => Dates::Dmy,
                _ => Dates::Plain,
            };
            assert_eq!(read(text, dates), Ok(expected), "{text}");
        }
    }

    #[test]
    fn noon_midnight_and_leap_seconds() {
        for (text, time) in [
            ("11/20/2019 12:05:02 AM", "2019-11-20T00:05:02Z"),
            ("11/20/2019 12:05:03 PM", "2019-11-20T12:05:03Z"),
            ("11/20/2019 1:48 PM", "2019-11-20T13:48:00Z"),
            ("2016/12/31 23:59:60", "2017-01-01T00:00:00Z"),
            ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
        ] {
            assert_eq!(read(text, Dates::Plain), Ok(parse_time(time).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_not_said_is_not_guessed() {
        for (text, dates, told) in [
            ("1/12/2020, 16:05:45", Dates::Plain, "--dates dmy or --dates mdy"),
            ("1/13/2020, 16:05:45", Dates::Plain, "use --dates mdy"),
            ("13/12/2020, 4:05:45 PM", Dates::Plain, "--dates dmy"),
            ("1/13/2020 16:05:45", Dates::Dmy, "day first"),
            ("1.12.2020 4:05:45 PM", Dates::Plain, "--dates dmy"),
            ("12/1/20 4:05:45 PM", Dates::Plain, "2026-11-20T09:30:00Z"),
            ("12/1/2020 0:05:45 PM", Dates::Plain, ""),
            ("12/1/2020 13:05:45 PM", Dates::Plain, ""),
            ("12/1/2020 4:05:45 PM CET", Dates::Plain, ""),
            ("2020/12/01 16:05:61", Dates::Plain, "its second is 61"),
            ("2020-12-01T25:05:01Z", Dates::Mdy, "its hour is 25; allowed are 0 to 23"),
            ("2020-13-01T10:05:01Z", Dates::Plain, "does not exist in the calendar"),
            ("2020-12-01 16:05:01 PM", Dates::Dmy, "may be 1 to 12"),
            ("2020-12-01 4:05:01 vorm.", Dates::Mdy, "\"vorm.\" is neither AM or PM"),
            ("2020/12/01 4:05:01 PM CET", Dates::Plain, "\"CET\" is neither AM or PM"),
            ("2020-12-01 x y", Dates::Plain, "\"x y\" is neither"),
            ("2020-12-01 16", Dates::Plain, "is not a readable time: times may"),
            ("/Date(x)/", Dates::Plain, "/Date("),
            ("/Date(99999999999999999999)/", Dates::Plain, "/Date("),
            ("PM", Dates::Plain, "\"PM\""),
            ("", Dates::Plain, "is not a readable time"),
        ] {
            let rejection = read(text, dates).unwrap_err();
            assert_eq!(rejection.code, Fault::InvalidTime, "{text}");
            assert!(rejection.message.contains(told), "{text}: {}", rejection.message);
        }
        assert_eq!(
            read("1/1/1970 4:05:45 PM", Dates::Plain).unwrap_err().code,
            Fault::TimeOutOfRange
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", digits in "[-0-9/.]{0,12}[, ]{0,2}[0-9:.]{0,16} ?([AP]M)?") {
            for dates in Dates::ALL {
                let _ = read(&text, *dates);
                let _ = read(&digits, *dates);
                let _ = read(&format!("/Date({text})/"), *dates);
            }
        }
    }
}
