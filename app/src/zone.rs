//! The time zone of a page: what its address says (`?tz=`), else the account's, else UTC.

mod api;
mod field;

pub use api::{ChooseZone, choose_zone};
pub use field::ZoneField;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::zone::{Style, Zone};
use domain::{Fault, Invalid, Period};
use engine::accounts::Account;
use http::request::Parts;
use leptos::prelude::*;

/// The name in addresses.
pub const NAME: &str = "tz";

/// The zone that times on this page are shown in and typed times are read in. UTC outside a
/// request.
pub fn current() -> Zone {
    use_context::<Zone>().unwrap_or_else(of_request)
}

/// The zone of the present request, from its address and its account. Where the address names none
/// that there is, the account's: [`read`] says what is wrong.
pub fn of_request() -> Zone {
    let account = use_context::<Account>().map(|account| account.zone).unwrap_or_default();
    let query = use_context::<Parts>()
        .and_then(|parts| parts.uri.query().map(str::to_owned))
        .unwrap_or_default();
    of(&query, account)
}

/// The zone of a query string (without `?`) asked for by an account with this zone.
pub fn of(query: &str, account: Zone) -> Zone {
    read(&typed(query)).ok().flatten().unwrap_or(account)
}

/// What a query string says of the zone, as typed; of a name given twice the last counts.
pub fn typed(query: &str) -> String {
    let named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == NAME);
    named.last().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// Reads a typed zone; nothing typed is none.
///
/// # Errors
/// In field `tz`, with what is allowed.
pub fn read(typed: &str) -> Result<Option<Zone>, Invalid> {
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = |allowed: &str| {
        Invalid::one(NAME, Fault::InvalidChoice, format!("The time zone {allowed}."))
    };
    typed.parse().map(Some).map_err(wrong)
}

/// [`Period::read`] with times without an offset read in the page's zone.
///
/// # Errors
/// See [`Period::read`].
pub fn period(
    range: Option<&str>,
    from: Option<&str>,
    to: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Period, Invalid> {
    let zone = current();
    Period::read_with(range, from, to, now, |text| zone.read(text))
}

/// A typed time with its offset, unless the zone is UTC, so that it means the same in every zone; what cannot be read, or
/// is empty, stays as it was typed.
pub fn absolute(typed: &str) -> String {
    let zone = current();
    match zone.read(typed) {
        // Without an offset UTC is meant everywhere else too.
        Ok(time) if !zone.is_utc() => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        _ => typed.to_owned(),
    }
}

/// An instant to the minute, in the page's zone: `1 Dec 2020, 01:00 CET`.
pub fn moment(time: DateTime<Utc>) -> String {
    current().format(time, Style::Moment)
}

/// An instant to the second, in the page's zone: `2020-12-01 01:00:00 CET`.
pub fn exact(time: DateTime<Utc>) -> String {
    current().format(time, Style::Exact)
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
            assert_eq!(exact(now), "2026-11-21 01:00:00 CET");
            let day = period(None, Some("2026-03-29"), Some("2026-03-30"), now).unwrap();
            assert_eq!(day.length(), chrono::Duration::hours(23));
            assert_eq!(absolute("2026-07-01T12:00"), "2026-07-01T10:00:00Z");
            assert_eq!(absolute("2026-07-01T12:00:00Z"), "2026-07-01T12:00:00Z");
            assert_eq!((absolute("noon").as_str(), absolute("").as_str()), ("noon", ""));
            assert!(period(None, Some("nonsense"), None, now).is_err());
        });
    }
}
