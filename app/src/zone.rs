//! The time zone of a page: that of its URL (`?tz=`), else the account's, else UTC.

mod api;
mod field;

pub(crate) use field::ZoneField;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::zone::{Style, Zone};
use domain::{Fault, Invalid, Period};
use engine::accounts::Account;
use http::request::Parts;
use leptos::prelude::*;

/// Name of the URL parameter.
pub(crate) const NAME: &str = "tz";

/// The zone in which this page shows times and reads typed ones. UTC outside a request.
pub(crate) fn current() -> Zone {
    use_context::<Zone>().unwrap_or_else(of_request)
}

/// The zone of the request's URL; the account's if the URL names none or an unknown one.
pub fn of_request() -> Zone {
    let account = use_context::<Account>().map(|account| account.zone).unwrap_or_default();
    let query = use_context::<Parts>()
        .and_then(|parts| parts.uri.query().map(str::to_owned))
        .unwrap_or_default();
    of(&query, account)
}

/// The zone of a query string (without `?`); else the account's.
pub(crate) fn of(query: &str, account: Zone) -> Zone {
    read(&typed(query)).ok().flatten().unwrap_or(account)
}

/// The typed zone of a query string; the last one if there are several.
pub(crate) fn typed(query: &str) -> String {
    let named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == NAME);
    named.last().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// Parses a typed zone; `None` for an empty text.
///
/// # Errors
/// An error of field `tz` for an unknown zone.
pub(crate) fn read(typed: &str) -> Result<Option<Zone>, Invalid> {
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = |allowed: &str| {
        Invalid::one(NAME, Fault::InvalidChoice, format!("The time zone {allowed}."))
    };
    typed.parse().map(Some).map_err(wrong)
}

/// [`Period::read`], with times without an offset in the page's zone.
pub(crate) fn period(
    range: Option<&str>,
    from: Option<&str>,
    to: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Period, Invalid> {
    let zone = current();
    Period::read_with(range, from, to, now, |text| zone.read(text))
}

/// Adds the offset to a typed time, so that it means the same in every zone. A text that is no time
/// stays as it is.
pub(crate) fn absolute(typed: &str) -> String {
    let zone = current();
    match zone.read(typed) {
        // A time without an offset is read as UTC everywhere else.
        Ok(time) if !zone.is_utc() => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        _ => typed.to_owned(),
    }
}

/// To the minute, in the page's zone: `1 Dec 2020, 01:00 CET`.
pub(crate) fn moment(time: DateTime<Utc>) -> String {
    current().format(time, Style::Moment)
}

/// How long a block holds: `until 1 Dec 2020, 01:00 CET`.
pub(crate) fn until(end: Option<DateTime<Utc>>) -> String {
    end.map_or_else(|| "until unblocked".to_owned(), |end| format!("until {}", moment(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    #[test]
    fn the_address_wins_over_the_account() {
        let kathmandu: Zone = "Asia/Kathmandu".parse().unwrap();
        let of = |query: &str| of(query, kathmandu).name();
        assert_eq!(of("range=7d"), "Asia/Kathmandu");
        assert_eq!(of("tz=Europe%2FBerlin&range=7d"), "Europe/Berlin");
        assert_eq!(of("tz=UTC&tz=europe/berlin"), "Europe/Berlin");
        assert_eq!(of("tz="), "Asia/Kathmandu");
        assert_eq!(of("tz=Mars"), "Asia/Kathmandu");
        assert!(read("Mars").unwrap_err().of("tz").unwrap().contains("Europe/Berlin"));
    }

    #[test]
    fn typed_ranges_are_the_zones_own() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let now = parse_time("2026-11-21").unwrap();
        Owner::new().with(|| {
            assert_eq!(moment(now), "21 Nov 2026, 00:00 UTC");
            provide_context(berlin);
            assert_eq!(moment(now), "21 Nov 2026, 01:00 CET");
            let day = period(None, Some("2026-03-29"), Some("2026-03-30"), now).unwrap();
            assert_eq!(day.length(), chrono::Duration::hours(23));
            assert_eq!(absolute("2026-07-01T12:00"), "2026-07-01T10:00:00Z");
            assert_eq!(absolute("2026-07-01T12:00:00Z"), "2026-07-01T12:00:00Z");
            assert_eq!((absolute("noon").as_str(), absolute("").as_str()), ("noon", ""));
            assert!(period(None, Some("nonsense"), None, now).is_err());
        });
    }
}
