//! Detects sources that stopped sending.

use chrono::{DateTime, TimeDelta, Utc};

/// A source must have been active this long before silence means anything.
const KNOWN_FOR: TimeDelta = TimeDelta::hours(1);
/// Shorter silences are not worth a banner.
const AT_LEAST: TimeDelta = TimeDelta::minutes(15);

/// How long a source has been silent, if longer than ever before. Sources that only came in files
/// are never silent.
pub fn silent_for(
    live: bool,
    first_received: DateTime<Utc>,
    last_received: DateTime<Utc>,
    longest_silence: TimeDelta,
    now: DateTime<Utc>,
) -> Option<TimeDelta> {
    let silent = now - last_received;
    let known = last_received - first_received >= KNOWN_FOR;
    (live && known && silent > longest_silence.max(AT_LEAST)).then_some(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_longer_than_ever() {
        let at = |minutes: i64| DateTime::from_timestamp(1_700_000_000 + minutes * 60, 0).unwrap();
        let after = |minutes: i64, longest: i64| {
            silent_for(true, at(0), at(600), TimeDelta::minutes(longest), at(600 + minutes))
        };
        assert_eq!(after(40, 30), Some(TimeDelta::minutes(40)));
        assert_eq!(after(30, 30), None);
        assert_eq!(after(14, 1), None, "under a quarter of an hour");
        let files = silent_for(false, at(0), at(600), TimeDelta::zero(), at(9_999));
        assert_eq!(files, None);
        let new = silent_for(true, at(0), at(10), TimeDelta::zero(), at(9_999));
        assert_eq!(new, None, "heard of for ten minutes only");
    }
}
