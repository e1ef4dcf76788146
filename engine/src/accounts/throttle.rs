//! How often a client may try to sign in. There is a delay that grows with each failure for one
//! account from one address, a shorter one shared by all addresses that nobody signed in from, and
//! a budget for each address. A browser that signed in before has a separate delay, so that other
//! people's guesses do not hold it up. The state is bounded and kept in memory: what a restart
//! loses is worth less than a write for every guess.

use chrono::{DateTime, TimeDelta, Utc};
use domain::network::Network;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;

/// How fast failures lead to delays.
#[derive(Debug, Clone, Copy)]
struct DelayPace {
    /// Which failure in a row causes the first delay.
    delayed: u32,
    /// The longest delay.
    longest: TimeDelta,
}

/// For one account in one [`Way`]: earlier failures are typing errors.
const OWN: DelayPace = DelayPace { delayed: 3, longest: TimeDelta::minutes(15) };
/// For one account from everywhere: earlier failures are typing errors of its holder and of others,
/// on browsers that never signed in. At this pace a password of 10^8 guesses lasts for 190 years,
/// and a holder on a new browser waits a minute.
const EVERYWHERE: DelayPace = DelayPace { delayed: 11, longest: TimeDelta::minutes(1) };
/// The first delay; each further failure doubles it.
const FIRST: TimeDelta = TimeDelta::seconds(1);
/// Number of wrong passwords for one account within [`FORGET`] at which admins are notified.
pub(super) const GUESSED: u32 = 10;
/// Failures are forgotten this long after their delay.
const FORGET: TimeDelta = TimeDelta::hours(1);
/// Attempts that one address may make in a row, for any accounts.
const BUDGET: i32 = 30;
/// After this time an address may make one more attempt.
const REFILL: TimeDelta = TimeDelta::seconds(20);
/// How long an address counts as one that somebody signed in from.
const HOME: TimeDelta = TimeDelta::days(30);
/// Most accounts and addresses remembered; beyond that, those that expire first are forgotten.
const MOST: usize = 50_000;

impl DelayPace {
    /// The delay after this many failures.
    fn delay(self, failures: u32) -> TimeDelta {
        match failures.checked_sub(self.delayed) {
            None => TimeDelta::zero(),
            Some(doublings) => (FIRST * 2_i32.pow(doublings.min(20))).min(self.longest),
        }
    }
}

/// In which way somebody tries to sign in; each has a separate delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// From a browser that is not known to have signed in.
    Stranger(IpAddr),
    /// From a browser that has signed in to this account.
    Known,
    /// In a session of this account that asks for the password again.
    Session,
}

/// The caller has to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How long, at least one second.
    pub time: TimeDelta,
    /// Whether the address's budget is used up too, or only this account is delayed.
    pub address: bool,
}

/// The failures for an account from an address.
#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    until: DateTime<Utc>,
}

/// All failures and budgets. The times are passed in.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    hasher: RandomState,
    /// By a hash of account and address, so that text sent by an attacker takes no memory.
    failures: HashMap<u64, Failures>,
    /// Failures for an account from everywhere, by the hash of the account.
    everywhere: HashMap<u64, Failures>,
    /// Start of an account's current hour of wrong passwords, and how many there were in it.
    guesses: HashMap<u64, (DateTime<Utc>, u32)>,
    /// Networks that somebody signed in from, and when.
    homes: HashMap<Network, DateTime<Utc>>,
    /// When the budget of each address will be full again.
    budgets: HashMap<Network, DateTime<Utc>>,
}

impl Throttle {
    /// Asks for one attempt, and counts it as failed until [`Throttle::forgive`] is called, so that
    /// concurrent attempts count too.
    ///
    /// # Errors
    /// How long to wait first. An attempt during the wait does not lengthen the delay, but uses up
    /// the address's budget.
    pub(super) fn ask(&mut self, account: &str, way: Way, now: DateTime<Utc>) -> Result<(), Wait> {
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

    /// The attempt succeeded: forgets the account's failures in this way and gives the address its
    /// attempt back. Of the failures from everywhere it forgets only this one: others caused the
    /// rest.
    pub(super) fn forgive(&mut self, account: &str, way: Way, now: DateTime<Utc>) {
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

    /// Whether somebody signed in from this address recently.
    pub(super) fn is_home(&self, from: IpAddr, now: DateTime<Utc>) -> bool {
        let since = self.homes.get(&Network::of_subscriber(from));
        since.is_some_and(|since| now - *since < HOME)
    }

    /// Counts a wrong password and returns whether it is the one that admins are notified of.
    pub(super) fn guessed(&mut self, account: &str, now: DateTime<Utc>) -> bool {
        let hour = self.guesses.entry(self.hasher.hash_one(account)).or_insert((now, 0));
        if hour.0 + FORGET <= now {
            *hour = (now, 0);
        }
        hour.1 = hour.1.saturating_add(1);
        hour.1 == GUESSED
    }

    /// The key of an account's failures in one way.
    fn own(&self, account: &str, way: Way) -> u64 {
        let way = match way {
            Way::Stranger(from) => Err(Network::of_subscriber(from)),
            known => Ok(known),
        };
        self.hasher.hash_one((account, way))
    }

    fn make_room(&mut self, now: DateTime<Utc>) {
        forget(&mut self.failures, now, |failures| failures.until + FORGET);
        forget(&mut self.everywhere, now, |failures| failures.until + FORGET);
        forget(&mut self.guesses, now, |(begun, _)| *begun + FORGET);
        forget(&mut self.homes, now, |since| *since + HOME);
        forget(&mut self.budgets, now, |whole| *whole);
    }
}

fn waits(failures: Option<&Failures>, now: DateTime<Utc>) -> Result<(), Wait> {
    match failures.map(|failures| failures.until - now) {
        Some(time) if time > TimeDelta::zero() => {
            Err(Wait { time: at_least_a_second(time), address: false })
        }
        _ => Ok(()),
    }
}

fn count(map: &mut HashMap<u64, Failures>, key: u64, now: DateTime<Utc>, pace: DelayPace) {
    let failures = map.entry(key).or_insert(Failures { count: 0, until: now });
    let forgotten = failures.until + FORGET <= now;
    failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
    failures.until = now + pace.delay(failures.count);
}

fn at_least_a_second(time: TimeDelta) -> TimeDelta {
    time.max(TimeDelta::seconds(1))
}

/// If there are too many entries, drops the expired ones, and if that is not enough, the half that
/// expires first.
fn forget<K: Hash + Eq, V>(
    map: &mut HashMap<K, V>,
    now: DateTime<Utc>,
    until: impl Fn(&V) -> DateTime<Utc>,
) {
    if map.len() < MOST {
        return;
    }
    map.retain(|_, value| until(value) > now);
    if map.len() >= MOST {
        let mut times: Vec<_> = map.values().map(&until).collect();
        let (_, &mut middle, _) = times.select_nth_unstable(MOST / 2);
        map.retain(|_, value| until(value) > middle);
    }
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
            // Neighbours in one /64 belong to one subscriber.
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
        // An hour of guesses, one per second, each from another address.
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
        // Guesses on a known browser are throttled too, with a separate delay.
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
