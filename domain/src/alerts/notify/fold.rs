//! Which alerts are combined, and when a message is retried.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long alerts of a kind are gathered after the first.
const GATHER: TimeDelta = TimeDelta::seconds(60);
/// How long delivery is attempted, in hours.
pub const GIVE_UP_HOURS: i64 = 24;
/// The first retry delay in seconds; each further one is three times as long.
const FIRST_WAIT: i64 = 10;
/// The longest retry delay, in seconds.
const LONGEST_WAIT: i64 = 2 * 3_600;

/// The minute after a first alert of a kind, per recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// End of the minute: the gathered message is sent then.
    pub ends: DateTime<Utc>,
    /// The message that gathers alerts; `None` until the second alert.
    pub gathers: Option<Uuid>,
}

/// What to do with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Create a message due at once, and open a new window.
    First {
        /// End of the new window.
        ends: DateTime<Utc>,
    },
    /// Create a message that gathers further alerts.
    Gather {
        /// End of the window, when it is sent.
        due: DateTime<Utc>,
    },
    /// Add to this gathering message.
    Append(Uuid),
}

impl Window {
    /// An expired window: the next alert counts as a first.
    pub fn over(now: DateTime<Utc>) -> Self {
        Self { ends: now, gathers: None }
    }

    /// Decides what to do with an alert that arrives now.
    pub fn fold(self, now: DateTime<Utc>) -> Grouping {
        match self.gathers {
            // One that ends more than a minute from now was opened by a clock since set back.
            _ if self.ends <= now || self.ends - now > GATHER => {
                Grouping::First { ends: now + GATHER }
            }
            None => Grouping::Gather { due: self.ends },
            Some(message) => Grouping::Append(message),
        }
    }
}

/// When to retry a message that has failed `attempts` times and was first due `since`; `None` once
/// 24 hours have passed, the last attempt being at their end.
pub fn retry_at(since: DateTime<Utc>, attempts: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let end = since + TimeDelta::hours(GIVE_UP_HOURS);
    if now >= end {
        return None;
    }
    let wait = 3_i64.saturating_pow(attempts.saturating_sub(1)).saturating_mul(FIRST_WAIT);
    Some((now + TimeDelta::seconds(wait.min(LONGEST_WAIT))).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    /// Simulates alerts at some seconds; returns when messages left and how many alerts each
    /// carried.
    fn run(times: &[i64]) -> Vec<(i64, u64)> {
        let mut window = Window::over(at(times[0]));
        let mut messages: Vec<(DateTime<Utc>, u64)> = Vec::new();
        for &time in times {
            match window.fold(at(time)) {
                Grouping::First { ends } => {
                    messages.push((at(time), 1));
                    window = Window { ends, gathers: None };
                }
                Grouping::Gather { due } => {
                    messages.push((due, 1));
                    window.gathers = Some(Uuid::from_u128(messages.len() as u128 - 1));
                }
                Grouping::Append(message) => {
                    messages[usize::try_from(message.as_u128()).unwrap()].1 += 1;
                }
            }
        }
        messages.into_iter().map(|(due, count)| ((due - at(0)).num_seconds(), count)).collect()
    }

    #[test]
    fn the_first_goes_at_once_and_the_rest_of_the_minute_together() {
        assert_eq!(run(&[0]), [(0, 1)]);
        assert_eq!(run(&[0, 1, 30, 59]), [(0, 1), (60, 3)]);
        assert_eq!(run(&[0, 59, 60]), [(0, 1), (60, 1), (60, 1)]);
        assert_eq!(run(&[0, 61]), [(0, 1), (61, 1)]);
        assert_eq!(run(&[0, 10, 70, 80]), [(0, 1), (60, 1), (70, 1), (130, 1)]);
    }

    #[test]
    fn a_clock_put_back_holds_nothing_up() {
        let window = Window { ends: at(3_600), gathers: None };
        assert_eq!(window.fold(at(0)), Grouping::First { ends: at(60) });
    }

    #[test]
    fn retries_grow_and_end_after_a_day() {
        let wait =
            |attempts, now| retry_at(at(0), attempts, at(now)).map(|t| (t - at(now)).num_seconds());
        assert_eq!([1, 2, 3, 4].map(|n| wait(n, 0)), [10, 30, 90, 270].map(Some));
        assert_eq!(wait(40, 0), Some(7_200));
        assert_eq!(wait(40, 86_399), Some(1), "the last try is at the end");
        assert_eq!(wait(40, 86_400), None);
        let (mut now, mut attempts) = (at(0), 0);
        while let Some(next) = retry_at(at(0), attempts + 1, now) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!(now, at(86_400));
        assert!((10..25).contains(&attempts), "{attempts} tries");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_held_or_sent_too_often(mut times in prop::collection::vec(0_i64..600, 1..200)) {
            times.sort_unstable();
            let sent = run(&times);
            let told: u64 = sent.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(told, times.len() as u64);
            prop_assert_eq!(sent[0], (times[0], 1));
            // Per minute at most one immediate message and one gathered.
            for (at, (due, _)) in sent.iter().enumerate() {
                let within = sent[at..].iter().filter(|(other, _)| other - due < 60).count();
                prop_assert!(within <= 3, "{:?}", sent);
            }
            prop_assert!(sent.iter().all(|(due, _)| *due <= times[times.len() - 1] + 60));
        }
    }
}
