//! Failed authentications: counted by address and minute, and written to the audit log with one
//! entry each when the minute is over. The state is bounded and kept in memory.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::audit::{Activity, By, Change};
use domain::network::Network;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

/// Most addresses counted separately; all others are counted together.
const MOST: usize = 1_000;
/// Most keys named in an entry.
const NAMED: usize = 20;
const MINUTE: i64 = 60;
/// Failures per minute from one address that are answered at once.
const FREE: u64 = 60;
/// Delay of the answer to further failures, which slows down guessing.
pub(super) const SLOW: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyFailure {
    /// It is not a key, or it is unknown.
    Unknown,
    /// It was revoked or has expired.
    Ended,
    /// It may not be used from this address.
    Address,
}

/// The attempts from one address in one minute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Count {
    unknown: u64,
    ended: u64,
    address: u64,
    /// Names of the existing keys among them.
    keys: BTreeSet<String>,
}

impl Count {
    fn all(&self) -> u64 {
        self.unknown + self.ended + self.address
    }

    fn add(&mut self, why: KeyFailure, key: Option<&str>) {
        match why {
            KeyFailure::Unknown => self.unknown += 1,
            KeyFailure::Ended => self.ended += 1,
            KeyFailure::Address => self.address += 1,
        }
        if let Some(key) = key.filter(|_| self.keys.len() < NAMED) {
            self.keys.insert(key.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.unknown += other.unknown;
        self.ended += other.ended;
        self.address += other.address;
        let room = NAMED.saturating_sub(self.keys.len());
        self.keys.extend(other.keys.into_iter().take(room));
    }
}

/// By minute since 1970 and the client's network; `None` for those beyond [`MOST`].
pub(super) type Minutes = HashMap<(i64, Option<IpAddr>), Count>;

/// Failures of minutes that are not in the log yet.
#[derive(Debug, Default)]
pub(super) struct Failed {
    minutes: Minutes,
}

impl Failed {
    /// Counts a failure; returns whether its answer must be delayed.
    pub(super) fn note(
        &mut self,
        why: KeyFailure,
        key: Option<&str>,
        from: IpAddr,
        now: DateTime<Utc>,
    ) -> bool {
        let minute = now.timestamp().div_euclid(MINUTE);
        let slot = self.slot(minute, Some(Network::of_subscriber(from).address()));
        slot.add(why, key);
        slot.all() > FREE
    }

    fn slot(&mut self, minute: i64, from: Option<IpAddr>) -> &mut Count {
        let room = self.minutes.len() < MOST || self.minutes.contains_key(&(minute, from));
        self.minutes.entry((minute, from.filter(|_| room))).or_default()
    }

    /// Removes and returns the minutes before a time; all, without a time.
    pub(super) fn take(&mut self, before: Option<DateTime<Utc>>) -> Minutes {
        let minute = before.map_or(i64::MAX, |time| time.timestamp().div_euclid(MINUTE));
        self.minutes.extract_if(|(of, _), _| *of < minute).collect()
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&mut self, minutes: Minutes) {
        for ((minute, from), count) in minutes {
            self.slot(minute, from).merge(count);
        }
    }
}

fn entry(minute: i64, from: Option<IpAddr>, count: &Count) -> (By, Change) {
    let since = DateTime::from_timestamp(minute.saturating_mul(MINUTE), 0).unwrap_or_default();
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let after = json!({
        "times": count.all(),
        "from": time(since),
        "to": time(since + TimeDelta::seconds(MINUTE)),
        "unknown": count.unknown,
        "ended": count.ended,
        "wrong_address": count.address,
        "keys": count.keys,
    });
    let (by, object) = match from {
        Some(from) => (By::unknown(from), "API keys"),
        None => (By::own(), "API keys, from other addresses"),
    };
    (by, Change::new(Activity::KeyRefused, object).after(after))
}

/// The entries for some minutes, in order of time and address.
pub(super) fn entries(minutes: &Minutes) -> Vec<(By, Change)> {
    let mut order: Vec<_> = minutes.iter().collect();
    order.sort_unstable_by_key(|(key, _)| **key);
    order.into_iter().map(|((at, from), count)| entry(*at, *from, count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_176_000 + second, 0).unwrap()
    }

    #[test]
    fn one_count_for_each_address_and_minute() {
        let mut failed = Failed::default();
        let from = |last: u8| IpAddr::from([192, 0, 2, last]);
        for second in [0, 1, 59, 60] {
            failed.note(KeyFailure::Unknown, None, from(1), at(second));
        }
        failed.note(KeyFailure::Ended, Some("bi"), from(1), at(2));
        failed.note(KeyFailure::Address, Some("office"), from(2), at(3));
        assert!(failed.take(Some(at(59))).is_empty(), "the minute is not over");
        let minutes = failed.take(Some(at(60)));
        let mut told: Vec<_> = minutes
            .iter()
            .map(|((at, from), count)| entry(*at, *from, count))
            .map(|(by, change)| (by.ip.unwrap(), change.after.unwrap()))
            .collect();
        told.sort_by_key(|(ip, _)| *ip);
        assert_eq!(told[0].1["times"], 4);
        assert_eq!((&told[0].1["unknown"], &told[0].1["ended"]), (&json!(3), &json!(1)));
        assert_eq!((told[1].0, &told[1].1["keys"]), (from(2), &json!(["office"])));
        failed.put_back(minutes);
        failed.note(KeyFailure::Unknown, None, from(1), at(5));
        let again = failed.take(None);
        assert_eq!(again.len(), 3);
        assert_eq!(again.values().map(|count| count.unknown).sum::<u64>(), 5);
        assert!(failed.take(None).is_empty());
    }

    #[test]
    fn whoever_tries_many_waits_and_nobody_else_does() {
        let mut failed = Failed::default();
        let from = |last: u8| IpAddr::from([192, 0, 2, last]);
        let mut note =
            |last, second| failed.note(KeyFailure::Unknown, None, from(last), at(second));
        assert!((0..60).all(|second| !note(1, second)));
        assert!(note(1, 59));
        assert!(!note(2, 59), "another address");
        assert!(!note(1, 60), "another minute");
    }

    #[test]
    fn memory_is_bounded_whoever_knocks() {
        let mut failed = Failed::default();
        for n in 0..5_000_u32 {
            let from = IpAddr::from(n.to_be_bytes());
            failed.note(KeyFailure::Address, Some(&n.to_string()), from, at(i64::from(n / 100)));
        }
        assert!(failed.minutes.len() <= MOST + 60);
        let all = failed.take(None);
        assert_eq!(all.values().map(|count| count.address).sum::<u64>(), 5_000);
        assert!(all.values().all(|count| count.keys.len() <= NAMED));
    }
}
