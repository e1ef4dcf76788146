//! What leaves at once and what leaves together, and when a message is tried again.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long alerts of one kind are gathered after a first one.
const GATHER: TimeDelta = TimeDelta::seconds(60);
/// How long a message is tried, in hours.
pub const GIVE_UP_HOURS: i64 = 24;
/// The first wait between two tries; each is three times the one before.
const FIRST_WAIT: i64 = 10;
/// The longest wait between two tries, in seconds.
const LONGEST_WAIT: i64 = 2 * 3_600;

/// The minute after a first alert of a kind, for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it ends: what it gathered leaves then.
    pub ends: DateTime<Utc>,
    /// The message that gathers; none as long as only the first alert has come.
    pub gathers: Option<Uuid>,
}

/// What becomes of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// A message of its own, due at once; a new minute ends then.
    First {
        /// When the minute that now begins ends.
        ends: DateTime<Utc>,
    },
    /// A message of its own that waits for others, due at the minute's end.
    Gather {
        /// When it is due.
        due: DateTime<Utc>,
    },
    /// Another for the message that gathers.
    Append(Uuid),
}

impl Window {
    /// A window that is over: the next alert is a first.
    pub fn over(now: DateTime<Utc>) -> Self {
        Self { ends: now, gathers: None }
    }

    /// What becomes of an alert now.
    pub fn fold(self, now: DateTime<Utc>) -> Fold {
        match self.gathers {
            _ if window_over(self.ends, now) => Fold::First { ends: now + GATHER },
            None => Fold::Gather { due: self.ends },
            Some(message) => Fold::Append(message),
        }
    }
}

/// Whether a minute that ends then is over now. One that ends later than a minute from now was
/// begun by a clock that has been put back since, and holds nothing up.
fn window_over(ends: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    ends <= now || ends - now > GATHER
}

/// When a message is tried again that has failed `attempts` times and was first due `since`;
/// `None` when it is given up: it has been tried for 24 hours, the last time at their end.
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

    /// Applies alerts at some seconds; what left: when, and how many alerts it told of.
    fn run(times: &[i64]) -> Vec<(i64, u64)> {
        let mut window = Window::over(at(times[0]));
        let mut messages: Vec<(DateTime<Utc>, u64)> = Vec::new();
        for &time in times {
            match window.fold(at(time)) {
                Fold::First { ends } => {
                    messages.push((at(time), 1));
                    window = Window { ends, gathers: None };
                }
                Fold::Gather { due } => {
                    messages.push((due, 1));
                    window.gathers = Some(Uuid::from_u128(messages.len() as u128 - 1));
                }
                Fold::Append(message) => {
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
        assert_eq!(window.fold(at(0)), Fold::First { ends: at(60) });
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
            // In any minute: at most one that went at once, and one that gathered.
            for (at, (due, _)) in sent.iter().enumerate() {
                let within = sent[at..].iter().filter(|(other, _)| other - due < 60).count();
                prop_assert!(within <= 3, "{:?}", sent);
            }
            prop_assert!(sent.iter().all(|(due, _)| *due <= times[times.len() - 1] + 60));
        }
    }
}
