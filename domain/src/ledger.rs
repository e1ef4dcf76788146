//! The gate's ledger: what happened in the last 24 hours, held in memory so that a decision
//! takes microseconds (contract, section 4). Pure: a fold over events that gives the same
//! answers whatever their order.
//!
//! What counts is every `requested` of the gate, one by one, also those of one journey; and of a
//! journey without any, its earliest `sent` or `failed`. `refused` never counts.

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

pub use entry::{AHEAD, Dimension, Entry, KEEP, Key, NumberBlock, WINDOW_MAX, What};

/// Most entries that a ledger holds unless told otherwise.
pub const ENTRIES: usize = 10_000_000;
/// Most bytes for each entry of the bound, with everything that hangs on it.
const BYTES_PER_ENTRY: usize = 107;
/// Small ledgers may have more keys for each entry, and long names.
const BYTES_MIN: usize = 1 << 28;

/// What was spent in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Billionths of the caps' currency.
    pub amount: i64,
    /// Entries without a price: they count 0.
    pub unpriced: u64,
}

/// The last 24 hours. All times are microseconds since 1970.
///
/// It takes in what is at most [`KEEP`] old and at most [`AHEAD`] of the clock that the caller
/// gives; what lies ahead counts when its time comes. A clock that went backwards changes nothing
/// but that. Journeys are told apart by 64 bits of a hash with a secret: that two of 10 million are
/// taken for one has odds of 1 in 370,000, and would leave one `sent` uncounted.
pub struct Ledger {
    rows: Rows,
    /// Of journeys that the gate let out more than once: all but the first.
    repeats: aside::Repeats,
    /// `sent` of journeys that the gate let out: needed only when that is taken back.
    waiting: aside::Waiting,
    /// Prices of sends that are not known, or not yet.
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
    /// An empty ledger of at most [`ENTRIES`].
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty ledger of at most so many entries (1 to 16 million), in at most 107 bytes for each
    /// of them (1 GiB for 10 million) or 256 MiB, whichever is more. When either is reached, the
    /// oldest are forgotten first; [`Self::oldest`] tells from when on it is complete.
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

    /// Brings the keys of a decision near the processor, so that the questions that follow need not
    /// wait for memory one by one. It changes no answer; of more than 12 keys it looks at the first.
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

    /// The earliest time from `now` on at which the window holds fewer entries than `limit`, so
    /// that one more makes at most `limit`; assuming that nothing else comes than what is known.
    /// `i64::MAX` when that never happens: the limit is 0.
    pub(crate) fn fits_at(&self, key: &Key<'_>, now: i64, window: i64, limit: u64) -> i64 {
        let times = self.rows.times(key);
        let mut at = now;
        if limit == 0 || window <= 0 {
            return if limit == 0 { i64::MAX } else { now };
        }
        // What lies ahead may fill the window again while older ones leave it.
        loop {
            let gone = times.up_to(at.saturating_sub(window));
            let inside = u64::from(times.up_to(at).saturating_sub(gone));
            if inside < limit {
                return at;
            }
            // So many have to leave at least; the last of them leaves at its time + window.
            let last = u32::try_from(inside - limit).ok().and_then(|more| gone.checked_add(more));
            match last.and_then(|last| times.nth(last)) {
                Some(time) => at = time.saturating_add(window),
                None => return at,
            }
        }
    }

    /// Refusals in a row of a key up to `now`, by a limit of its dimension: at most
    /// `REFUSALS_MAX`, one fewer for each whole hour without one before the next, or before
    /// `now`; those before the key's latest entry do not count. Of each key the newest 16 of the
    /// last 24 hours are known.
    pub fn refusals(&self, key: &Key<'_>, now: i64) -> u32 {
        let since = |now| {
            let times = self.rows.times(key);
            times.up_to(now).checked_sub(1).and_then(|last| times.nth(last))
        };
        self.refusals.in_a_row(key, now, since)
    }

    /// What the entries with `now` − `window` < time ≤ `now` cost.
    pub fn spent(&self, now: i64, window: i64) -> Spent {
        let money = self.rows.money(now.saturating_sub(window), now);
        let most = i128::from(i64::MAX);
        Spent {
            amount: i64::try_from(money.amount.clamp(0, most)).unwrap_or(i64::MAX),
            unpriced: money.unpriced.into(),
        }
    }

    /// A number verified, in a way that makes it trusted; the latest counts.
    pub fn trust(&mut self, phone: PhoneNumber, verified: i64) {
        let last = self.trusted.entry(phone).or_insert(verified);
        *last = verified.max(*last);
    }

    /// Takes over whom another ledger trusts, and nothing else.
    pub fn take_trust(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.trusted, &mut other.trusted);
    }

    /// When a number last verified so.
    pub fn trusted_since(&self, phone: PhoneNumber) -> Option<i64> {
        self.trusted.get(&phone).copied()
    }

    /// Forgets verifications before a time: 90 days ago. Looks at all of them: once a day will do.
    pub fn forget_trust_before(&mut self, time: i64) {
        self.trusted.retain(|_, verified| *verified >= time);
    }

    /// Forgets verifications of numbers that are not to be kept.
    pub fn retain_trust(&mut self, keep: impl Fn(PhoneNumber) -> bool) {
        self.trusted.retain(|phone, _| keep(*phone));
    }

    /// Whether a journey has an entry.
    pub fn seen(&self, attempt: Uuid) -> bool {
        self.rows.head(self.rows.hash(attempt)).is_some()
    }

    /// How many entries it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes taken from the system, as far as known; the allocator's own rounding is guessed.
    pub fn memory(&self) -> usize {
        let trusted = self.trusted.capacity() * (size_of::<(PhoneNumber, i64)>() + 2);
        let repeats = self.repeats.capacity() * aside::REPEAT_BYTES;
        let costs = self.costs.memory();
        self.rows.memory()
            + repeats
            + self.waiting.memory()
            + costs
            + self.refusals.memory()
            + trusted
    }

    /// The time of the oldest entry.
    pub fn oldest(&self) -> Option<i64> {
        self.rows.oldest().map(|(_, time)| time)
    }
}
