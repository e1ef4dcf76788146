//! Adds and removes rows, and with them the times of their keys.

use super::{Inside, NOWHERE, Price, REQUESTED, Row, Rows, by_time};
use crate::ledger::entry::NumberBlock;
use crate::ledger::facts::{Facts, Priced};
use crate::ledger::keys::Keys;
use crate::ledger::pack::{Address, Id, Origin};
use crate::ledger::series::{Pool, Series};
use std::hash::Hash;

/// Bytes per row outside the row: its journey's slot and its place in the timeline.
const BESIDE: usize = 6 + 4;

impl Rows {
    /// Adds a row; does not change its journey's first row.
    pub(in crate::guard::ledger) fn add(
        &mut self,
        attempt: u64,
        facts: &Facts<'_>,
        requested: bool,
        priced: Option<Priced>,
    ) -> u32 {
        let time = facts.time;
        let (origin, pool) = (self.origin, &mut self.pool);
        let mut row = Row {
            time: origin.stamp(time),
            attempt: attempt.to_le_bytes(),
            priced: origin.stamp(priced.map_or(time, |(at, _)| at)),
            ..Row::default()
        };
        if let Some(digits) = facts.number {
            let keys = (&mut self.numbers, &mut self.blocks);
            let block = |digits| NumberBlock::of_digits(digits).0;
            row.number = add_inside(keys, digits, block, pool, origin, time);
        }
        if let Some(address) = facts.ip {
            let keys = (&mut self.ips, &mut self.networks);
            row.ip = add_inside(keys, address, Address::network, pool, origin, time);
        }
        let texts = [
            (&facts.user, &mut self.users, &mut row.user),
            (&facts.device, &mut self.devices, &mut row.device),
            (&facts.flow, &mut self.flows, &mut row.flow),
        ];
        for (text, keys, place) in texts {
            let Some(text) = text else { continue };
            let (id, new) = keys.hold::<str>(text, |text| text.into());
            if new {
                self.texts += block_of(text);
            }
            keys.value_mut(id).add(pool, origin, time);
            *place = Id::of(id);
        }
        let region = facts.region.unwrap_or(NOWHERE);
        if let Some(times) = self.regions.get_mut(usize::from(region)) {
            times.add(pool, origin, time);
        }
        row.region = (region | if requested { REQUESTED } else { 0 }).to_le_bytes();
        let price = Price { table: facts.price, event: priced.map(|(_, amount)| amount) };
        row.price = self.hold_price(price);
        let id = self.rows.add(row);
        let (rows, prices) = (&self.rows, &self.prices);
        self.timeline.add(by_time(rows, origin), Id::of(id), |row| {
            let price = row.get().and_then(|id| rows.get(id).price.get());
            price.map_or(Price::default(), |id| *prices.key(id)).money()
        });
        id
    }

    /// Removes a row; does not change its journey's first row.
    pub(in crate::guard::ledger) fn remove(&mut self, id: u32) {
        let row = *self.rows.get(id);
        let (origin, pool) = (self.origin, &mut self.pool);
        let time = origin.time(row.time);
        let money = row.price.get().map_or(Price::default(), |id| *self.prices.key(id)).money();
        self.timeline.remove(by_time(&self.rows, origin), Id::of(id), |_| money);
        remove_inside((&mut self.numbers, &mut self.blocks), row.number, pool, origin, time);
        remove_inside((&mut self.ips, &mut self.networks), row.ip, pool, origin, time);
        let texts = [
            (row.user, &mut self.users),
            (row.device, &mut self.devices),
            (row.flow, &mut self.flows),
        ];
        for (id, keys) in texts {
            let Some(id) = id.get() else { continue };
            keys.value_mut(id).remove(pool, origin, time);
            if let Some((text, _)) = keys.let_go(id) {
                self.texts -= block_of(&text);
            }
        }
        let region = u16::from_le_bytes(row.region) & NOWHERE;
        if let Some(times) = self.regions.get_mut(usize::from(region)) {
            times.remove(pool, origin, time);
        }
        if let Some(price) = row.price.get() {
            self.prices.let_go(price);
        }
        self.rows.take(id);
    }

    /// Sets or clears the price that an event reported for a row.
    pub(in crate::guard::ledger) fn reprice(&mut self, id: u32, priced: Option<Priced>) {
        let before = self.price(self.rows.get(id));
        let after = Price { event: priced.map(|(_, amount)| amount), ..before };
        let price = self.hold_price(after);
        let row = self.rows.get_mut(id);
        let old = std::mem::replace(&mut row.price, price);
        if let Some((time, _)) = priced {
            row.priced = self.origin.stamp(time);
        }
        if let Some(old) = old.get() {
            self.prices.let_go(old);
        }
        let order = (self.origin.time(row.time), id);
        self.timeline.revalue(order, before.money(), after.money());
    }

    fn hold_price(&mut self, price: Price) -> Id {
        if price == Price::default() {
            return Id::NONE;
        }
        Id::of(self.prices.hold(&price, |&price| price).0)
    }

    /// Whether a time is within the packed range.
    pub(in crate::guard::ledger) fn holds(&self, time: i64) -> bool {
        self.origin.holds(time)
    }

    /// Recentres the packed range. Every time held must be within three days of the new centre.
    pub(in crate::guard::ledger) fn move_to(&mut self, time: i64) {
        self.origin = Origin::around(time);
    }

    /// Bytes in use.
    pub(in crate::guard::ledger) fn held(&self) -> usize {
        self.rows.len() * (size_of::<Row>() + BESIDE)
            + self.pool.held()
            + self.numbers.held()
            + self.blocks.held()
            + self.ips.held()
            + self.networks.held()
            + self.users.held()
            + self.devices.held()
            + self.flows.held()
            + self.prices.held()
            + self.texts
    }

    /// Bytes allocated.
    pub(in crate::guard::ledger) fn memory(&self) -> usize {
        self.rows.memory()
            + self.heads.memory()
            + self.timeline.memory()
            + self.pool.memory()
            + self.numbers.memory()
            + self.blocks.memory()
            + self.ips.memory()
            + self.networks.memory()
            + self.users.memory()
            + self.devices.memory()
            + self.flows.memory()
            + self.prices.memory()
            + self.regions.capacity() * size_of::<Series>()
            + self.texts
    }
}

/// A number with its block, or an address with its network.
type InAndOut<'a, K> = (&'a mut Keys<K, Inside>, &'a mut Keys<K, Series>);

/// Adds a time to a key and to the key that contains it; returns the key's id.
fn add_inside<K: Copy + Hash + Eq + Default>(
    (inner, outer): InAndOut<'_, K>,
    key: K,
    outer_of: impl Fn(K) -> K,
    pool: &mut Pool,
    origin: Origin,
    time: i64,
) -> Id {
    let (id, new) = inner.hold(&key, |&key| key);
    if new {
        let (outer, _) = outer.hold(&outer_of(key), |&key| key);
        *inner.value_mut(id) = Inside { outer, times: Series::default() };
    }
    let inside = inner.value_mut(id);
    inside.times.add(pool, origin, time);
    outer.value_mut(inside.outer).add(pool, origin, time);
    Id::of(id)
}

/// Removes a time from a key and from the key that contains it.
fn remove_inside<K: Copy + Hash + Eq + Default>(
    (inner, outer): InAndOut<'_, K>,
    id: Id,
    pool: &mut Pool,
    origin: Origin,
    time: i64,
) {
    let Some(id) = id.get() else { return };
    let inside = inner.value_mut(id);
    inside.times.remove(pool, origin, time);
    outer.value_mut(inside.outer).remove(pool, origin, time);
    if let Some((_, inside)) = inner.let_go(id) {
        outer.let_go(inside.outer);
    }
}

/// Bytes the allocator takes for a text: its length plus 8, rounded up to 16.
fn block_of(text: &str) -> usize {
    ((text.len() + 8).next_multiple_of(16)).max(32)
}
