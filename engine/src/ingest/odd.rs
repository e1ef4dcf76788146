//! Implausibly high costs: stored with their events and reported in an alert. The gate ignores them
//! by the same rule ([`Rules::is_odd`]).

use crate::settings;
use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::{BlocksAndBypasses, Rules};
use domain::rules::{Amount, Settings};
use domain::settings::Section as _;
use domain::{Region, Source};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use store::events::NewEvent;

/// Costs of older events no longer affect anything: the ledger reaches this far back.
const RECENT: TimeDelta = TimeDelta::hours(25);

/// The price table as last read by a writer.
#[derive(Debug, Default)]
pub(super) struct Prices {
    version: i64,
    rules: Rules,
}

/// Implausibly high costs of one source in one region.
struct OddCost {
    highest: Amount,
    price: Option<Amount>,
    n: u64,
}

impl Prices {
    /// Raises alerts about implausible costs of new events, in their transaction. Call it late in
    /// the transaction.
    pub(super) async fn raise_alerts(
        &mut self,
        conn: &mut PgConnection,
        rows: &[&NewEvent],
        now: DateTime<Utc>,
    ) -> store::Result<()> {
        let priced: Vec<&NewEvent> = rows
            .iter()
            .copied()
            .filter(|row| row.event.cost.is_some() && row.event.time >= now - RECENT)
            .collect();
        if priced.is_empty() {
            return Ok(());
        }
        self.renew(conn).await?;
        let currency = self.rules.settings().spend.currency;
        let causes = self.odd(&priced).into_iter().map(|((source, region), odd)| {
            let OddCost { highest, price, n } = odd;
            domain::watch::odd_cost(source.as_str(), region, (highest, price), currency, n)
        });
        crate::unreported::tell_of(conn, now, causes.collect()).await
    }

    async fn renew(&mut self, conn: &mut PgConnection) -> store::Result<()> {
        let version = store::settings::version(&mut *conn, Settings::NAME).await?;
        if version == self.version {
            return Ok(());
        }
        match settings::load::<Settings>(conn).await {
            Ok(current) => {
                let countries = domain::countries::Settings::default();
                self.rules = Rules::new(current.settings, countries, BlocksAndBypasses::default());
                self.version = current.version;
                Ok(())
            }
            // Events are stored anyway, and the previous prices apply.
            Err(error @ store::Error::Corrupt { .. }) => {
                tracing::warn!(
                    error = store::with_sources(&error),
                    "the price table cannot be read"
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn odd<'a>(&self, priced: &[&'a NewEvent]) -> BTreeMap<(&'a Source, Option<Region>), OddCost> {
        let mut odd: BTreeMap<_, OddCost> = BTreeMap::new();
        for row in priced {
            let event = &row.event;
            let Some((phone, cost)) = event.phone.zip(event.cost.as_ref()) else { continue };
            if cost.currency != self.rules.settings().spend.currency.as_str() {
                continue;
            }
            let amount = Amount::of(cost.amount);
            if !self.rules.is_odd(amount, phone, row.region, event.channel) {
                continue;
            }
            let places = row.region.zip(event.channel);
            let price = places.and_then(|(region, by)| self.rules.price(phone, region, by));
            let one = OddCost { highest: amount, price, n: 0 };
            let known = odd.entry((&event.source, row.region)).or_insert(one);
            if amount > known.highest {
                (known.highest, known.price) = (amount, price);
            }
            known.n += 1;
        }
        odd
    }
}
