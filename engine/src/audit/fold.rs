//! Counts refusals per caller: the first ones in a minute are written one by one, the rest as a
//! count at its end. The state is bounded and kept in memory.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{Activity, By, Change};
use domain::network::Network;
use serde_json::json;
use std::collections::HashMap;

/// Refusals of one caller in one minute that each get an entry.
pub(super) const SINGLE: u32 = 20;
/// How long further refusals are collected.
const GATHER: TimeDelta = TimeDelta::minutes(1);
/// Most callers remembered; all others are counted together.
const MOST: usize = 10_000;

/// One caller: who, from which network, and what they tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct RefusedCaller {
    actor: String,
    from: Option<Network>,
    activity: Activity,
}

#[derive(Debug)]
struct Count {
    by: By,
    since: DateTime<Utc>,
    times: u32,
}

/// The callers of the last minute.
#[derive(Debug, Default)]
pub(super) struct RecentCallers {
    callers: HashMap<RefusedCaller, Count>,
}

impl RecentCallers {
    /// Counts a refusal; returns whether it gets an entry of its own, or is only counted.
    pub(super) fn is_single(&mut self, by: &By, change: &Change, now: DateTime<Utc>) -> bool {
        let mut caller = RefusedCaller {
            actor: by.actor.to_string(),
            from: by.ip.map(Network::of_subscriber),
            activity: change.activity,
        };
        let mut by = by.clone();
        if self.callers.len() >= MOST && !self.callers.contains_key(&caller) {
            by = By { ip: None, ..By::own() };
            caller = RefusedCaller { actor: String::new(), from: None, activity: change.activity };
        }
        let count = self.callers.entry(caller).or_insert(Count { by, since: now, times: 0 });
        if now - count.since >= GATHER && count.times <= SINGLE {
            // No count from the last minute waits to be written.
            (count.since, count.times) = (now, 0);
        }
        count.times = count.times.saturating_add(1);
        count.times <= SINGLE
    }

    /// The entries for callers whose minute is over; their counts restart.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Vec<(By, Change)> {
        let mut entries = Vec::new();
        self.callers.retain(|caller, count| {
            if now - count.since < GATHER {
                return true;
            }
            if let Some(times) = count.times.checked_sub(SINGLE).filter(|times| *times > 0) {
                let change = Change::new(caller.activity, "more of the same")
                    .after(json!({ "times": times, "since": count.since.to_rfc3339() }));
                entries.push((count.by.clone(), change));
            }
            false
        });
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use testkit::noon;

    #[test]
    fn a_few_are_told_one_by_one_the_rest_as_a_number() {
        let mut fold = RecentCallers::default();
        let by = |last: u8| By::unknown(IpAddr::from([192, 0, 2, last]));
        let refused = Change::new(Activity::SignInRefused, "x");
        let mut take = |by: &By, now| fold.is_single(by, &refused, now);
        let takes: Vec<_> = (0..25).map(|_| take(&by(1), noon())).collect();
        assert_eq!(takes.iter().filter(|single| **single).count(), 20);
        assert!(take(&by(2), noon()), "another address");
        // A late refusal does not drop a count that waits to be written.
        assert!(!take(&by(1), noon() + GATHER));
        assert!(take(&by(2), noon() + GATHER));

        let due = fold.due(noon() + GATHER);
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].0, by(1));
        assert_eq!(due[0].1.after.as_ref().unwrap()["times"], 6);
        assert_eq!(fold.due(noon() + GATHER), []);
        assert!(fold.is_single(&by(1), &refused, noon() + GATHER), "anew");
    }

    #[test]
    fn memory_is_bounded_whoever_knocks() {
        let mut fold = RecentCallers::default();
        let refused = Change::new(Activity::SignInRefused, "x");
        for n in 0..30_000_u32 {
            fold.is_single(&By::unknown(IpAddr::from(n.to_be_bytes())), &refused, noon());
        }
        assert!(fold.callers.len() <= MOST + 1);
        let due = fold.due(noon() + GATHER);
        assert_eq!(due.len(), 1, "callers beyond the limit count as one");
        assert_eq!(due[0].1.after.as_ref().unwrap()["times"], 30_000 - MOST as u32 - SINGLE);
    }
}
