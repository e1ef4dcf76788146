//! All rules, indexed for the gate.

use super::BlocksAndBypasses;
use crate::rules::{Amount, Any, NumberRule, Numbers, PriceTo, Settings};
use crate::{Channel, PhoneNumber, Region, countries};
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap};

/// An event's cost counts up to this many times the table's price,
const ODD_TIMES: i64 = 10;
/// or up to this many billionths without a price: 10 of the currency.
const ODD_UNPRICED: i64 = 10_000_000_000;

/// What the gate applies: settings, countries, blocks and bypasses.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    settings: Settings,
    countries: countries::Settings,
    /// Current blocks and bypasses.
    pub standing: BlocksAndBypasses,
    /// Indexes of the number rules in the settings.
    number_places: HashMap<Numbers, usize>,
    /// The numbers of digits of prefixes in number rules.
    number_lengths: BTreeSet<u32>,
    prices: HashMap<(PriceTo, Any<Channel>), Amount>,
    /// The numbers of digits of prefixes in the price table.
    price_lengths: BTreeSet<u32>,
}

impl Rules {
    /// Indexes settings, which must be valid.
    pub fn new(
        settings: Settings,
        countries: countries::Settings,
        standing: BlocksAndBypasses,
    ) -> Self {
        let prefix =
            |numbers: Numbers| matches!(numbers, Numbers::Prefix(_)).then(|| numbers.length());
        let rules = settings.number_rules.iter();
        let prices = settings.spend.prices.iter();
        Self {
            number_places: rules.clone().zip(0..).map(|(rule, at)| (rule.numbers, at)).collect(),
            number_lengths: rules.filter_map(|rule| prefix(rule.numbers)).collect(),
            price_lengths: prices
                .clone()
                .filter_map(|price| match price.to {
                    PriceTo::Numbers(numbers) => prefix(numbers),
                    PriceTo::Region(_) => None,
                })
                .collect(),
            prices: prices.map(|price| ((price.to.clone(), price.channel), price.amount)).collect(),
            settings,
            countries,
            standing,
        }
    }

    /// The section `rules`.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The section `countries`.
    pub fn countries(&self) -> &countries::Settings {
        &self.countries
    }

    /// The number rules that apply to a number now, longest first.
    pub(super) fn number_rules(
        &self,
        phone: PhoneNumber,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &NumberRule> {
        beginnings(phone, &self.number_lengths)
            .filter_map(|numbers| self.number_places.get(&numbers))
            .filter_map(|place| self.settings.number_rules.get(*place))
            .filter(move |rule| rule.until.is_none_or(|until| now < until))
    }

    /// The price of a code: by the longest prefix of the number first, then by its region; a price
    /// of the channel before one of all channels.
    pub fn price(&self, phone: PhoneNumber, region: Region, channel: Channel) -> Option<Amount> {
        if self.prices.is_empty() {
            return None;
        }
        let numbers = beginnings(phone, &self.price_lengths).map(PriceTo::Numbers);
        let mut places = numbers.chain(std::iter::once(PriceTo::Region(region)));
        places.find_map(|to| {
            let of_channel = self.prices.get(&(to.clone(), Any::One(channel)));
            of_channel.or_else(|| self.prices.get(&(to, Any::All))).copied()
        })
    }

    /// Whether an event's cost, in the price table's currency, is too high to be plausible: above
    /// ten times the table's price, or above 10 without a price. Then it does not count.
    pub fn is_odd(
        &self,
        cost: Amount,
        phone: PhoneNumber,
        region: Option<Region>,
        channel: Option<Channel>,
    ) -> bool {
        let price = region.zip(channel).and_then(|(region, by)| self.price(phone, region, by));
        cost.nano() > price.map_or(ODD_UNPRICED, |price| price.nano().saturating_mul(ODD_TIMES))
    }
}

/// The number itself, then its prefixes of these lengths, longest first.
fn beginnings(phone: PhoneNumber, lengths: &BTreeSet<u32>) -> impl Iterator<Item = Numbers> {
    let digits = phone.digits();
    let count = digits.checked_ilog10().map_or(1, |log| log + 1);
    let prefixes = lengths.iter().rev().filter_map(move |length| {
        let less = count.checked_sub(*length)?;
        Some(Numbers::Prefix(digits / 10_u64.pow(less)))
    });
    std::iter::once(Numbers::One(phone)).chain(prefixes)
}
