//! Data held beside the rows until an event asks for it.

use super::facts::{Facts, Priced};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Maximum number of waiting `sent` events, and of prices.
const WAITING: usize = 1 << 14;

/// Per journey: time, table price, row.
pub(super) type Repeats = HashMap<u64, BTreeSet<(i64, Option<i64>, u32)>>;
/// Bytes per journey in [`Repeats`]; most have few entries.
pub(super) const REPEAT_BYTES: usize = 34;

/// The earliest `sent` of allowed journeys. It counts again if the allowance is taken back, which
/// happens within seconds: the newest 16,384 suffice.
#[derive(Default)]
pub(super) struct Waiting {
    sent: HashMap<u64, Facts<'static>>,
    order: VecDeque<u64>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn keep(&mut self, attempt: u64, facts: Facts<'static>) {
        if self.sent.get(&attempt).is_some_and(|held| !facts.is_before(held)) {
            return;
        }
        self.bytes += facts.memory();
        match self.sent.insert(attempt, facts) {
            Some(before) => self.bytes -= before.memory(),
            None => self.order.push_back(attempt),
        }
        while self.order.len() > WAITING {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.take(oldest));
        }
    }

    pub(super) fn take(&mut self, attempt: u64) -> Option<Facts<'static>> {
        let facts = self.sent.remove(&attempt)?;
        self.bytes -= facts.memory();
        Some(facts)
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes + self.order.capacity() * size_of::<u64>()
    }
}

/// Costs reported for sends that are not here: their `sent` comes later, or never. Keeps the
/// earliest price of each journey, and the newest 16,384 journeys.
#[derive(Default)]
pub(super) struct Costs {
    told: HashMap<u64, Priced>,
    by_time: BTreeSet<(i64, u64)>,
}

impl Costs {
    pub(super) fn keep(&mut self, attempt: u64, priced: Priced) {
        let least = self.take(attempt).map_or(priced, |before| before.min(priced));
        self.told.insert(attempt, least);
        self.by_time.insert((least.0, attempt));
        while self.by_time.len() > WAITING {
            self.drop_oldest();
        }
    }

    pub(super) fn take(&mut self, attempt: u64) -> Option<Priced> {
        let priced = self.told.remove(&attempt)?;
        self.by_time.remove(&(priced.0, attempt));
        Some(priced)
    }

    pub(super) fn forget_before(&mut self, time: i64) {
        while self.by_time.first().is_some_and(|&(oldest, _)| oldest < time) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, attempt)) = self.by_time.pop_first() {
            self.told.remove(&attempt);
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.told.capacity() * (size_of::<(u64, Priced)>() + 1)
            + self.by_time.len() * size_of::<(i64, u64)>()
    }
}
