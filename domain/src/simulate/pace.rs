//! When things happen: a stream of visits that spends its events over weighted stretches of time.

use super::rng::Rng;

/// Microseconds of an hour.
pub(super) const HOUR: u64 = 3_600_000_000;

/// A stretch of time and how busy it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Begin, in microseconds after the simulation's start.
    pub(super) begin: u64,
    /// Length in microseconds.
    pub(super) length: u64,
    /// How busy, relative to the others; not 0.
    pub(super) weight: u64,
}

/// Spreads a budget of events over slots: after a share of the events, the same share of the
/// weight has passed. So the number of events is exact and the shape holds, whatever the size.
#[derive(Debug)]
pub(super) struct Pace {
    slots: Vec<Slot>,
    total: u128,
    budget: u64,
    done: u64,
    /// The slot reached, and the weight of those before it.
    at: usize,
    before: u128,
}

/// How far ahead of its due a visit may begin, in events: about one visit's worth, so that visits
/// do not come like a clock.
const JITTER: u128 = 4;

impl Pace {
    pub(super) fn new(slots: Vec<Slot>, budget: u64) -> Self {
        let total =
            slots.iter().map(|slot| u128::from(slot.length) * u128::from(slot.weight)).sum();
        Self { slots, total, budget, done: 0, at: 0, before: 0 }
    }

    /// How many events are still to come.
    pub(super) fn left(&self) -> u64 {
        self.budget - self.done
    }

    /// Takes note of events made, at most those left.
    pub(super) fn spend(&mut self, events: u64) {
        self.done = self.budget.min(self.done + events);
    }

    /// The earliest time the next visit can begin; `None` when the budget is spent.
    pub(super) fn floor(&mut self) -> Option<u64> {
        if self.left() == 0 || self.total == 0 {
            return None;
        }
        let due = self.total * u128::from(self.done) / u128::from(self.budget);
        while let Some(slot) = self.slots.get(self.at) {
            let weight = u128::from(slot.length) * u128::from(slot.weight);
            if due < self.before + weight || self.at + 1 == self.slots.len() {
                break;
            }
            self.before += weight;
            self.at += 1;
        }
        Some(place(&self.slots, self.at, self.before, due))
    }

    /// When the next visit begins: at the floor or a little later.
    pub(super) fn next(&mut self, rng: &mut Rng) -> Option<u64> {
        self.floor()?;
        let due = self.total * u128::from(self.done) / u128::from(self.budget);
        let room = (self.total * JITTER / u128::from(self.budget)).min(self.total - due - 1);
        let due = due + u128::from(rng.below(u64::try_from(room).unwrap_or(u64::MAX)));
        let (mut at, mut before) = (self.at, self.before);
        while let Some(slot) = self.slots.get(at) {
            let weight = u128::from(slot.length) * u128::from(slot.weight);
            if due < before + weight {
                break;
            }
            before += weight;
            at += 1;
        }
        Some(place(&self.slots, at, before, due))
    }
}

/// The time at which `due` of the weight has passed, in a slot before which `before` had.
fn place(slots: &[Slot], at: usize, before: u128, due: u128) -> u64 {
    slots.get(at).map_or(0, |slot| {
        let inside = due.saturating_sub(before) / u128::from(slot.weight.max(1));
        slot.begin + u64::try_from(inside).unwrap_or(slot.length).min(slot.length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_follows_the_weights() {
        let slots = vec![
            Slot { begin: 0, length: HOUR, weight: 1 },
            Slot { begin: 10 * HOUR, length: HOUR, weight: 3 },
        ];
        let mut pace = Pace::new(slots, 4_000);
        let mut rng = Rng::of(&[1]);
        let mut first = 0;
        let mut floor = 0;
        while let Some(due) = pace.floor() {
            assert!(due >= floor);
            floor = due;
            let time = pace.next(&mut rng).unwrap();
            assert!(time >= due && (time <= HOUR || (10 * HOUR..=11 * HOUR).contains(&time)));
            first += u64::from(time <= HOUR);
            pace.spend(1);
        }
        assert!((990..=1_001).contains(&first), "{first}");
        assert_eq!(pace.left(), 0);
    }
}
