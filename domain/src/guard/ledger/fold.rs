//! Adds events, in any order.

use super::Ledger;
use super::entry::{AHEAD, Dimension, Entry, EntryKind, HOUR, KEEP, Key};
use super::facts::Facts;
use uuid::Uuid;

/// Maximum number of rows that one call evicts.
const FORGET: usize = 2_000;
/// Expired rows evicted with each new entry.
const FORGET_BESIDE: usize = 2;
/// Maximum number of rows evicted per new entry when names take too much memory.
const MAKE_ROOM: usize = 8;
/// How far entries may be from the new centre of the packed range.
const NEAR: i64 = 72 * HOUR;

/// Dimensions with many keys, whose times are rarely in the processor's cache.
const WARM: [Dimension; 6] = [
    Dimension::Number,
    Dimension::NumberBlock,
    Dimension::Ip,
    Dimension::IpNetwork,
    Dimension::User,
    Dimension::Device,
];

impl Ledger {
    /// Adds an event; ignored if it is older than [`KEEP`] or farther ahead than [`AHEAD`].
    pub fn note(&mut self, entry: &Entry<'_>, now: i64) {
        let oldest = now.saturating_sub(KEEP);
        let kept = entry.time >= oldest && entry.time <= now.saturating_add(AHEAD);
        if kept {
            self.warm_for(entry);
            match entry.what {
                EntryKind::Requested => self.requested(entry),
                EntryKind::Sent => self.sent(entry),
                EntryKind::Cost => self.cost(entry),
                EntryKind::Refused(dimension) => {
                    if let Some(key) = entry.key_in(dimension) {
                        self.refusals.note(&key, entry.time);
                        self.refusals.forget_before(oldest);
                    }
                }
                EntryKind::RefusedOther | EntryKind::Verified => {}
            }
        }
        self.costs.forget_before(oldest);
        self.forget_some(oldest, FORGET_BESIDE);
        while self.rows.len() > self.bound {
            self.forget_oldest();
        }
        for _ in 0..MAKE_ROOM {
            if self.rows.held() <= self.bytes || self.rows.len() == 1 {
                break;
            }
            self.forget_oldest();
        }
    }

    fn warm_for(&self, entry: &Entry<'_>) {
        let keys = WARM.map(|dimension| entry.key_in(dimension).unwrap_or(Key::All));
        self.rows.warm_head(self.rows.hash(entry.attempt));
        self.rows.warm(&keys);
    }

    fn requested(&mut self, entry: &Entry<'_>) {
        self.make_holdable(entry.time);
        let attempt = self.rows.hash(entry.attempt);
        let facts = Facts::of(entry, false);
        let head = self.rows.head(attempt);
        let Some(head) = head else {
            let told = self.costs.take(attempt);
            let row = self.rows.add(attempt, &facts, true, told);
            self.rows.set_head(attempt, None, Some(row));
            return;
        };
        if !self.rows.requested(head) {
            let priced = self.rows.priced(head);
            self.waiting.keep(attempt, self.rows.facts(head).into_owned());
            self.rows.remove(head);
            let row = self.rows.add(attempt, &facts, true, priced);
            self.rows.set_head(attempt, Some(head), Some(row));
            return;
        }
        let first = (self.rows.time(head), self.rows.table_price(head));
        let repeat = if (facts.time, facts.price) < first {
            // A cost that an event reported belongs to the journey's first row.
            let priced = self.rows.priced(head);
            if priced.is_some() {
                self.rows.reprice(head, None);
            }
            let row = self.rows.add(attempt, &facts, true, priced);
            self.rows.set_head(attempt, Some(head), Some(row));
            (first.0, first.1, head)
        } else {
            let row = self.rows.add(attempt, &facts, true, None);
            (facts.time, facts.price, row)
        };
        self.repeats.entry(attempt).or_default().insert(repeat);
    }

    fn sent(&mut self, entry: &Entry<'_>) {
        self.make_holdable(entry.time);
        let attempt = self.rows.hash(entry.attempt);
        let facts = Facts::of(entry, entry.priced_by_event);
        let priced = entry.cost.filter(|_| entry.priced_by_event).map(|cost| (entry.time, cost));
        let Some(head) = self.rows.head(attempt) else {
            let priced = self.costs.take(attempt).into_iter().chain(priced).min();
            let row = self.rows.add(attempt, &facts, false, priced);
            self.rows.set_head(attempt, None, Some(row));
            return;
        };
        let known = self.rows.priced(head);
        let priced = known.into_iter().chain(priced).min();
        let requested = self.rows.requested(head);
        if requested {
            self.waiting.keep(attempt, facts.into_owned());
        } else if facts.is_before(&self.rows.facts(head)) {
            self.rows.remove(head);
            let row = self.rows.add(attempt, &facts, false, priced);
            self.rows.set_head(attempt, Some(head), Some(row));
            return;
        }
        if priced != known {
            self.rows.reprice(head, priced);
        }
    }

    fn cost(&mut self, entry: &Entry<'_>) {
        let Some(cost) = entry.cost.filter(|_| entry.priced_by_event) else { return };
        self.make_holdable(entry.time);
        let attempt = self.rows.hash(entry.attempt);
        let told = (entry.time, cost);
        let Some(head) = self.rows.head(attempt) else {
            self.costs.keep(attempt, told);
            return;
        };
        if self.rows.priced(head).is_none_or(|known| told < known) {
            self.rows.reprice(head, Some(told));
        }
    }

    /// Undoes a reservation: a [`EntryKind::Requested`] of this journey at this time that did not
    /// become durable. Call it soon: a `sent` that arrived in between counts again only while it is
    /// among the newest 16,384. Among several at the same time, any one is removed.
    pub fn take_back(&mut self, attempt: Uuid, time: i64) {
        let attempt = self.rows.hash(attempt);
        let Some(head) = self.rows.head(attempt).filter(|&head| self.rows.requested(head)) else {
            return;
        };
        if self.rows.time(head) != time {
            let repeats = self.repeats.get(&attempt);
            let at_time = (time, None, 0)..=(time, Some(i64::MAX), u32::MAX);
            let found = repeats.and_then(|rows| rows.range(at_time).next().copied());
            if let Some(repeat) = found {
                self.drop_repeat(attempt, repeat);
                self.rows.remove(repeat.2);
            }
            return;
        }
        let priced = self.rows.priced(head);
        self.rows.remove(head);
        let next = self.next_repeat(attempt).inspect(|&next| {
            if priced.is_some() {
                self.rows.reprice(next, priced);
            }
        });
        let next = next.or_else(|| {
            let sent = self.waiting.take(attempt)?;
            let here = self.rows.holds(sent.time);
            here.then(|| self.rows.add(attempt, &sent, false, priced))
        });
        self.rows.set_head(attempt, Some(head), next);
        if let Some(priced) = priced.filter(|_| next.is_none()) {
            self.costs.keep(attempt, priced);
        }
    }

    /// Evicts entries before `time`, the oldest first, at most 2,000; returns how many.
    /// [`Self::note`] evicts two expired entries itself, so this is for quiet times.
    pub fn forget_before(&mut self, time: i64) -> usize {
        self.refusals.forget_before(time);
        self.costs.forget_before(time);
        self.forget_some(time, FORGET)
    }

    fn forget_some(&mut self, time: i64, most: usize) -> usize {
        let old = |ledger: &Self| ledger.rows.oldest().is_some_and(|(_, oldest)| oldest < time);
        (0..most).take_while(|_| old(self) && self.forget_oldest()).count()
    }

    fn forget_oldest(&mut self) -> bool {
        let oldest = self.rows.oldest();
        oldest.inspect(|&(row, _)| self.forget(row)).is_some()
    }

    fn forget(&mut self, row: u32) {
        let attempt = self.rows.attempt(row);
        if self.rows.head(attempt) == Some(row) {
            // A reported price goes with its row; the journey's other rows keep the table price.
            let next = self.next_repeat(attempt);
            self.rows.set_head(attempt, Some(row), next);
            if next.is_none() {
                self.waiting.take(attempt);
            }
        } else {
            let repeat = (self.rows.time(row), self.rows.table_price(row), row);
            self.drop_repeat(attempt, repeat);
        }
        self.rows.remove(row);
    }

    fn next_repeat(&mut self, attempt: u64) -> Option<u32> {
        let first = *self.repeats.get(&attempt)?.first()?;
        self.drop_repeat(attempt, first);
        Some(first.2)
    }

    fn drop_repeat(&mut self, attempt: u64, repeat: (i64, Option<i64>, u32)) {
        if let Some(rows) = self.repeats.get_mut(&attempt) {
            rows.remove(&repeat);
            if rows.is_empty() {
                self.repeats.remove(&attempt);
            }
        }
    }

    /// Packed times span 12 days: the centre moves every six days, or when the clock jumps.
    fn make_holdable(&mut self, time: i64) {
        if self.rows.holds(time) {
            return;
        }
        let (from, to) = (time.saturating_sub(NEAR), time.saturating_add(NEAR));
        while let Some((row, _)) = self.rows.oldest().filter(|&(_, oldest)| oldest < from) {
            self.forget(row);
        }
        while let Some((row, _)) = self.rows.newest().filter(|&(_, newest)| newest > to) {
            self.forget(row);
        }
        self.rows.move_to(time);
    }
}
