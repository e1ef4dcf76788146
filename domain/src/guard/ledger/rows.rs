//! Storage of entries: one packed row each, and the times of every key.

mod change;
mod warm;

use super::entry::Key;
use super::facts::{Facts, Priced, REGIONS, region_code};
use super::index::Index;
use super::keys::Keys;
use super::pack::{Address, Id, Origin, Stamp};
use super::series::{Pool, Series};
use super::slab::Slab;
use super::tree::{Item, Order, Sum, Tree};
use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use uuid::Uuid;

/// Number of tables in the journey index: `1 << BITS`.
const BITS: u32 = 10;
/// Flag in a row's region: the gate allowed it.
const REQUESTED: u16 = 1 << 15;
/// A row's region when it has none.
const NOWHERE: u16 = (1 << 10) - 1;

/// A packed entry: 38 bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Row {
    time: Stamp,
    attempt: [u8; 8],
    number: Id,
    ip: Id,
    user: Id,
    device: Id,
    flow: Id,
    price: Id,
    /// Time of the event that reported the price, if one did.
    priced: Stamp,
    region: [u8; 2],
}

/// The cost of a send: from the price table, and from an event, which takes precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Price {
    table: Option<i64>,
    event: Option<i64>,
}

/// A sum of prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) amount: i128,
    pub(super) unpriced: u32,
}

impl Sum for Money {
    fn plus(self, other: Self) -> Self {
        Self { amount: self.amount + other.amount, unpriced: self.unpriced + other.unpriced }
    }

    fn minus(self, other: Self) -> Self {
        Self { amount: self.amount - other.amount, unpriced: self.unpriced - other.unpriced }
    }
}

impl Price {
    fn money(self) -> Money {
        match self.event.or(self.table) {
            Some(amount) => Money { amount: amount.into(), unpriced: 0 },
            None => Money { amount: 0, unpriced: 1 },
        }
    }
}

impl Item for Id {
    type Sum = Money;
    const LEAF: usize = 256;
}

/// The times of a number or an address, and the id of the block or network that contains it.
#[derive(Default)]
struct Inside {
    outer: u32,
    times: Series,
}

type Texts = Keys<Box<str>, Series>;

/// All rows, by journey, key and time.
pub(super) struct Rows {
    origin: Origin,
    rows: Slab<Row>,
    /// First row of each journey.
    heads: Index,
    hasher: RandomState,
    timeline: Tree<Id>,
    pool: Pool,
    numbers: Keys<u64, Inside>,
    blocks: Keys<u64, Series>,
    ips: Keys<Address, Inside>,
    networks: Keys<Address, Series>,
    users: Texts,
    devices: Texts,
    flows: Texts,
    regions: Vec<Series>,
    prices: Keys<Price, ()>,
    /// Bytes of names.
    texts: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            origin: Origin::around(0),
            rows: Slab::default(),
            heads: Index::new(BITS),
            hasher: RandomState::new(),
            timeline: Tree::default(),
            pool: Pool::default(),
            numbers: Keys::default(),
            blocks: Keys::default(),
            ips: Keys::default(),
            networks: Keys::default(),
            users: Keys::default(),
            devices: Keys::default(),
            flows: Keys::default(),
            regions: std::iter::repeat_with(Series::default).take(REGIONS.into()).collect(),
            prices: Keys::default(),
            texts: 0,
        }
    }
}

pub(super) enum Times<'a> {
    None,
    Of(&'a Series, &'a Rows),
    All(&'a Rows),
}

impl Times<'_> {
    /// How many are not later than a time.
    #[inline]
    pub(super) fn up_to(&self, time: i64) -> u32 {
        match self {
            Self::None => 0,
            Self::Of(series, rows) => series.up_to(&rows.pool, rows.origin, time),
            Self::All(rows) => rows.timeline.count_up_to(rows.by_time(), time),
        }
    }

    /// The time with `n` before it.
    pub(super) fn nth(&self, n: u32) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Of(series, rows) => series.nth(&rows.pool, rows.origin, n),
            Self::All(rows) => rows.timeline.nth(n).map(|row| rows.by_time()(row).0),
        }
    }
}

impl Rows {
    /// A keyed 64-bit hash of a journey: nobody can construct collisions.
    pub(super) fn hash(&self, attempt: Uuid) -> u64 {
        self.hasher.hash_one(attempt.as_u128())
    }

    /// A journey's first row.
    pub(super) fn head(&self, attempt: u64) -> Option<u32> {
        let attempt_bytes = attempt.to_le_bytes();
        self.heads.find(attempt, |id| self.rows.get(id).attempt == attempt_bytes)
    }

    /// Makes another row the journey's first.
    pub(super) fn set_head(&mut self, attempt: u64, from: Option<u32>, to: Option<u32>) {
        match (from, to) {
            (Some(from), Some(to)) => self.heads.replace(attempt, from, to),
            (Some(from), None) => self.heads.remove(attempt, from),
            (None, Some(to)) => {
                let rows = &self.rows;
                let hash_of = |id| u64::from_le_bytes(rows.get(id).attempt);
                self.heads.add(attempt, to, hash_of);
            }
            (None, None) => {}
        }
    }

    pub(super) fn attempt(&self, id: u32) -> u64 {
        u64::from_le_bytes(self.rows.get(id).attempt)
    }

    pub(super) fn time(&self, id: u32) -> i64 {
        self.origin.time(self.rows.get(id).time)
    }

    /// Whether the gate allowed it.
    pub(super) fn requested(&self, id: u32) -> bool {
        u16::from_le_bytes(self.rows.get(id).region) & REQUESTED != 0
    }

    #[inline]
    pub(super) fn times(&self, key: &Key<'_>) -> Times<'_> {
        let series = match *key {
            Key::Number(phone) => {
                self.numbers.find(&phone.digits()).map(|id| &self.numbers.value(id).times)
            }
            Key::NumberBlock(block) => self.blocks.find(&block.0).map(|id| self.blocks.value(id)),
            Key::Ip(ip) => self.ips.find(&Address::of(ip)).map(|id| &self.ips.value(id).times),
            Key::IpNetwork(ip) => {
                let network = Address::of(ip).network();
                self.networks.find(&network).map(|id| self.networks.value(id))
            }
            Key::Device(device) => self.devices.find(device).map(|id| self.devices.value(id)),
            Key::User(user) => self.users.find(user).map(|id| self.users.value(id)),
            Key::Region(region) => self.regions.get(usize::from(region_code(region))),
            Key::Flow(flow) => self.flows.find(flow).map(|id| self.flows.value(id)),
            Key::All => return Times::All(self),
        };
        series.map_or(Times::None, |series| Times::Of(series, self))
    }

    /// Total price of the rows with `from` < time ≤ `to`.
    pub(super) fn money(&self, from: i64, to: i64) -> Money {
        if from >= to {
            return Money::default();
        }
        let value = |row: Id| row.get().map_or(Money::default(), |id| self.money_of(id));
        let to = self.timeline.up_to(self.by_time(), to, value);
        to.sum.minus(self.timeline.up_to(self.by_time(), from, value).sum)
    }

    /// Time order; rows of the same time by id.
    fn by_time(&self) -> impl Fn(Id) -> Order + Copy {
        by_time(&self.rows, self.origin)
    }

    pub(super) fn oldest(&self) -> Option<(u32, i64)> {
        let id = self.timeline.first()?.get()?;
        Some((id, self.time(id)))
    }

    /// The row farthest in the future.
    pub(super) fn newest(&self) -> Option<(u32, i64)> {
        let id = self.timeline.last()?.get()?;
        Some((id, self.time(id)))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn price(&self, row: &Row) -> Price {
        row.price.get().map_or(Price::default(), |id| *self.prices.key(id))
    }

    fn money_of(&self, id: u32) -> Money {
        self.price(self.rows.get(id)).money()
    }

    /// The row's price in the price table.
    pub(super) fn table_price(&self, id: u32) -> Option<i64> {
        self.price(self.rows.get(id)).table
    }

    /// The row's price as an event reported it.
    pub(super) fn priced(&self, id: u32) -> Option<Priced> {
        let row = self.rows.get(id);
        self.price(row).event.map(|amount| (self.origin.time(row.priced), amount))
    }

    pub(super) fn facts(&self, id: u32) -> Facts<'_> {
        let row = self.rows.get(id);
        Facts {
            time: self.origin.time(row.time),
            number: row.number.get().map(|id| *self.numbers.key(id)),
            ip: row.ip.get().map(|id| *self.ips.key(id)),
            user: text(&self.users, row.user),
            device: text(&self.devices, row.device),
            flow: text(&self.flows, row.flow),
            region: Some(u16::from_le_bytes(row.region) & NOWHERE).filter(|&at| at < REGIONS),
            price: self.price(row).table,
        }
    }
}

fn text(texts: &Texts, id: Id) -> Option<Cow<'_, str>> {
    id.get().map(|id| Cow::Borrowed(&**texts.key(id)))
}

fn by_time(rows: &Slab<Row>, origin: Origin) -> impl Fn(Id) -> Order + Copy {
    move |row| {
        let id = row.get().unwrap_or_default();
        (origin.time(rows.get(id).time), id)
    }
}
