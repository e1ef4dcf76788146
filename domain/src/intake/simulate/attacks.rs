//! The available attacks, modelled on real logs.

use super::pace::{HOUR, Slot};
use super::people::{Crowd, SimulatedPerson};
use super::rng::Rng;
use super::visits::{Names, SECOND, SimulatedAttempt, Timed, failure};
use crate::events::words;
use crate::{Channel, Kind, Reason};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

words! {
    /// A kind of attack.
    Attack, label {
        /// Calls to adjacent numbers of one block from a few addresses; somebody earns from the
        /// calls. Most fail, and some numbers already have a bad reputation.
        AdjacentCalls = "adjacent-calls" => "attack:adjacent-calls",
        /// Texts to one country from changing addresses; no code is ever entered.
        SmsPumping = "sms-pumping" => "attack:sms-pumping",
        /// Push prompts until the user approves one.
        PushFatigue = "push-fatigue" => "attack:push-fatigue",
    }
}

impl Attack {
    /// Its share of all events, in thousandths.
    pub(super) fn share(self) -> u64 {
        match self {
            Self::AdjacentCalls => 40,
            Self::SmsPumping => 60,
            Self::PushFatigue => 6,
        }
    }

    /// Its active hours: a few, spread over the days, at the victims' night.
    pub(super) fn slots(self, days: u64, rng: &mut Rng) -> Vec<Slot> {
        let (times, hours, earliest) = match self {
            Self::AdjacentCalls => (1 + days / 15, 2, 3),
            Self::SmsPumping => (1 + days / 20, 8, 1),
            Self::PushFatigue => (1 + days / 10, 1, 2),
        };
        (0..times)
            .map(|time| {
                let day = days * (2 * time + 1) / (2 * times);
                let hour = earliest + rng.below(3);
                Slot { begin: (day * 24 + hour) * HOUR, length: hours * HOUR, weight: 1 }
            })
            .collect()
    }

    /// One burst at `at`, in microseconds after the start.
    pub(super) fn strike(
        self,
        names: &Names,
        crowd: Crowd,
        seed: u64,
        at: u64,
        rng: &mut Rng,
    ) -> Vec<Timed> {
        match self {
            Self::AdjacentCalls => adjacent_call(names, at, rng),
            Self::SmsPumping => pumped_text(names, at, rng),
            Self::PushFatigue => prompts(names, crowd, seed, at, rng),
        }
    }
}

/// Weighted outcomes of calls to a block of bad numbers, from Microsoft's published example of such
/// an attack.
const CALLS: &[(u64, &str)] = &[
    (2_287, "The phone number entered is invalid."),
    (866, "There are too many requests at this moment. Please wait for some time and try again."),
    (776, "Our provider could not send a call to the specified phone number."),
    (732, "The phone verification is pending."),
    (595, "Phone number has bad reputation, blocking."),
    (109, "Too many attempts by user in a short period of time. Throttling."),
];

/// One machine runs the attack, so there is one browser.
const MACHINE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// Documentation addresses (RFC 5737); most calls come from the first.
const CALLERS: &[(u64, [u8; 4])] = &[
    (70, [198, 51, 100, 23]),
    (14, [198, 51, 100, 24]),
    (9, [203, 0, 113, 77]),
    (7, [203, 0, 113, 9]),
];

fn adjacent_call(names: &Names, at: u64, rng: &mut Rng) -> Vec<Timed> {
    let person = SimulatedPerson {
        country: 0,
        user: format!("new.user{:06}@customers.example", rng.below(1_000_000)),
        // Three adjacent blocks of a hundred numbers.
        phone: number_in(37_125_818_600, 300, rng),
        ip: Ipv4Addr::from(rng.weighted(CALLERS)).into(),
        agent: MACHINE,
    };
    let flow = ("B2C_1A_signup_signin", "shop-web");
    let this = SimulatedAttempt::new(
        names,
        &person,
        Channel::Voice,
        flow,
        Attack::AdjacentCalls.label(),
        rng,
    );
    if rng.chance(60) {
        let answered = at + rng.between(12, 40) * SECOND;
        return vec![
            (at, this.identity(Kind::Sent, None)),
            (answered, this.telecom(Kind::Delivered, None, rng, 6_200)),
        ];
    }
    let text = rng.weighted(CALLS);
    vec![(at, this.identity(failure(text), Some(text)))]
}

fn pumped_text(names: &Names, at: u64, rng: &mut Rng) -> Vec<Timed> {
    let [.., a, b, c] = rng.next().to_be_bytes();
    let person = SimulatedPerson {
        country: 0,
        user: format!("guest{:07}@customers.example", rng.below(10_000_000)),
        // Tajikistan, two thousand numbers of one carrier.
        phone: number_in(992_935_000_000, 2_000, rng),
        ip: Ipv4Addr::new(*rng.one(&[45, 102, 154, 185, 193]), a, b, c).into(),
        agent: Crowd::agent(rng),
    };
    let flow = ("B2C_1A_signup_signin", "shop-web");
    let this =
        SimulatedAttempt::new(names, &person, Channel::Sms, flow, Attack::SmsPumping.label(), rng);
    let mut out = vec![(at, this.identity(Kind::Sent, None))];
    let arrives = at + rng.between(2, 20) * SECOND;
    let mut receipt = if rng.chance(880) {
        this.telecom(Kind::Delivered, None, rng, 2_450)
    } else {
        let why = (Reason::ProviderUnreachable, "Unreachable destination handset");
        this.telecom(Kind::Undelivered, Some(why), rng, 2_450)
    };
    receipt.carrier = Some("436-03".to_owned());
    out.push((arrives, receipt));
    out
}

fn prompts(names: &Names, crowd: Crowd, seed: u64, at: u64, rng: &mut Rng) -> Vec<Timed> {
    let mut chosen = Rng::of(&[seed, 3, rng.next()]);
    let mut person = crowd.person(0, chosen.below(20));
    person.ip = Ipv4Addr::new(185, 220, 101, 1 + chosen.below(250) as u8).into();
    person.agent = MACHINE;
    let prompts = rng.between(7, 22);
    let gives_in = rng.chance(600);
    let mut now = at;
    let mut out = Vec::new();
    for prompt in 1..=prompts {
        let flow = ("B2C_1_susi_mfa", "shop-app");
        let this = SimulatedAttempt::new(
            names,
            &person,
            Channel::Push,
            flow,
            Attack::PushFatigue.label(),
            rng,
        );
        let answered = now + rng.between(2, 12) * SECOND;
        out.push((now, this.identity(Kind::Prompted, None)));
        out.push((
            answered,
            match prompt == prompts && gives_in {
                true => this.identity(Kind::Approved, None),
                false => this.identity(Kind::Denied, Some("User declined the authentication.")),
            },
        ));
        now = answered + rng.between(10, 90) * SECOND;
    }
    out
}

/// One of `count` consecutive numbers from `first`.
fn number_in(first: u64, count: u64, rng: &mut Rng) -> Option<crate::PhoneNumber> {
    crate::PhoneNumber::from_digits(first + rng.below(count)).ok()
}
