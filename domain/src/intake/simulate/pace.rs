//! Pacing: a stream of visits distributes its events over weighted time slots.

use super::rng::Rng;

/// Microseconds per hour.
pub(super) const HOUR: u64 = 3_600_000_000;

/// A time slot and its activity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// In microseconds after the simulation's start.
    pub(super) begin: u64,
    /// In microseconds.
    pub(super) length: u64,
    /// Activity relative to the other slots; not 0.
    pub(super) weight: u64,
}

/// Distributes a number of events over slots: the share of events always equals the share of weight
/// passed. So the total is exact and the shape holds at any size.
#[derive(Debug)]
pub(super) struct Pace {
    slots: Vec<Slot>,
    total: u128,
    budget: u64,
    done: u64,
    /// The current slot, and the weight of the slots before it.
    at: usize,
    before: u128,
}

/// How early a visit may begin, in events: about one visit's worth, so that visits are not evenly
/// spaced.
const JITTER: u128 = 4;

impl Pace {
    pub(super) fn new(slots: Vec<Slot>, budget: u64) -> Self {
        let total =
            slots.iter().map(|slot| u128::from(slot.length) * u128::from(slot.weight)).sum();
        Self { slots, total, budget, done: 0, at: 0, before: 0 }
    }

    pub(super) fn left(&self) -> u64 {
        self.budget - self.done
    }

    /// Records events created, at most those left.
    pub(super) fn spend(&mut self, events: u64) {
        self.done = self.budget.min(self.done + events);
    }

    /// The earliest start of the next visit; `None` when no events are left.
    pub(super) fn floor(&mut self) -> Option<u64> {
        if self.left() == 0 || self.total == 0 {
            return None;
        }
        let due = self.total * u128::from(self.done) / u128::from(self.budget);
        (self.at, self.before) = self.slot_of(due);
        Some(place(&self.slots, self.at, self.before, due))
    }

    /// The start of the next visit: at the floor or slightly later.
    pub(super) fn next(&mut self, rng: &mut Rng) -> Option<u64> {
        self.floor()?;
        let due = self.total * u128::from(self.done) / u128::from(self.budget);
        let room = (self.total * JITTER / u128::from(self.budget)).min(self.total - due - 1);
        let due = due + u128::from(rng.below(u64::try_from(room).unwrap_or(u64::MAX)));
        let (at, before) = self.slot_of(due);
        Some(place(&self.slots, at, before, due))
    }

    /// The slot in which `due` of the weight has passed, and the weight of the slots before it.
    fn slot_of(&self, due: u128) -> (usize, u128) {
        let (mut at, mut before) = (self.at, self.before);
        while let Some(slot) = self.slots.get(at) {
            let weight = u128::from(slot.length) * u128::from(slot.weight);
            if due < before + weight || at + 1 == self.slots.len() {
                break;
            }
            before += weight;
            at += 1;
        }
        (at, before)
    }
}

/// The time at which `due` of the weight has passed, in a slot that begins at weight `before`.
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
