//! Synthetic traffic: ordinary users and optional attacks, as sources would report them.
//! Deterministic: the same arguments always give the same events, and no clock is read.

mod attacks;
mod pace;
mod people;
mod rng;
mod visits;

pub use attacks::Attack;

use crate::{Event, Fault, Invalid, Source};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use pace::{HOUR, Pace, Slot};
use people::{COUNTRIES, Crowd};
use rng::Rng;
use std::collections::BTreeMap;
use visits::Names;

const MAX_DAYS: u32 = 3_650;

/// A stream of visits: the ordinary one or an attack.
#[derive(Debug)]
struct Stream {
    attack: Option<Attack>,
    pace: Pace,
    rng: Rng,
}

/// Iterates over events in time order. Holds only the visits in progress.
#[derive(Debug)]
pub struct Simulation {
    names: Names,
    crowd: Crowd,
    seed: u64,
    /// Prefix of event ids, so that simulations do not share events.
    name: String,
    start: DateTime<Utc>,
    /// The hour of the week at `start`, from Monday midnight.
    first_hour: u64,
    streams: Vec<Stream>,
    /// Pending events, ordered by time, then by creation.
    waiting: BTreeMap<(u64, u64), Event>,
    made: u64,
}

/// Simulates exactly `events` events over `days` days from `start`. The last visits may end a few
/// minutes after the last day. Attacks happen in a few hours of some days and take their share of
/// the events; naming one twice changes nothing. Every event has `extra.label`: `normal` or
/// `attack:<kind>`.
///
/// # Errors
/// `days` is not from 1 to 3650, or `start` is not from 2000 to 2100.
pub fn simulate(
    events: u64,
    days: u32,
    seed: u64,
    start: DateTime<Utc>,
    attacks: &[Attack],
) -> Result<Simulation, Invalid> {
    let mut invalid = Invalid::default();
    if !(1..=MAX_DAYS).contains(&days) {
        let message = format!("{days} days; 1 to {MAX_DAYS} are allowed");
        invalid.push("days", Fault::outside(days, 1), message);
    }
    if !(2000..=2100).contains(&start.year()) {
        let message = format!("{start}; the years 2000 to 2100 are allowed");
        invalid.push("start", Fault::TimeOutOfRange, message);
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
        // A small simulation shows its attacks too, at most a tenth each.
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
        weight: COUNTRIES.iter().map(|country| country.weight(first_hour + hour)).sum(),
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
        waiting: BTreeMap::new(),
        made: 0,
    })
}

impl Simulation {
    /// Creates the next visit of the stream that is furthest behind.
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
            self.waiting.insert((time, self.made), event);
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
            let ready = self.waiting.first_key_value().map(|((time, _), _)| *time);
            match (behind, ready) {
                // No future visit can begin before this event.
                (Some((floor, _)), Some(time)) if time <= floor => break,
                (Some((_, stream)), _) => self.visit(stream),
                (None, _) => break,
            }
        }
        self.waiting.pop_first().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests;
