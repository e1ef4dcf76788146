//! How often one may try to sign in: a delay that grows with each failure of one account from one
//! address, and a budget for each address. Kept in memory, bounded: what it forgets on a restart
//! is worth less than a write for every guess.

use chrono::{DateTime, TimeDelta, Utc};
use domain::network::Network;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;

/// The first failure in a row that brings a delay; those before it are typing errors.
const DELAYED: u32 = 3;
/// Its delay; each further failure doubles it.
const FIRST: TimeDelta = TimeDelta::seconds(1);
/// The longest delay.
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// Failures are forgotten this long after their delay.
const FORGET: TimeDelta = TimeDelta::hours(1);
/// Attempts that one address may make in a row, whatever the accounts.
const BUDGET: i32 = 30;
/// The time after which an address may make one more.
const REFILL: TimeDelta = TimeDelta::seconds(20);
/// Most accounts and addresses remembered; over it, those whose time is up first are forgotten.
const MOST: usize = 50_000;

/// One has to wait this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How long, at least a second.
    pub time: TimeDelta,
    /// Whether it is the address's budget that is used up, and not only this account's delay.
    pub address: bool,
}

/// The failures of an account from an address.
#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    until: DateTime<Utc>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Throttle {
    hasher: RandomState,
    /// By a hash of account and address: an attacker's text takes no room here.
    failures: HashMap<u64, Failures>,
    /// When each address's budget is whole again.
    budgets: HashMap<Network, DateTime<Utc>>,
}

impl Throttle {
    /// Asks to try once, and counts it as failed until [`Throttle::forgive`] says otherwise, so
    /// that attempts at the same time count too.
    ///
    /// # Errors
    /// How long to wait first. Trying while one has to wait lengthens no delay, but takes from
    /// the address's budget.
    pub fn ask(&mut self, account: &str, from: IpAddr, now: DateTime<Utc>) -> Result<(), Wait> {
        self.make_room(now);
        let from = Network::of_subscriber(from);
        let whole = self.budgets.entry(from).or_insert(now);
        let used = (*whole).max(now) + REFILL;
        let over = used - now - REFILL * BUDGET;
        if over > TimeDelta::zero() {
            return Err(Wait { time: at_least_a_second(over), address: true });
        }
        *whole = used;

        let key = self.hasher.hash_one((account, from));
        let failures = self.failures.entry(key).or_insert(Failures { count: 0, until: now });
        if failures.until > now {
            let time = at_least_a_second(failures.until - now);
            return Err(Wait { time, address: false });
        }
        let forgotten = failures.until + FORGET <= now;
        failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
        failures.until = now + delay(failures.count);
        Ok(())
    }

    /// The attempt succeeded: the account's failures from there are forgotten and the address has
    /// its attempt back.
    pub fn forgive(&mut self, account: &str, from: IpAddr) {
        let from = Network::of_subscriber(from);
        self.failures.remove(&self.hasher.hash_one((account, from)));
        if let Some(whole) = self.budgets.get_mut(&from) {
            *whole -= REFILL;
        }
    }

    fn make_room(&mut self, now: DateTime<Utc>) {
        if self.failures.len() >= MOST {
            self.failures.retain(|_, failures| failures.until + FORGET > now);
            halve(&mut self.failures, |failures| failures.until);
        }
        if self.budgets.len() >= MOST {
            self.budgets.retain(|_, whole| *whole > now);
            halve(&mut self.budgets, |whole| *whole);
        }
    }
}

/// The delay after so many failures.
fn delay(failures: u32) -> TimeDelta {
    match failures.checked_sub(DELAYED) {
        None => TimeDelta::zero(),
        Some(doublings) => (FIRST * 2_i32.pow(doublings.min(20))).min(LONGEST),
    }
}

fn at_least_a_second(time: TimeDelta) -> TimeDelta {
    time.max(TimeDelta::seconds(1))
}

/// Drops the half whose time is up first, if there are too many.
fn halve<K: Hash + Eq + Copy, V>(map: &mut HashMap<K, V>, until: impl Fn(&V) -> DateTime<Utc>) {
    if map.len() < MOST {
        return;
    }
    let mut times: Vec<_> = map.values().map(&until).collect();
    let (_, &mut middle, _) = times.select_nth_unstable(MOST / 2);
    map.retain(|_, value| until(value) > middle);
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_delay_doubles_up_to_its_longest() {
        let seconds: Vec<_> = (0..16).map(|n| delay(n).num_seconds()).collect();
        assert_eq!(seconds, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(delay(u32::MAX), LONGEST);
    }

    #[test]
    fn one_account_from_one_address_waits_longer_each_time() {
        let (mut throttle, from, mut now) = (Throttle::default(), ip("192.0.2.1"), noon());
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", from, now), Ok(()));
        }
        for seconds in [1, 2, 4, 8] {
            let wait = Wait { time: TimeDelta::seconds(seconds), address: false };
            assert_eq!(throttle.ask("a", from, now), Err(wait));
            assert_eq!(throttle.ask("b", from, now), Ok(()), "another account");
            throttle.forgive("b", from);
            assert_eq!(throttle.ask("a", ip("192.0.2.2"), now), Ok(()), "another address");
            throttle.forgive("a", ip("192.0.2.2"));
            now += wait.time;
            assert_eq!(throttle.ask("a", from, now), Ok(()), "after the wait");
        }
    }

    #[test]
    fn success_and_time_forgive() {
        let (mut throttle, from) = (Throttle::default(), ip("192.0.2.1"));
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", from, noon()), Ok(()));
        }
        throttle.forgive("a", from);
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", from, noon()), Ok(()));
        }
        let later = noon() + FORGET + TimeDelta::seconds(1);
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", from, later), Ok(()));
        }
        assert!(throttle.ask("a", from, later).is_err());
    }

    #[test]
    fn an_address_has_a_budget_over_all_accounts() {
        let mut throttle = Throttle::default();
        for n in 0..30_u16 {
            // Neighbours in one /64 are one subscriber.
            let from = ip(&format!("2001:db8::{n:x}"));
            assert_eq!(throttle.ask(&n.to_string(), from, noon()), Ok(()));
        }
        let from = ip("2001:db8::ffff");
        let wait = Wait { time: REFILL, address: true };
        assert_eq!(throttle.ask("x", from, noon()), Err(wait));
        assert_eq!(throttle.ask("x", ip("2001:db8:0:1::1"), noon()), Ok(()));
        assert_eq!(throttle.ask("x", from, noon() + REFILL), Ok(()));
        assert!(throttle.ask("y", from, noon() + REFILL).is_err());
    }

    #[test]
    fn memory_is_bounded_whoever_knocks() {
        let mut throttle = Throttle::default();
        for n in 0..120_000_u32 {
            let from = IpAddr::from(n.to_be_bytes());
            assert_eq!(throttle.ask(&n.to_string(), from, noon()), Ok(()));
        }
        assert!(throttle.failures.len() <= MOST && throttle.budgets.len() <= MOST);
    }
}
