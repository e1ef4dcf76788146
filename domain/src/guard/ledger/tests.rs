//! The ledger compared with a linear scan over a list of events.

mod examples;
mod model;
mod properties;
mod structures;

use super::entry::HOUR;
use super::*;
use crate::events::attempt_of;
use crate::{Channel, Region};
use std::net::IpAddr;

/// A Monday morning, in microseconds.
const NOW: i64 = 1_790_000_000_000_000;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// An owned event.
#[derive(Debug, Clone, PartialEq)]
struct OwnedEvent {
    time: i64,
    what: EntryKind,
    attempt: Uuid,
    phone: Option<PhoneNumber>,
    region: Option<Region>,
    ip: Option<IpAddr>,
    user: Option<&'static str>,
    device: Option<&'static str>,
    flow: Option<&'static str>,
    cost: Option<i64>,
    priced_by_event: bool,
}

impl OwnedEvent {
    fn new(what: EntryKind, journey: &str, time: i64) -> Self {
        Self {
            time,
            what,
            attempt: attempt_of(journey),
            phone: Some(number("+14155550100")),
            region: Some("US".parse().unwrap()),
            ip: Some("192.0.2.1".parse().unwrap()),
            user: Some("ann@example.com"),
            device: None,
            flow: Some("sign-in"),
            cost: None,
            priced_by_event: false,
        }
    }

    fn entry(&self) -> Entry<'static> {
        Entry {
            key: Uuid::nil(),
            time: self.time,
            what: self.what,
            attempt: self.attempt,
            phone: self.phone,
            region: self.region,
            channel: Some(Channel::Sms),
            ip: self.ip,
            user: self.user,
            device: self.device,
            flow: self.flow,
            cost: self.cost,
            priced_by_event: self.priced_by_event,
        }
    }
}

fn number(text: &str) -> PhoneNumber {
    text.parse().unwrap()
}

fn folded<'a>(told: impl IntoIterator<Item = &'a OwnedEvent>) -> Ledger {
    let mut ledger = Ledger::default();
    for told in told {
        ledger.note(&told.entry(), NOW);
    }
    ledger
}
