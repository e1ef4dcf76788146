//! Computes the same answers by scanning every event.

use super::*;
use crate::network::Network;
use std::collections::HashMap;

/// The list of events that count.
pub(super) struct Model {
    counted: Vec<OwnedEvent>,
    refused: Vec<OwnedEvent>,
}

fn missing(told: &OwnedEvent) -> usize {
    let price = told.cost.is_none() || told.priced_by_event;
    let texts = [told.user, told.device, told.flow].iter().filter(|text| text.is_none()).count();
    texts
        + usize::from(told.phone.is_none())
        + usize::from(told.ip.is_none())
        + usize::from(told.region.is_none())
        + usize::from(price)
}

fn table(told: &OwnedEvent) -> Option<i64> {
    told.cost.filter(|_| told.what == EntryKind::Requested || !told.priced_by_event)
}

impl Model {
    pub(super) fn of(told: &[OwnedEvent]) -> Self {
        let kept = |told: &&OwnedEvent| told.time >= NOW - KEEP && told.time <= NOW + AHEAD;
        let mut journeys: HashMap<Uuid, Vec<&OwnedEvent>> = HashMap::new();
        let mut refused = Vec::new();
        for told in told.iter().filter(kept) {
            match told.what {
                EntryKind::Requested | EntryKind::Sent | EntryKind::Cost => {
                    journeys.entry(told.attempt).or_default().push(told)
                }
                EntryKind::Refused(_) => refused.push(told.clone()),
                EntryKind::RefusedOther | EntryKind::Verified => {}
            }
        }
        let mut counted = Vec::new();
        for journey in journeys.into_values() {
            let (requested, told): (Vec<&OwnedEvent>, Vec<&OwnedEvent>) =
                journey.into_iter().partition(|told| told.what == EntryKind::Requested);
            let own = told.iter().filter(|told| told.priced_by_event);
            let own = own.filter_map(|sent| Some((sent.time, sent.cost?))).min();
            let mut here: Vec<OwnedEvent> = if requested.is_empty() {
                let sent = told.into_iter().filter(|told| told.what == EntryKind::Sent);
                let first = sent.min_by_key(|told| {
                    let facts = facts::Facts::of(&told.entry(), told.priced_by_event);
                    (told.time, missing(told), facts)
                });
                first.into_iter().cloned().collect()
            } else {
                requested.into_iter().cloned().collect()
            };
            here.iter_mut().for_each(|told| told.cost = table(told));
            here.sort_by_key(|told| (told.time, told.cost));
            if let (Some((_, cost)), Some(first)) = (own, here.first_mut()) {
                first.cost = Some(cost);
            }
            counted.extend(here);
        }
        counted.sort_by_key(|told| told.time);
        refused.sort_by_key(|told| told.time);
        Self { counted, refused }
    }

    pub(super) fn len(&self) -> usize {
        self.counted.len()
    }

    pub(super) fn oldest(&self) -> Option<i64> {
        self.counted.first().map(|told| told.time)
    }

    fn times<'a>(&'a self, key: &'a Key<'a>) -> impl Iterator<Item = i64> + 'a {
        self.counted.iter().filter(move |told| has(told, key)).map(|told| told.time)
    }

    pub(super) fn count(&self, key: &Key<'_>, now: i64, window: i64) -> u64 {
        self.times(key).filter(|&time| now - window < time && time <= now).count() as u64
    }

    pub(super) fn fits_at(&self, key: &Key<'_>, now: i64, window: i64, limit: u64) -> i64 {
        // The count only drops when an entry leaves.
        let leaving = self.times(key).map(|time| time + window).filter(|&time| time > now);
        let mut moments: Vec<i64> = std::iter::once(now).chain(leaving).collect();
        moments.sort_unstable();
        let fits = |&at: &i64| self.count(key, at, window) < limit;
        moments.into_iter().find(fits).unwrap_or(i64::MAX)
    }

    pub(super) fn spent(&self, now: i64, window: i64) -> Spent {
        let inside = |told: &&OwnedEvent| now - window < told.time && told.time <= now;
        self.counted.iter().filter(inside).fold(Spent::default(), |spent, told| Spent {
            amount: spent.amount + told.cost.unwrap_or(0),
            unpriced: spent.unpriced + u64::from(told.cost.is_none()),
        })
    }

    pub(super) fn refusals(&self, key: &Key<'_>, now: i64) -> u32 {
        let latest = self.times(key).filter(|&time| time <= now).max();
        let by_key =
            |told: &&OwnedEvent| told.what == EntryKind::Refused(key.dimension()) && has(told, key);
        let all: Vec<i64> = self.refused.iter().filter(by_key).map(|told| told.time).collect();
        let newest = &all[all.len().saturating_sub(16)..];
        let mut row = 0_i64;
        let mut last: Option<i64> = None;
        for &time in newest {
            if time > now || time <= now - WINDOW_MAX || latest.is_some_and(|latest| time < latest)
            {
                continue;
            }
            row = last.map_or(0, |last| (row - (time - last) / HOUR).max(0));
            row = (row + 1).min(6);
            last = Some(time);
        }
        last.map_or(0, |last| u32::try_from((row - (now - last) / HOUR).max(0)).unwrap())
    }
}

/// Whether an event belongs to a key.
fn has(told: &OwnedEvent, key: &Key<'_>) -> bool {
    let network = |ip: IpAddr| Network::of(ip, if ip.to_canonical().is_ipv4() { 24 } else { 48 });
    match *key {
        Key::Number(phone) => told.phone == Some(phone),
        Key::NumberBlock(block) => told.phone.map(NumberBlock::of) == Some(block),
        Key::Ip(ip) => told.ip.map(Network::of_subscriber) == Some(Network::of_subscriber(ip)),
        Key::IpNetwork(ip) => told.ip.map(network) == Some(network(ip)),
        Key::Device(device) => told.device == Some(device),
        Key::User(user) => told.user == Some(user),
        Key::Region(region) => told.region == Some(region),
        Key::Flow(flow) => told.flow == Some(flow),
        Key::All => true,
    }
}
