//! The gate's time: read under the lock that decides, and never decreasing.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Instant;

/// How far another server's clock may be ahead of this one for its sends to count at once. If it is
/// further ahead, they count when their time comes.
const SKEW: TimeDelta = TimeDelta::seconds(10);

/// Orders decisions. Everything counted has a time at or before the next decision, so a window that
/// ends now contains all of it.
#[derive(Debug)]
pub(super) struct Time {
    last: DateTime<Utc>,
    read: Instant,
}

impl Time {
    pub(super) fn new(wall: DateTime<Utc>) -> Self {
        Self { last: wall, read: Instant::now() }
    }

    /// The time of the next decision, given the machine's clock. If that clock was set back, time
    /// runs at half speed until the clock has caught up, so windows still move on.
    pub(super) fn next(&mut self, wall: DateTime<Utc>) -> DateTime<Utc> {
        self.next_at(wall, Instant::now())
    }

    fn next_at(&mut self, wall: DateTime<Utc>, read: Instant) -> DateTime<Utc> {
        let passed = read.saturating_duration_since(self.read);
        self.read = read;
        self.last = if wall >= self.last {
            wall
        } else {
            let half = i64::try_from(passed.as_micros() / 2).unwrap_or(0);
            self.last + TimeDelta::microseconds(half)
        };
        self.last
    }

    /// Another server sent something at this time (µs since 1970): the next decision here is not
    /// earlier.
    pub(super) fn seen(&mut self, other: i64, wall: DateTime<Utc>) {
        let other = DateTime::from_timestamp_micros(other).unwrap_or(self.last);
        if other <= wall + SKEW {
            self.last = self.last.max(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use testkit::noon;

    #[test]
    fn it_never_goes_back_and_never_stands_still() {
        let begun = Instant::now();
        let mut time = Time { last: noon(), read: begun };
        let after = |seconds| begun + Duration::from_secs(seconds);
        let at = |seconds| noon() + TimeDelta::seconds(seconds);
        assert_eq!(time.next_at(at(2), after(2)), at(2));
        // The clock is set back by an hour: half speed, for two hours.
        assert_eq!(time.next_at(at(-3_596), after(4)), at(3));
        assert_eq!(time.next_at(at(0), after(3_604)), at(1_803));
        assert_eq!(time.next_at(at(3_604), after(7_208)), at(3_604), "it has caught up");
        assert_eq!(time.next_at(at(3_606), after(7_210)), at(3_606));
        // Other servers' clocks are a little ahead, or far ahead.
        time.seen(at(3_610).timestamp_micros(), at(3_606));
        assert_eq!(time.next_at(at(3_606), after(7_210)), at(3_610));
        time.seen(at(9_999).timestamp_micros(), at(3_606));
        assert_eq!(time.next_at(at(3_606), after(7_210)), at(3_610));
    }
}
