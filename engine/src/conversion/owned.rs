//! An owned copy of an attempt between store and table, so that the table is locked only to insert
//! it.

use domain::{Channel, Kind, PhoneNumber};
use rust_decimal::Decimal;
use std::net::IpAddr;
use store::attempt_table::TableAttempt;
use uuid::Uuid;

/// [`TableAttempt`] with owned texts.
pub(super) struct Owned {
    id: Uuid,
    time: i64,
    outcome: Kind,
    delivered: bool,
    channel: Option<Channel>,
    phone: Option<PhoneNumber>,
    ip: Option<IpAddr>,
    texts: [Box<str>; 5],
    cost: Option<(Decimal, Box<str>)>,
}

impl From<TableAttempt<'_>> for Owned {
    fn from(seen: TableAttempt<'_>) -> Self {
        let TableAttempt { id, time, outcome, delivered, channel, phone, ip, .. } = seen;
        let texts = [seen.region, seen.flow, seen.carrier, seen.browser, seen.reason];
        Self {
            id,
            time,
            outcome,
            delivered,
            channel,
            phone,
            ip,
            texts: texts.map(Box::from),
            cost: seen.cost.map(|(amount, currency)| (amount, currency.into())),
        }
    }
}

impl Owned {
    /// Borrows it again as a [`TableAttempt`].
    pub(super) fn lend(&self) -> TableAttempt<'_> {
        let Self { id, time, outcome, delivered, channel, phone, ip, .. } = *self;
        let [region, flow, carrier, browser, reason] = &self.texts;
        let cost = self.cost.as_ref().map(|(amount, currency)| (*amount, currency.as_ref()));
        TableAttempt {
            id,
            time,
            outcome,
            delivered,
            channel,
            phone,
            ip,
            region,
            flow,
            carrier,
            browser,
            reason,
            cost,
        }
    }
}
