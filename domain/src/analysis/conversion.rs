//! Conversion: how many of the codes sent were entered, by region, calling prefix, flow, carrier,
//! network or channel. Attempts count by their outcome, at the time they began
//! ([`crate::region_figures`]). Push prompts carry no code, so they are mostly left out
//! ([`codes_alone`]).

use crate::events::words;
use crate::network::Network;
use crate::workbook::Filters;
use crate::{Kind, PhoneNumber};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

mod line;
mod order;
mod page;
mod written;

pub use line::{Cost, KeyCounts, Keys};
pub use order::{Column, Order};
pub use page::{KeyRows, KeyRowsQuery, PageRow, key_rows, label, min_sends};
pub use written::{money, percent, prefix_text};

words! {
    /// What attempts are grouped by.
    By, name {
        /// The number's region.
        Region = "region" => "Region",
        /// The number's calling prefix: see [`prefix`].
        Prefix = "prefix" => "Calling prefix",
        /// The user flow.
        Flow = "flow" => "Flow",
        /// Mobile country and network code.
        Carrier = "carrier" => "Carrier",
        /// The network of the user's address: see [`network`].
        Ip = "ip" => "IP network",
        /// How the code was sent.
        Channel = "channel" => "Channel",
    }
}

/// Whether push prompts are left out. They count only where they do not mix with codes: when
/// grouping or filtering by channel.
pub fn codes_alone(by: By, filters: &Filters) -> bool {
    by != By::Channel && filters.channel.is_none()
}

/// The outcome that a prompt counts as, where prompts count: approved as verified, shown as sent.
pub fn of_prompt(outcome: Kind) -> Kind {
    match outcome {
        Kind::Approved => Kind::Verified,
        Kind::Prompted => Kind::Sent,
        other => other,
    }
}

/// Most digits of a prefix after the calling code: about a carrier or an area.
const PREFIX_DIGITS: usize = 3;

/// A number's calling prefix without the plus sign: the calling code and three more digits, or
/// fewer, so that four digits stay hidden as in masks.
pub fn prefix(phone: PhoneNumber) -> u32 {
    let digits = phone.digits();
    let length = digits.checked_ilog10().map_or(1, |log| log as usize + 1);
    let kept = (phone.calling_code_len() + PREFIX_DIGITS).min(length.saturating_sub(4));
    let cut = u32::try_from(length - kept).unwrap_or(u32::MAX);
    // The result has at most six digits.
    10_u64.checked_pow(cut).and_then(|ten| u32::try_from(digits / ten).ok()).unwrap_or(0)
}

/// The network that an address counts for: its /24, or /48 for IPv6.
pub fn network(ip: IpAddr) -> Network {
    Network::of(ip, if ip.to_canonical().is_ipv4() { 24 } else { 48 })
}

/// The steps of attempts; each step is part of the previous one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// All attempts.
    pub attempts: u64,
    /// Refused by the gate.
    pub refused: u64,
    /// A code was sent.
    pub sent: u64,
    /// Sent, and reached the user: a source says so, or the user acted on it (verified, denied or
    /// reported).
    pub delivered: u64,
    /// Sent, and verified.
    pub verified: u64,
    /// Push prompts that are in none of the steps: see [`codes_alone`].
    pub prompts: u64,
}

impl Funnel {
    /// Counts `n` attempts of one outcome; `delivered` says whether a source reported delivery.
    pub fn count(&mut self, outcome: Kind, delivered: bool, n: u64) {
        let mut figures = crate::region_figures::Figures::default();
        figures.count(outcome, n);
        self.attempts += n;
        self.refused += figures.refused;
        self.sent += figures.sent;
        self.verified += figures.verified;
        let acted =
            matches!(outcome, Kind::Delivered | Kind::Verified | Kind::Denied | Kind::Reported);
        if delivered || acted {
            self.delivered += figures.sent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prefixes() {
        for (phone, expected) in [
            ("+14155552700", 1_415),
            ("+37125318694", 371_253),
            ("+447400738610", 44_740),
            // Four digits stay hidden.
            ("+1234567", 123),
            ("+3712345", 371),
            ("+371234567", 37_123),
            ("+999000018859999", 999_000),
        ] {
            assert_eq!(prefix(phone.parse().unwrap()), expected, "{phone}");
        }
    }

    #[test]
    fn prompts_count_where_they_stand_alone() {
        let push = Filters { channel: Some(crate::Channel::Push), ..Filters::default() };
        for by in By::ALL {
            assert_eq!(codes_alone(*by, &Filters::default()), *by != By::Channel, "{by}");
            assert!(!codes_alone(*by, &push), "{by}");
        }
    }

    #[test]
    fn an_approved_prompt_came_back() {
        let mut funnel = Funnel::default();
        for outcome in [Kind::Prompted, Kind::Approved, Kind::Denied, Kind::Requested] {
            funnel.count(of_prompt(outcome), false, 1);
        }
        assert_eq!((funnel.attempts, funnel.sent, funnel.verified), (4, 3, 1));
    }

    #[test]
    fn networks() {
        for (ip, expected) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2::5", "2001:db8:1::/48"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ] {
            assert_eq!(network(ip.parse().unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn every_step_is_a_part_of_the_one_before() {
        for outcome in Kind::ALL {
            for told in [false, true] {
                let mut funnel = Funnel::default();
                funnel.count(*outcome, told, 3);
                assert!(funnel.attempts >= funnel.sent + funnel.refused, "{outcome}");
                assert!(funnel.sent >= funnel.delivered, "{outcome}");
                assert!(funnel.delivered >= funnel.verified, "{outcome}");
            }
        }
        let mut funnel = Funnel::default();
        funnel.count(Kind::Failed, true, 2);
        funnel.count(Kind::Sent, false, 1);
        funnel.count(Kind::Denied, false, 1);
        assert_eq!((funnel.sent, funnel.delivered, funnel.verified), (4, 3, 0));
    }

    proptest! {
        #[test]
        fn a_prefix_begins_the_number_and_hides_four(digits in 1_000_000_u64..999_999_999_999_999) {
            let phone = PhoneNumber::from_digits(digits).unwrap();
            let (text, prefix) = (digits.to_string(), prefix(phone).to_string());
            prop_assert!(text.starts_with(&prefix));
            prop_assert!(text.len() - prefix.len() >= 4);
        }
    }
}
