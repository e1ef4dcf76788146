//! How often one may try to sign in: a delay that grows with each failure of one account from one
//! address, a shorter one for all addresses that nobody signed in from, and a budget for each
//! address. A browser that signed in before has a delay of its own, so that nobody else's guesses
//! hold it up. Kept in memory, bounded: what it forgets on a restart
//! is worth less than a write for every guess.

use chrono::{DateTime, TimeDelta, Utc};
use domain::network::Network;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;

/// How failures bring delays.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// The first failure in a row that brings one.
    delayed: u32,
    /// The longest.
    longest: TimeDelta,
}

/// Of one account by one way: the failures before are typing errors.
const OWN: Pace = Pace { delayed: 3, longest: TimeDelta::minutes(15) };
/// Of one account from everywhere: the failures before are its holder's typing errors, and others',
/// on browsers that never signed in. At this pace a password of 10^8 guesses lasts for 190 years,
/// and a holder on a new browser waits a minute.
const EVERYWHERE: Pace = Pace { delayed: 11, longest: TimeDelta::minutes(1) };
/// The first delay; each further failure doubles it.
const FIRST: TimeDelta = TimeDelta::seconds(1);
/// Wrong passwords of one account within [`FORGET`] that admins are told of.
pub const GUESSED: u32 = 10;
/// Failures are forgotten this long after their delay.
const FORGET: TimeDelta = TimeDelta::hours(1);
/// Attempts that one address may make in a row, whatever the accounts.
const BUDGET: i32 = 30;
/// The time after which an address may make one more.
const REFILL: TimeDelta = TimeDelta::seconds(20);
/// How long an address is one that somebody signed in from.
const HOME: TimeDelta = TimeDelta::days(30);
/// Most accounts and addresses remembered; over it, those whose time is up first are forgotten.
const MOST: usize = 50_000;

impl Pace {
    /// The delay after so many failures.
    fn delay(self, failures: u32) -> TimeDelta {
        match failures.checked_sub(self.delayed) {
            None => TimeDelta::zero(),
            Some(doublings) => (FIRST * 2_i32.pow(doublings.min(20))).min(self.longest),
        }
    }
}

/// By which right somebody tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From a browser that nobody is known to have signed in on.
    Stranger(IpAddr),
    /// From a browser that has signed in to this account.
    Known,
    /// In a session of this account, where the password is asked for again.
    Session,
}

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
    /// Of an account from everywhere, by its hash.
    everywhere: HashMap<u64, Failures>,
    /// When an account's hour of wrong passwords began, and how many there were in it.
    guesses: HashMap<u64, (DateTime<Utc>, u32)>,
    /// Networks that somebody signed in from, and when.
    homes: HashMap<Network, DateTime<Utc>>,
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
    pub fn ask(&mut self, account: &str, way: Way, now: DateTime<Utc>) -> Result<(), Wait> {
        self.make_room(now);
        let (own, all) = (self.own(account, way), self.hasher.hash_one(account));
        if let Way::Stranger(from) = way {
            self.spend(from, now)?;
            waits(self.everywhere.get(&all), now)?;
        }
        waits(self.failures.get(&own), now)?;
        count(&mut self.failures, own, now, OWN);
        if matches!(way, Way::Stranger(_)) {
            count(&mut self.everywhere, all, now, EVERYWHERE);
        }
        Ok(())
    }

    /// Takes one attempt from an address's budget.
    fn spend(&mut self, from: IpAddr, now: DateTime<Utc>) -> Result<(), Wait> {
        let whole = self.budgets.entry(Network::of_subscriber(from)).or_insert(now);
        let used = (*whole).max(now) + REFILL;
        let over = used - now - REFILL * BUDGET;
        if over > TimeDelta::zero() {
            return Err(Wait { time: at_least_a_second(over), address: true });
        }
        *whole = used;
        Ok(())
    }

    /// The attempt succeeded: the account's failures from there are forgotten, and the address has
    /// its attempt back. Of the failures from everywhere only this one is: the others were others'.
    pub fn forgive(&mut self, account: &str, way: Way, now: DateTime<Utc>) {
        self.failures.remove(&self.own(account, way));
        let Way::Stranger(from) = way else { return };
        if let Some(all) = self.everywhere.get_mut(&self.hasher.hash_one(account)) {
            all.until -= EVERYWHERE.delay(all.count);
            all.count = all.count.saturating_sub(1);
        }
        let from = Network::of_subscriber(from);
        if let Some(whole) = self.budgets.get_mut(&from) {
            *whole -= REFILL;
        }
        self.homes.insert(from, now);
    }

    /// Whether somebody signed in from there lately.
    pub fn is_home(&self, from: IpAddr, now: DateTime<Utc>) -> bool {
        let since = self.homes.get(&Network::of_subscriber(from));
        since.is_some_and(|since| now - *since < HOME)
    }

    /// Counts a wrong password; whether it is the one that admins are told of.
    pub fn guessed(&mut self, account: &str, now: DateTime<Utc>) -> bool {
        let hour = self.guesses.entry(self.hasher.hash_one(account)).or_insert((now, 0));
        if hour.0 + FORGET <= now {
            *hour = (now, 0);
        }
        hour.1 = hour.1.saturating_add(1);
        hour.1 == GUESSED
    }

    /// Where the failures of an account by one way are kept.
    fn own(&self, account: &str, way: Way) -> u64 {
        let way = match way {
            Way::Stranger(from) => Err(Network::of_subscriber(from)),
            known => Ok(known),
        };
        self.hasher.hash_one((account, way))
    }

    fn make_room(&mut self, now: DateTime<Utc>) {
        if self.failures.len() >= MOST {
            self.failures.retain(|_, failures| failures.until + FORGET > now);
            halve(&mut self.failures, |failures| failures.until);
        }
        if self.everywhere.len() >= MOST {
            self.everywhere.retain(|_, failures| failures.until + FORGET > now);
            halve(&mut self.everywhere, |failures| failures.until);
        }
        if self.guesses.len() >= MOST {
            self.guesses.retain(|_, (begun, _)| *begun + FORGET > now);
            halve(&mut self.guesses, |(begun, _)| *begun);
        }
        if self.homes.len() >= MOST {
            halve(&mut self.homes, |since| *since);
        }
        if self.budgets.len() >= MOST {
            self.budgets.retain(|_, whole| *whole > now);
            halve(&mut self.budgets, |whole| *whole);
        }
    }
}

fn waits(failures: Option<&Failures>, now: DateTime<Utc>) -> Result<(), Wait> {
    match failures.filter(|failures| failures.until > now) {
        Some(failures) => {
            Err(Wait { time: at_least_a_second(failures.until - now), address: false })
        }
        None => Ok(()),
    }
}

fn count(map: &mut HashMap<u64, Failures>, key: u64, now: DateTime<Utc>, pace: Pace) {
    let failures = map.entry(key).or_insert(Failures { count: 0, until: now });
    let forgotten = failures.until + FORGET <= now;
    failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
    failures.until = now + pace.delay(failures.count);
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
    use testkit::noon;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_delay_doubles_up_to_its_longest() {
        let seconds: Vec<_> = (0..16).map(|n| OWN.delay(n).num_seconds()).collect();
        assert_eq!(seconds, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(OWN.delay(u32::MAX), OWN.longest);
    }

    #[test]
    fn one_account_from_one_address_waits_longer_each_time() {
        let (mut throttle, from, mut now) = (Throttle::default(), ip("192.0.2.1"), noon());
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", Way::Stranger(from), now), Ok(()));
        }
        for seconds in [1, 2, 4, 8] {
            let wait = Wait { time: TimeDelta::seconds(seconds), address: false };
            assert_eq!(throttle.ask("a", Way::Stranger(from), now), Err(wait));
            assert_eq!(throttle.ask("b", Way::Stranger(from), now), Ok(()), "another account");
            throttle.forgive("b", Way::Stranger(from), now);
            assert_eq!(
                throttle.ask("a", Way::Stranger(ip("192.0.2.2")), now),
                Ok(()),
                "another address"
            );
            throttle.forgive("a", Way::Stranger(ip("192.0.2.2")), now);
            now += wait.time;
            assert_eq!(throttle.ask("a", Way::Stranger(from), now), Ok(()), "after the wait");
        }
    }

    #[test]
    fn success_and_time_forgive() {
        let (mut throttle, from) = (Throttle::default(), ip("192.0.2.1"));
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", Way::Stranger(from), noon()), Ok(()));
        }
        throttle.forgive("a", Way::Stranger(from), noon());
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", Way::Stranger(from), noon()), Ok(()));
        }
        let later = noon() + FORGET + TimeDelta::seconds(1);
        for _ in 0..3 {
            assert_eq!(throttle.ask("a", Way::Stranger(from), later), Ok(()));
        }
        assert!(throttle.ask("a", Way::Stranger(from), later).is_err());
    }

    #[test]
    fn an_address_has_a_budget_over_all_accounts() {
        let mut throttle = Throttle::default();
        for n in 0..30_u16 {
            // Neighbours in one /64 are one subscriber.
            let from = ip(&format!("2001:db8::{n:x}"));
            assert_eq!(throttle.ask(&n.to_string(), Way::Stranger(from), noon()), Ok(()));
        }
        let from = ip("2001:db8::ffff");
        let wait = Wait { time: REFILL, address: true };
        assert_eq!(throttle.ask("x", Way::Stranger(from), noon()), Err(wait));
        assert_eq!(throttle.ask("x", Way::Stranger(ip("2001:db8:0:1::1")), noon()), Ok(()));
        assert_eq!(throttle.ask("x", Way::Stranger(from), noon() + REFILL), Ok(()));
        assert!(throttle.ask("y", Way::Stranger(from), noon() + REFILL).is_err());
    }

    #[test]
    fn guessing_from_everywhere_is_slowed_and_known_browsers_pass() {
        let (mut throttle, mut now) = (Throttle::default(), noon());
        let stranger = |n: u16| Way::Stranger(ip(&format!("10.1.{}.{}", n / 250, n % 250)));
        let mut passed = 0;
        // An hour of guesses, one a second, each from another address.
        for n in 0..3_600 {
            passed += u32::from(throttle.ask("a", stranger(n), now).is_ok());
            for way in [Way::Known, Way::Session] {
                assert_eq!(throttle.ask("a", way, now), Ok(()), "second {n}");
                throttle.forgive("a", way, now);
            }
            now += TimeDelta::seconds(1);
        }
        assert!((60..=80).contains(&passed), "{passed}");
        assert_eq!(throttle.ask("b", stranger(1), now), Ok(()), "another account");
        // Guesses on a known browser wait as well, by a delay of their own.
        for _ in 0..3 {
            assert_eq!(throttle.ask("b", Way::Known, now), Ok(()));
        }
        assert!(throttle.ask("b", Way::Known, now).is_err());
        assert_eq!(throttle.ask("b", Way::Session, now), Ok(()));
    }

    #[test]
    fn success_takes_back_its_own_failure_alone() {
        let (mut throttle, now) = (Throttle::default(), noon());
        let stranger = |n: u8| Way::Stranger(IpAddr::from([192, 0, 2, n]));
        for n in 0..10 {
            assert_eq!(throttle.ask("a", stranger(n), now), Ok(()));
        }
        for _ in 0..5 {
            assert_eq!(throttle.ask("a", stranger(99), now), Ok(()));
            throttle.forgive("a", stranger(99), now);
        }
        assert!(throttle.is_home(ip("192.0.2.99"), now) && !throttle.is_home(ip("192.0.2.1"), now));
        assert!(!throttle.is_home(ip("192.0.2.99"), now + HOME));
        assert_eq!(throttle.ask("a", stranger(11), now), Ok(()));
        assert!(throttle.ask("a", stranger(12), now).is_err());
    }

    #[test]
    fn the_tenth_wrong_password_of_an_hour_is_told_once() {
        let mut throttle = Throttle::default();
        let told =
            |throttle: &mut Throttle, now| (0..30).filter(|_| throttle.guessed("a", now)).count();
        assert_eq!(told(&mut throttle, noon()), 1);
        assert_eq!(told(&mut throttle, noon() + TimeDelta::minutes(59)), 0);
        assert_eq!(told(&mut throttle, noon() + FORGET), 1);
        assert!((0..9).all(|_| !throttle.guessed("b", noon())));
    }

    #[test]
    fn memory_is_bounded_whoever_knocks() {
        let mut throttle = Throttle::default();
        for n in 0..120_000_u32 {
            let from = IpAddr::from(n.to_be_bytes());
            let way = Way::Stranger(from);
            assert_eq!(throttle.ask(&n.to_string(), way, noon()), Ok(()));
            throttle.guessed(&n.to_string(), noon());
            throttle.forgive(&(n + 1).to_string(), way, noon());
        }
        assert!(throttle.failures.len() <= MOST && throttle.budgets.len() <= MOST);
        assert!(throttle.everywhere.len() <= MOST && throttle.guesses.len() <= MOST);
        assert!(throttle.homes.len() <= MOST);
    }
}
