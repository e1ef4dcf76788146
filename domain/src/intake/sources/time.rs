//! The accepted range of event times.

use super::Rejection;
use crate::Fault;
use crate::period::parse_time;
use chrono::{DateTime, Datelike, Duration, Utc};

/// Reads an event's time: from 2000-01-01 to 24 hours after `now` (contract, section 3).
pub(crate) fn event_time(
    field: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Rejection> {
    let time =
        parse_time(text).map_err(|message| Rejection::new(Fault::InvalidTime, field, message))?;
    in_range(field, time, now)
}

/// Refuses impossible event times: unset clocks write year 1 or 1970, and `9999-12-31` stands for
/// "never".
pub(crate) fn in_range(
    field: &str,
    time: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Rejection> {
    if time.year() < 2000 || time - now > Duration::hours(24) {
        let words = "must lie between 2000-01-01 and 24 hours from now";
        return Err(Rejection::new(Fault::TimeOutOfRange, field, words));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges() {
        let now = parse_time("2026-11-20T09:30:00Z").unwrap();
        for (text, code) in [
            ("2000-01-01T00:00:00Z", None),
            ("1999-12-31T23:59:59.999999Z", Some(Fault::TimeOutOfRange)),
            ("2026-11-21T09:30:00Z", None),
            ("2026-11-21T09:30:00.000001Z", Some(Fault::TimeOutOfRange)),
            ("0001-01-01T00:00:00Z", Some(Fault::TimeOutOfRange)),
            ("9999-12-31T23:59:59.9999999Z", Some(Fault::TimeOutOfRange)),
            ("today", Some(Fault::InvalidTime)),
        ] {
            let got = event_time("time", text, now).err().map(|refusal| refusal.code);
            assert_eq!(got, code, "{text}");
        }
    }
}
