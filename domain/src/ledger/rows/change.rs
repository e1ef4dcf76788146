//! Rows come and go, and with them the times of their keys.

use super::{Addressed, NOWHERE, Numbered, Price, REQUESTED, Row, Rows, by_time};
use crate::ledger::facts::{Facts, Priced};
use crate::ledger::pack::{Id, Origin};
use crate::ledger::series::Series;

/// Bytes of a row beside it: its journey's slot and its place in the order of time.
const BESIDE: usize = 6 + 4;

impl Rows {
    /// Adds a row; its journey's head stays what it was.
    pub(in crate::ledger) fn add(
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
            let (id, new) = self.numbers.hold(&digits, |&digits| digits);
            if new {
                let block = Facts::block(digits);
                let (block, _) = self.blocks.hold(&block, |&block| block);
                *self.numbers.value_mut(id) = Numbered { block, times: Series::default() };
            }
            let number = self.numbers.value_mut(id);
            number.times.add(pool, origin, time);
            self.blocks.value_mut(number.block).add(pool, origin, time);
            row.number = Id::of(id);
        }
        if let Some(address) = facts.ip {
            let (id, new) = self.ips.hold(&address, |&address| address);
            if new {
                let (network, _) = self.networks.hold(&address.network(), |&network| network);
                *self.ips.value_mut(id) = Addressed { network, times: Series::default() };
            }
            let ip = self.ips.value_mut(id);
            ip.times.add(pool, origin, time);
            self.networks.value_mut(ip.network).add(pool, origin, time);
            row.ip = Id::of(id);
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

    /// Takes a row out; its journey's head stays what it was.
    pub(in crate::ledger) fn remove(&mut self, id: u32) {
        let row = *self.rows.get(id);
        let (origin, pool) = (self.origin, &mut self.pool);
        let time = origin.time(row.time);
        let money = row.price.get().map_or(Price::default(), |id| *self.prices.key(id)).money();
        self.timeline.remove(by_time(&self.rows, origin), Id::of(id), |_| money);
        if let Some(id) = row.number.get() {
            let number = self.numbers.value_mut(id);
            number.times.remove(pool, origin, time);
            self.blocks.value_mut(number.block).remove(pool, origin, time);
            if let Some((_, number)) = self.numbers.let_go(id) {
                self.blocks.let_go(number.block);
            }
        }
        if let Some(id) = row.ip.get() {
            let ip = self.ips.value_mut(id);
            ip.times.remove(pool, origin, time);
            self.networks.value_mut(ip.network).remove(pool, origin, time);
            if let Some((_, ip)) = self.ips.let_go(id) {
                self.networks.let_go(ip.network);
            }
        }
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

    /// An event has told what a row's send cost, or none does any more.
    pub(in crate::ledger) fn reprice(&mut self, id: u32, priced: Option<Priced>) {
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

    /// Whether a time can stand among those that are here.
    pub(in crate::ledger) fn holds(&self, time: i64) -> bool {
        self.origin.holds(time)
    }

    /// Makes a time the middle of what can be held. Nothing may be here that is farther from it
    /// than three days.
    pub(in crate::ledger) fn move_to(&mut self, time: i64) {
        self.origin = Origin::around(time);
    }

    /// Bytes in use.
    pub(in crate::ledger) fn held(&self) -> usize {
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

    /// Bytes taken from the system.
    pub(in crate::ledger) fn memory(&self) -> usize {
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

/// What the allocator takes for a text: its length and 8 bytes more, in steps of 16.
fn block_of(text: &str) -> usize {
    ((text.len() + 8).next_multiple_of(16)).max(32)
}
