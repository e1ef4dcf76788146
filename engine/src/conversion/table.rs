//! The conversion table's data: recent attempts, about 45 bytes each.

use crate::dictionary::{Dictionary, channel_number};
use domain::conversion::{network, prefix};
use domain::network::Network;
use domain::workbook::Query;
use domain::{Channel, Kind, PhoneNumber};
use hashbrown::HashTable;
use rust_decimal::Decimal;
use std::net::IpAddr;
use store::attempt_table::TableAttempt;
use uuid::Uuid;

/// Rows whose earliest and latest time are stored together, so that a query skips blocks outside
/// its range.
const BLOCK: usize = 4_096;
/// The bit of a state that says that the code was delivered; the lower bits are the number of the
/// outcome.
const DELIVERED: u8 = 0x10;
/// All states are below this.
pub(super) const STATES: usize = 2 * DELIVERED as usize;

/// The fields by which attempts are grouped, as numbers in [`Table::texts`]. Most attempts share
/// theirs with others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Traits {
    /// 0 means none.
    pub(super) channel: u8,
    pub(super) region: u32,
    pub(super) flow: u32,
    pub(super) carrier: u32,
    browser: u32,
    reason: u32,
}

impl Traits {
    /// Whether it was a push prompt, which has no code.
    pub(super) fn is_push(&self) -> bool {
        self.channel == channel_number(Some(Channel::Push))
    }
}

/// An exact amount of money in nano units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Price {
    pub(super) nano: i128,
    /// Index in [`Table::currencies`].
    pub(super) currency: u32,
}

/// Recent attempts, with one column for each field that is queried.
#[derive(Debug, Default)]
pub struct Table {
    /// Contains every attempt that began at this instant or later, in µs since 1970.
    pub(super) from: i64,
    /// Attempts dropped since the table was filled.
    pub(super) dropped: usize,
    pub(super) time: Vec<i64>,
    state: Vec<u8>,
    traits: Vec<u32>,
    phone: Vec<u32>,
    ip: Vec<u32>,
    /// 0 means none, otherwise the price's number plus one.
    cost: Vec<u32>,
    /// The first half of the attempt's id. It is a hash: a collision among millions is not to be
    /// expected in a server's lifetime.
    id: Vec<u64>,
    /// Row numbers by id.
    rows: HashTable<u32>,
    /// The earliest and latest time in each block of rows; may be wider than that.
    spans: Vec<(i64, i64)>,
    pub(super) kinds: Dictionary<Traits>,
    pub(super) texts: Dictionary<String>,
    pub(super) phones: Dictionary<Option<PhoneNumber>>,
    pub(super) ips: Dictionary<Option<IpAddr>>,
    /// Indexed by the numbers of `phones` and `ips`.
    pub(super) prefix_of: Vec<u32>,
    pub(super) network_of: Vec<u32>,
    pub(super) prefixes: Dictionary<Option<u32>>,
    pub(super) networks: Dictionary<Option<Network>>,
    pub(super) prices: Dictionary<Price>,
    /// The largest amount so far, in nano units.
    pub(super) dearest: i128,
    pub(super) currencies: Dictionary<String>,
}

fn half(id: Uuid) -> u64 {
    id.as_u64_pair().0
}

/// Ids are hashes, but a sender may have chosen the low bits of one.
fn spread(id: u64) -> u64 {
    id.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

impl Table {
    /// An empty table for all attempts that began at an instant or later.
    pub fn new(from: i64) -> Self {
        Self { from, ..Self::default() }
    }

    /// Reserves room for this many rows in total. Unused room takes no physical memory, and columns
    /// need not be copied as they grow.
    pub fn reserve(&mut self, rows: usize) {
        let more = rows.saturating_sub(self.time.len());
        self.time.reserve(more);
        self.state.reserve(more);
        self.id.reserve(more);
        self.numbers().for_each(|column| column.reserve(more));
    }

    /// The columns that hold numbers of values.
    fn numbers(&mut self) -> impl Iterator<Item = &mut Vec<u32>> {
        [&mut self.traits, &mut self.phone, &mut self.ip, &mut self.cost].into_iter()
    }

    /// Number of attempts held.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether it holds no attempts.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Lower bound of the attempts' start times; `None` if there are no attempts.
    pub fn oldest(&self) -> Option<i64> {
        self.spans.iter().map(|(first, _)| *first).min()
    }

    /// Whether so many attempts were dropped that the table should be read again, which also drops
    /// the values that only they used.
    pub(crate) fn is_worn(&self) -> bool {
        self.dropped > self.len().max(1_000_000)
    }

    /// Whether it holds all attempts of the query's range.
    pub(crate) fn covers(&self, query: &Query) -> bool {
        query.period.from.timestamp_micros() >= self.from
    }

    /// Inserts or replaces an attempt; ignores attempts that began before the table's start.
    pub fn put(&mut self, seen: &TableAttempt<'_>) {
        if seen.time < self.from {
            self.remove(seen.id);
            return;
        }
        let at = match self.find(seen.id) {
            Some(at) => at,
            None => self.append(seen),
        };
        let span = &mut self.spans[at / BLOCK];
        *span = (span.0.min(seen.time), span.1.max(seen.time));
        self.time[at] = seen.time;
        // There are few kinds.
        self.state[at] = seen.outcome as u8 | if seen.delivered { DELIVERED } else { 0 };
        let traits = Traits {
            channel: channel_number(seen.channel),
            region: self.texts.id(seen.region),
            flow: self.texts.id(seen.flow),
            carrier: self.texts.id(seen.carrier),
            browser: self.texts.id(seen.browser),
            reason: self.texts.id(seen.reason),
        };
        self.traits[at] = self.kinds.id(&traits);
        self.phone[at] = self.phones.id(&seen.phone);
        if self.prefix_of.len() < self.phones.words().len() {
            self.prefix_of.push(self.prefixes.id(&seen.phone.map(prefix)));
        }
        self.ip[at] = self.ips.id(&seen.ip);
        if self.network_of.len() < self.ips.words().len() {
            self.network_of.push(self.networks.id(&seen.ip.map(network)));
        }
        self.cost[at] = match seen.cost {
            None => 0,
            Some((amount, currency)) => {
                let price = price(amount, self.currencies.id(currency));
                self.dearest = self.dearest.max(price.nano);
                self.prices.id(&price).saturating_add(1)
            }
        };
    }

    fn find(&self, id: Uuid) -> Option<usize> {
        let id = half(id);
        let row = self.rows.find(spread(id), |row| self.id[*row as usize] == id)?;
        Some(*row as usize)
    }

    fn append(&mut self, seen: &TableAttempt<'_>) -> usize {
        let at = self.time.len();
        let id = half(seen.id);
        self.time.push(seen.time);
        self.state.push(0);
        self.id.push(id);
        self.numbers().for_each(|column| column.push(0));
        if self.spans.len() <= at / BLOCK {
            self.spans.push((seen.time, seen.time));
        }
        // There are far fewer than 2^32 rows.
        let row = u32::try_from(at).unwrap_or(u32::MAX);
        let ids = &self.id;
        self.rows.insert_unique(spread(id), row, |row| spread(ids[*row as usize]));
        at
    }

    /// Removes an attempt; the last row moves to its place.
    pub fn remove(&mut self, id: Uuid) {
        let id = half(id);
        let ids = &self.id;
        let found = self.rows.find_entry(spread(id), |row| ids[*row as usize] == id);
        let Ok(entry) = found else { return };
        let at = entry.remove().0 as usize;
        self.swap_remove(at);
    }

    /// Removes a row that is no longer in the index.
    fn swap_remove(&mut self, at: usize) {
        let last = self.time.len() - 1;
        if at != last {
            let moved = self.id[last];
            let (old, new) = (u32::try_from(last), u32::try_from(at));
            let found = self.rows.find_mut(spread(moved), |row| Ok(*row) == old);
            if let (Some(row), Ok(new)) = (found, new) {
                *row = new;
            }
            let (time, span) = (self.time[last], &mut self.spans[at / BLOCK]);
            *span = (span.0.min(time), span.1.max(time));
        }
        self.time.swap_remove(at);
        self.state.swap_remove(at);
        self.id.swap_remove(at);
        for column in self.numbers() {
            column.swap_remove(at);
        }
        self.spans.truncate(self.time.len().div_ceil(BLOCK));
        self.dropped += 1;
    }

    /// Removes attempts that began before an instant.
    pub fn drop_before(&mut self, from: i64) {
        self.from = self.from.max(from);
        let mut at = 0;
        while at < self.time.len() {
            if at % BLOCK == 0 && self.spans[at / BLOCK].0 >= from {
                at += BLOCK;
            } else if self.time[at] < from {
                let (id, row) = (self.id[at], u32::try_from(at));
                let found = self.rows.find_entry(spread(id), |found| Ok(*found) == row);
                if let Ok(entry) = found {
                    entry.remove();
                }
                self.swap_remove(at);
            } else {
                at += 1;
            }
        }
        let span = |times: &[i64]| {
            let first = times.iter().copied().min().unwrap_or_default();
            (first, times.iter().copied().max().unwrap_or_default())
        };
        self.spans = self.time.chunks(BLOCK).map(span).collect();
    }

    /// The earliest instant from which on there are at most `most` attempts.
    pub fn newest(&self, most: usize) -> i64 {
        let mut times = self.time.clone();
        if times.len() <= most {
            return self.from;
        }
        let (_, time, _) = times.select_nth_unstable_by(most, |a, b| b.cmp(a));
        *time + 1
    }

    /// The state of a row, below [`STATES`]: see [`outcome`].
    pub(super) fn state(&self, row: usize) -> usize {
        usize::from(self.state[row]) % STATES
    }

    /// The number of the row's traits.
    pub(super) fn kind(&self, row: usize) -> u32 {
        self.traits[row]
    }

    pub(super) fn prefix(&self, row: usize) -> u32 {
        self.prefix_of[self.phone[row] as usize]
    }

    pub(super) fn network(&self, row: usize) -> u32 {
        self.network_of[self.ip[row] as usize]
    }

    pub(super) fn price(&self, row: usize) -> Option<(usize, &Price)> {
        let id = self.cost[row].checked_sub(1)?;
        Some((id as usize, self.prices.word(id)?))
    }

    /// Calls `each` for the rows that match a query, in no order.
    pub(super) fn each(&self, query: &Query, mut each: impl FnMut(usize)) {
        let Some(wanted) = ConversionFilter::of(self, query) else { return };
        let (from, to) = (query.period.from.timestamp_micros(), query.period.to.timestamp_micros());
        for (block, (first, last)) in self.spans.iter().enumerate() {
            if *last < from || *first >= to {
                continue;
            }
            let within = *first >= from && *last < to;
            let rows = block * BLOCK..((block + 1) * BLOCK).min(self.time.len());
            if within && wanted.is_everything() {
                rows.for_each(&mut each);
                continue;
            }
            for row in rows {
                if (within || (from..to).contains(&self.time[row])) && wanted.fits(row) {
                    each(row);
                }
            }
        }
    }
}

/// The outcome of a state, and whether its code was delivered; `None` if the number is not a state.
pub(super) fn outcome(state: usize) -> Option<(Kind, bool)> {
    let delivered = usize::from(DELIVERED);
    Some((*Kind::ALL.get(state % delivered)?, state >= delivered))
}

/// An amount in nano units. Costs have at most nine decimals; more would be cut off.
fn price(amount: Decimal, currency: u32) -> Price {
    let amount = amount.trunc_with_scale(amount.scale().min(9));
    Price { nano: amount.mantissa() * 10_i128.pow(9 - amount.scale().min(9)), currency }
}

/// The filter of a query besides its range, in the table's own numbers.
struct ConversionFilter<'t> {
    table: &'t Table,
    /// Indexed by the numbers of `kinds`; `None` if all match.
    kinds: Option<Vec<bool>>,
    phone: Option<u32>,
    ip: Option<u32>,
}

impl<'t> ConversionFilter<'t> {
    /// `None` if the query asks for a value that no attempt has.
    fn of(table: &'t Table, query: &Query) -> Option<Self> {
        let filters = &query.filters;
        let text = |word: Option<String>| found(word, |word| table.texts.find(word.as_str()));
        let flow = text(filters.flow.clone())?;
        let browser = text(filters.browser.clone())?;
        let region = text(filters.region.map(|region| region.to_string()))?;
        let reason = text(filters.reason.map(|reason| reason.to_string()))?;
        let channel = filters.channel.map(|channel| channel_number(Some(channel)));
        let fits = |traits: &Traits| {
            channel.is_none_or(|channel| traits.channel == channel)
                && flow.is_none_or(|flow| traits.flow == flow)
                && browser.is_none_or(|browser| traits.browser == browser)
                && region.is_none_or(|region| traits.region == region)
                && reason.is_none_or(|reason| traits.reason == reason)
        };
        let any = channel.is_some() || flow.or(browser).or(region).or(reason).is_some();
        let kinds = any.then(|| table.kinds.words().iter().map(fits).collect());
        let phone = found(filters.phone, |phone| table.phones.find(&Some(phone)))?;
        let ip = found(filters.ip, |ip| table.ips.find(&Some(ip)))?;
        Some(Self { table, kinds, phone, ip })
    }

    fn is_everything(&self) -> bool {
        self.kinds.is_none() && self.phone.is_none() && self.ip.is_none()
    }

    fn fits(&self, row: usize) -> bool {
        let table = self.table;
        self.kinds.as_ref().is_none_or(|kinds| kinds[table.traits[row] as usize])
            && self.phone.is_none_or(|phone| table.phone[row] == phone)
            && self.ip.is_none_or(|ip| table.ip[row] == ip)
    }
}

/// The number of a wanted value, if one is wanted; `None` if no attempt has it.
fn found<T>(wanted: Option<T>, find: impl FnOnce(T) -> Option<u32>) -> Option<Option<u32>> {
    wanted.map_or(Some(None), |wanted| find(wanted).map(Some))
}

/// Checks that outcomes fit into the lower bits of a state.
const _: () = assert!(Kind::ALL.len() <= DELIVERED as usize);
