//! The gate's ledger: the last 24 hours of events in memory, so that a decision takes microseconds
//! (contract, section 4). A pure fold over events; the result does not depend on their order.
//!
//! Each `requested` of the gate counts, even several of one journey. A journey without any counts
//! once, by its earliest `sent` or `failed`. `refused` never counts.

mod aside;
mod entry;
mod facts;
mod fold;
mod index;
mod keys;
mod pack;
mod refusals;
mod rows;
mod series;
mod slab;
#[cfg(test)]
mod tests;
mod tree;

use crate::PhoneNumber;
use rows::Rows;
use std::collections::HashMap;
use uuid::Uuid;

pub use entry::{AHEAD, Dimension, Entry, EntryKind, KEEP, Key, NumberBlock, WINDOW_MAX};

/// Default maximum number of entries.
pub const ENTRIES: usize = 10_000_000;
/// Memory budget per entry, including everything that hangs off it.
const BYTES_PER_ENTRY: usize = 107;
/// Minimum budget: a small ledger may have more keys per entry, and long names.
const BYTES_MIN: usize = 1 << 28;

/// What was spent in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// In billionths of the caps' currency.
    pub amount: i64,
    /// Entries without a price; they count as 0.
    pub unpriced: u64,
}

/// The last 24 hours. All times are microseconds since 1970.
///
/// Accepts entries at most [`KEEP`] old and at most [`AHEAD`] of the caller's clock; future entries
/// count once their time comes. A clock that goes backwards has no other effect. Journeys are
/// identified by 64 bits of a keyed hash: among 10 million, the odds of a collision are 1 in
/// 370,000, and it would leave one `sent` uncounted.
pub struct Ledger {
    rows: Rows,
    /// For journeys that the gate allowed more than once: all requests but the first.
    repeats: aside::Repeats,
    /// The `sent` of allowed journeys, needed only if the allowance is taken back.
    waiting: aside::Waiting,
    /// Prices whose `sent` is unknown or has not arrived yet.
    costs: aside::Costs,
    refusals: refusals::Refusals,
    trusted: HashMap<PhoneNumber, i64>,
    bound: usize,
    bytes: usize,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_bound(ENTRIES)
    }
}

impl Ledger {
    /// An empty ledger for at most `entries` entries (1 to 16 million). Its memory is limited to
    /// 107 bytes per entry (1 GiB for 10 million) or 256 MiB, whichever is more. At either limit
    /// the oldest entries are evicted first; [`Self::oldest`] says since when it is complete.
    pub fn with_bound(entries: usize) -> Self {
        let bound = entries.clamp(1, 16_000_000);
        Self {
            rows: Rows::default(),
            repeats: aside::Repeats::new(),
            waiting: aside::Waiting::default(),
            costs: aside::Costs::default(),
            refusals: refusals::Refusals::new(bound),
            trusted: HashMap::new(),
            bound,
            bytes: (bound * BYTES_PER_ENTRY).max(BYTES_MIN),
        }
    }

    /// Prefetches the data of a decision's keys, so that the queries that follow do not each wait
    /// for memory. It changes no answer, and only uses the first 12 keys.
    pub fn warm(&self, keys: &[Key<'_>]) {
        self.rows.warm(keys);
    }

    /// Entries of a key with `now` − `window` < time ≤ `now`.
    #[inline]
    pub fn count(&self, key: &Key<'_>, now: i64, window: i64) -> u64 {
        let times = self.rows.times(key);
        let from = now.saturating_sub(window);
        u64::from(times.up_to(now).saturating_sub(times.up_to(from)))
    }

    /// The earliest time from `now` on at which the window holds fewer entries than `limit`,
    /// assuming no further entries. `i64::MAX` if the limit is 0.
    pub(crate) fn fits_at(&self, key: &Key<'_>, now: i64, window: i64, limit: u64) -> i64 {
        let times = self.rows.times(key);
        let mut at = now;
        if limit == 0 || window <= 0 {
            return if limit == 0 { i64::MAX } else { now };
        }
        // Future entries may fill the window again while older ones leave it.
        loop {
            let gone = times.up_to(at.saturating_sub(window));
            let inside = u64::from(times.up_to(at).saturating_sub(gone));
            if inside < limit {
                return at;
            }
            // At least this many must leave; the last of them leaves at its time + window.
            let last = u32::try_from(inside - limit).ok().and_then(|more| gone.checked_add(more));
            match last.and_then(|last| times.nth(last)) {
                Some(time) => at = time.saturating_add(window),
                None => return at,
            }
        }
    }

    /// Consecutive refusals of a key up to `now` by a limit of its dimension, at most
    /// `REFUSALS_MAX`. Each full hour between two refusals, or between the last one and `now`,
    /// subtracts one. Refusals before the key's latest entry do not count. Only the newest 16 of
    /// the last 24 hours are kept.
    pub(crate) fn refusals(&self, key: &Key<'_>, now: i64) -> u32 {
        let since = |now| {
            let times = self.rows.times(key);
            times.up_to(now).checked_sub(1).and_then(|last| times.nth(last))
        };
        self.refusals.in_a_row(key, now, since)
    }

    /// Total cost of the entries with `now` − `window` < time ≤ `now`.
    pub fn spent(&self, now: i64, window: i64) -> Spent {
        let money = self.rows.money(now.saturating_sub(window), now);
        let most = i128::from(i64::MAX);
        Spent {
            amount: i64::try_from(money.amount.clamp(0, most)).unwrap_or(i64::MAX),
            unpriced: money.unpriced.into(),
        }
    }

    /// Records that a number verified and is trusted from then on; the latest time wins.
    pub fn trust(&mut self, phone: PhoneNumber, verified: i64) {
        let last = self.trusted.entry(phone).or_insert(verified);
        *last = verified.max(*last);
    }

    /// Swaps the trusted numbers with another ledger; nothing else changes.
    pub fn take_trust(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.trusted, &mut other.trusted);
    }

    /// When a number last verified in a way that makes it trusted; `None` if it never did.
    pub fn trusted_since(&self, phone: PhoneNumber) -> Option<i64> {
        self.trusted.get(&phone).copied()
    }

    /// Drops verifications before `time`. Scans all of them: call it about once a day.
    pub fn forget_trust_before(&mut self, time: i64) {
        self.trusted.retain(|_, verified| *verified >= time);
    }

    /// Drops verifications of numbers for which `keep` is false.
    pub fn retain_trust(&mut self, keep: impl Fn(PhoneNumber) -> bool) {
        self.trusted.retain(|phone, _| keep(*phone));
    }

    /// Whether a journey has an entry.
    pub fn seen(&self, attempt: Uuid) -> bool {
        self.rows.head(self.rows.hash(attempt)).is_some()
    }

    /// Number of entries, including those older than the longest window and not evicted yet.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Estimated bytes allocated, including a guess at the allocator's rounding.
    pub fn memory(&self) -> usize {
        self.rows.memory()
            + self.repeats.capacity() * aside::REPEAT_BYTES
            + self.waiting.memory()
            + self.costs.memory()
            + self.refusals.memory()
            + self.trusted.capacity() * (size_of::<(PhoneNumber, i64)>() + 2)
    }

    /// Time of the oldest entry; `None` if the ledger is empty.
    pub fn oldest(&self) -> Option<i64> {
        self.rows.oldest().map(|(_, time)| time)
    }
}
