//! Made-up traffic: ordinary users and, on request, attacks, as the sources would report them.
//! The same arguments give the same events for ever; nothing here asks a clock.

mod attacks;
mod names;
mod pace;
mod people;
mod rng;
mod visits;

pub use attacks::Attack;

use crate::{Event, Fault, Invalid, Source};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use names::Names;
use pace::{HOUR, Pace, Slot};
use people::{Crowd, LANDS};
use rng::Rng;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The most days a simulation may cover.
const MAX_DAYS: u32 = 3_650;

/// One stream of visits: the ordinary one or an attack.
#[derive(Debug)]
struct Stream {
    attack: Option<Attack>,
    pace: Pace,
    rng: Rng,
}

/// An event on its way, ordered by time, then by the order it was made in.
#[derive(Debug)]
struct Due {
    time: u64,
    made: u64,
    event: Event,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, self.made).cmp(&(other.time, other.made))
    }
}

/// Events in the order of their time. Holds only the visits under way.
#[derive(Debug)]
pub struct Simulation {
    names: Names,
    crowd: Crowd,
    seed: u64,
    /// What ids begin with: another simulation's events are other events.
    name: String,
    start: DateTime<Utc>,
    /// The hour of the week at `start`, from Monday's midnight.
    first_hour: u64,
    streams: Vec<Stream>,
    waiting: BinaryHeap<Reverse<Due>>,
    made: u64,
}

/// Simulates exactly `events` events over `days` days from `start` on. The last visits may end a
/// few minutes after the last day. Attacks strike in a few hours of some days and take their share
/// of the events; naming one twice changes nothing. Every event has `extra.label`: `normal` or
/// `attack:<kind>`.
///
/// # Errors
/// `days` not from 1 to 3650; `start` not from 2000 to 2100.
pub fn simulate(
    events: u64,
    days: u32,
    seed: u64,
    start: DateTime<Utc>,
    attacks: &[Attack],
) -> Result<Simulation, Invalid> {
    let mut invalid = Invalid::default();
    if !(1..=MAX_DAYS).contains(&days) {
        invalid.push(
            "days",
            Fault::outside(days, 1),
            format!("{days} days; 1 to {MAX_DAYS} are allowed"),
        );
    }
    if !(2000..=2100).contains(&start.year()) {
        invalid.push(
            "start",
            Fault::TimeOutOfRange,
            format!("{start}; the years 2000 to 2100 are allowed"),
        );
    }
    invalid.or(())?;
    let source = |name: &str| {
        name.parse::<Source>().map_err(|error| Invalid::one("source", Fault::InvalidValue, error))
    };
    let names = Names { b2c: source("b2c")?, entra: source("entra")?, twilio: source("twilio")? };
    let first_hour = u64::from(start.weekday().num_days_from_monday() * 24 + start.hour());
    let days = u64::from(days);

    let mut attacks = attacks.to_vec();
    attacks.sort_unstable();
    attacks.dedup();
    let mut left = events;
    let mut streams = Vec::new();
    for attack in attacks {
        let mut rng = Rng::of(&[seed, 10, attack as u64]);
        // A small simulation shows its attacks too, at most a tenth of it each.
        let budget = (events * attack.share() / 1_000).max(events.min(300) / 10).min(left);
        left -= budget;
        streams.push(Stream {
            attack: Some(attack),
            pace: Pace::new(attack.slots(days, &mut rng), budget),
            rng,
        });
    }
    let hours = (0..days * 24).map(|hour| Slot {
        begin: hour * HOUR,
        length: HOUR,
        weight: LANDS.iter().map(|land| land.weight(first_hour + hour)).sum(),
    });
    streams.push(Stream {
        attack: None,
        pace: Pace::new(hours.collect(), left),
        rng: Rng::of(&[seed, 10]),
    });
    let name = Rng::of(&[seed, events, days, start.timestamp_micros().cast_unsigned()]).next();
    Ok(Simulation {
        names,
        crowd: Crowd::new(seed, events),
        seed,
        name: format!("sim-{:08x}", name >> 32),
        start,
        first_hour,
        streams,
        waiting: BinaryHeap::new(),
        made: 0,
    })
}

impl Simulation {
    /// Makes the next visit of the stream that is furthest behind.
    fn visit(&mut self, stream: usize) {
        let Stream { attack, pace, rng } = &mut self.streams[stream];
        let Some(at) = pace.next(rng) else {
            return;
        };
        let mut visit = match attack {
            Some(attack) => attack.strike(&self.names, self.crowd, self.seed, at, rng),
            None => visits::visit(&self.names, self.crowd, at, self.first_hour + at / HOUR, rng),
        };
        visit.sort_by_key(|(time, _)| *time);
        visit.truncate(usize::try_from(pace.left()).unwrap_or(usize::MAX));
        pace.spend(visit.len() as u64);
        for (time, mut event) in visit {
            event.id = format!("{}-{}", self.name, self.made);
            event.time = self.start + TimeDelta::microseconds(time.cast_signed());
            self.waiting.push(Reverse(Due { time, made: self.made, event }));
            self.made += 1;
        }
    }
}

impl Iterator for Simulation {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            let floors = self.streams.iter_mut().enumerate();
            let behind = floors.filter_map(|(at, stream)| Some((stream.pace.floor()?, at))).min();
            let ready = self.waiting.peek().map(|Reverse(due)| due.time);
            match (behind, ready) {
                // No visit to come can begin before this event.
                (Some((floor, _)), Some(time)) if time <= floor => break,
                (Some((_, stream)), _) => self.visit(stream),
                (None, _) => break,
            }
        }
        self.waiting.pop().map(|Reverse(due)| due.event)
    }
}

#[cfg(test)]
mod tests;
