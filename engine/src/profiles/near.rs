//! Neighbours: from the failures in memory, or if those do not reach back far enough, from the
//! events of the hours in which the subject failed.

use super::asked::{AttemptSelection, ProfileSubject};
use crate::columns::network_of;
use crate::signins::LinkedName;
use crate::{Engine, Error};
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use domain::handles::HandleKey;
use domain::neighbours::{Neighbour, Neighbours, OPEN, neighbours, open_between, shown_block};
use domain::region_figures::{hour_of, hour_start};
use domain::workbook::{Filters, Query, Sight};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Most neighbours shown.
pub(crate) const NEIGHBOURS: usize = 50;
/// Most hours searched in the store.
const HOURS: usize = 24;

/// Failed neighbours of a number or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The blocks of numbers without their last 2, 3 and 4 digits, or the network, as shown.
    pub within: Vec<String>,
    /// The neighbours.
    pub found: Neighbours<LinkedName>,
    /// Whether only the hours of the subject's own failures were searched, not the whole range.
    pub hours_only: bool,
}

/// The page's request, for the search of neighbours.
pub(super) struct NeighbourSearch<'a> {
    pub(super) engine: &'a Engine,
    pub(super) key: &'a HandleKey,
    pub(super) sight: Sight,
    pub(super) asked: AttemptSelection,
    /// When the subject failed, according to its newest attempts' events (µs since 1970).
    pub(super) told: &'a [i64],
}

impl NeighbourSearch<'_> {
    /// The neighbours; `None` for users.
    pub(super) async fn near(&self, subject: &ProfileSubject) -> Result<Option<Near>, Error> {
        Ok(match subject {
            ProfileSubject::Number(phone) => Some(self.number(*phone).await?),
            ProfileSubject::Ip(ip) => Some(self.ip(*ip).await?),
            ProfileSubject::User(_) => None,
        })
    }

    async fn number(&self, phone: PhoneNumber) -> Result<Near, Error> {
        let columns = &self.engine.columns;
        let query = self.query();
        let found = columns.read_table(&query, |table| table.near_number(phone, &query));
        let open = |other| open_between(phone, other).unwrap_or(OPEN[2]);
        let (found, hours_only) = match found.await? {
            Some(near) => (neighbours(&near.own, near.others, open, NEIGHBOURS), false),
            None => {
                let (pool, channel) = (self.engine.db.read(), self.asked.channel);
                let others =
                    store::profiles::near_number(pool, phone, channel, &self.hours()).await?;
                (neighbours(self.told, self.inside(others), open, NEIGHBOURS), true)
            }
        };
        let within = OPEN.map(|open| shown_block(phone, open, self.sight)).to_vec();
        let named = |phone| LinkedName::number(phone, self.key, self.sight);
        Ok(Near { within, found: map(found, named), hours_only })
    }

    async fn ip(&self, ip: IpAddr) -> Result<Near, Error> {
        let columns = &self.engine.columns;
        let network = network_of(ip);
        let query = self.query();
        let found = columns.read_table(&query, |table| table.near_ip(ip, &query));
        let (found, hours_only) = match found.await? {
            Some(near) => (neighbours(&near.own, near.others, |_| 0, NEIGHBOURS), false),
            None => {
                let (pool, channel) = (self.engine.db.read(), self.asked.channel);
                let others =
                    store::profiles::near_ip(pool, ip, network, channel, &self.hours()).await?;
                (neighbours(self.told, self.inside(others), |_| 0, NEIGHBOURS), true)
            }
        };
        let named = |ip: IpAddr| LinkedName { text: ip.to_string(), handle: ip.to_string() };
        Ok(Near { within: vec![network.to_string()], found: map(found, named), hours_only })
    }

    fn query(&self) -> Query {
        let AttemptSelection { period, channel, .. } = self.asked;
        Query { period, filters: Filters { channel, ..Filters::default() } }
    }

    /// The newest hours in which the subject failed.
    fn hours(&self) -> Vec<DateTime<Utc>> {
        let times = self.told.iter().filter_map(|micros| DateTime::from_timestamp_micros(*micros));
        let hours: BTreeSet<i64> = times.map(hour_of).collect();
        hours.into_iter().rev().take(HOURS).map(hour_start).collect()
    }

    /// Removes failures outside the range, because the hours may extend beyond it.
    fn inside<K>(&self, others: Vec<(i64, K)>) -> impl Iterator<Item = (i64, K)> {
        let range =
            self.asked.period.from.timestamp_micros()..self.asked.period.to.timestamp_micros();
        others.into_iter().filter(move |(micros, _)| range.contains(micros))
    }
}

fn map<K>(found: Neighbours<K>, named: impl Fn(K) -> LinkedName) -> Neighbours<LinkedName> {
    let Neighbours { own, hours, within, rows, all } = found;
    let rows = rows
        .into_iter()
        .map(|Neighbour { of, open, failures, together, last }| Neighbour {
            of: named(of),
            open,
            failures,
            together,
            last,
        })
        .collect();
    Neighbours { own, hours, within, rows, all }
}
