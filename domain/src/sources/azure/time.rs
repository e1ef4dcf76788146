//! Times as Microsoft's exports write them.

use crate::Fault;
use crate::period::parse_time;
use crate::sources::Rejection;
use crate::sources::time::in_range;
use chrono::{DateTime, NaiveDateTime, Utc};

/// How the Azure portal writes times into a CSV in American English, its own language. Other
/// languages of the portal put the day first and leave out `AM`: those are refused, not guessed.
const PORTAL: &str = "%m/%d/%Y, %I:%M:%S%.f %p";

/// Reads a time: RFC 3339 with up to seven fractional digits, without a zone UTC; or the portal's.
pub(super) fn log_time(
    field: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Rejection> {
    let time = parse_time(text).or_else(|message| {
        if text.ends_with("AM") || text.ends_with("PM") {
            NaiveDateTime::parse_from_str(text, PORTAL)
                .map(|time| time.and_utc())
                .map_err(|_| message)
        } else {
            Err(message)
        }
    });
    let time = time.map_err(|message| Rejection::new(Fault::InvalidTime, field, message))?;
    in_range(field, time, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_ways_to_write_one_time() {
        let now = parse_time("2026-11-20").unwrap();
        let expected = parse_time("2020-12-01T16:05:45.659Z").unwrap();
        for text in [
            "2020-12-01T16:05:45.6590000Z",
            "2020-12-01T16:05:45.6590007Z",
            "2020-12-01T16:05:45.659",
            "2020-12-01 16:05:45.659",
            "2020-12-01T17:05:45.659+01:00",
            "12/1/2020, 4:05:45.659 PM",
        ] {
            assert_eq!(log_time("time", text, now), Ok(expected), "{text}");
        }
        for text in ["1/12/2020, 16:05:45", "13/12/2020, 4:05:45 PM", "PM", ""] {
            assert_eq!(log_time("time", text, now).unwrap_err().code, Fault::InvalidTime, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", digits in "[0-9/]{0,12}, [0-9:.]{0,16} [AP]M") {
            let now = parse_time("2026-11-20").unwrap();
            let _ = log_time("time", &text, now);
            let _ = log_time("time", &digits, now);
        }
    }
}
