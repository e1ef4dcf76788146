//! Every rule in the form in which the gate looks it up.

use super::Standing;
use crate::rules::{Amount, Any, NumberRule, Numbers, PriceTo, Settings};
use crate::{Channel, PhoneNumber, Region, countries};
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap};

/// So many times the table's price is the most that an event's own cost may be …
const ODD_TIMES: i64 = 10;
/// … and where the table has none, so many billionths: 10 of the currency.
const ODD_UNPRICED: i64 = 10_000_000_000;

/// What the gate obeys: settings, countries, blocks and bypasses.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    settings: Settings,
    countries: countries::Settings,
    /// Blocks and bypasses.
    pub standing: Standing,
    numbers: ByNumber,
    prices: HashMap<(PriceTo, Any<Channel>), Amount>,
    /// How many digits the beginnings in the price table have.
    price_lengths: BTreeSet<u32>,
}

/// Number rules by the digits they are of.
#[derive(Debug, Clone, Default)]
struct ByNumber {
    /// Their places in the settings.
    places: HashMap<Numbers, usize>,
    /// How many digits the beginnings have.
    lengths: BTreeSet<u32>,
}

impl Rules {
    /// From settings that were checked.
    pub fn new(settings: Settings, countries: countries::Settings, standing: Standing) -> Self {
        let mut numbers = ByNumber::default();
        for (place, rule) in settings.number_rules.iter().enumerate() {
            numbers.places.insert(rule.numbers, place);
            if let Numbers::Prefix(_) = rule.numbers {
                numbers.lengths.insert(rule.numbers.length());
            }
        }
        let mut price_lengths = BTreeSet::new();
        let mut prices = HashMap::with_capacity(settings.spend.prices.len());
        for price in &settings.spend.prices {
            if let PriceTo::Numbers(beginning @ Numbers::Prefix(_)) = price.to {
                price_lengths.insert(beginning.length());
            }
            prices.insert((price.to.clone(), price.channel), price.amount);
        }
        Self { settings, countries, standing, numbers, prices, price_lengths }
    }

    /// The settings of the section `rules`.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings of the section `countries`.
    pub fn countries(&self) -> &countries::Settings {
        &self.countries
    }

    /// The number rules that hold for a number now, longest first.
    pub(super) fn number_rules(
        &self,
        phone: PhoneNumber,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &NumberRule> {
        beginnings(phone, &self.numbers.lengths)
            .filter_map(|numbers| self.numbers.places.get(&numbers))
            .filter_map(|place| self.settings.number_rules.get(*place))
            .filter(move |rule| rule.until.is_none_or(|until| now < until))
    }

    /// What a code costs by the price table: the longest beginning of the number first, then its
    /// region; a price of the channel before one of every channel.
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

    /// Whether what an event says it cost, in the price table's currency, is too high to be
    /// believed: above ten times the table's price, or above 10 where it has none (contract,
    /// section 11). Then it does not count.
    pub fn is_odd(
        &self,
        cost: Amount,
        phone: PhoneNumber,
        region: Option<Region>,
        channel: Option<Channel>,
    ) -> bool {
        let price = region.zip(channel).and_then(|(region, by)| self.price(phone, region, by));
        let most = match price {
            Some(price) => price.nano().saturating_mul(ODD_TIMES),
            None => ODD_UNPRICED,
        };
        cost.nano() > most
    }
}

/// The number itself, then its beginnings of these lengths, longest first.
fn beginnings(phone: PhoneNumber, lengths: &BTreeSet<u32>) -> impl Iterator<Item = Numbers> {
    let digits = phone.digits();
    let count = digits.checked_ilog10().map_or(1, |log| log + 1);
    let prefixes = lengths.iter().rev().filter_map(move |length| {
        let less = count.checked_sub(*length)?;
        Some(Numbers::Prefix(digits / 10_u64.pow(less)))
    });
    std::iter::once(Numbers::One(phone)).chain(prefixes)
}
