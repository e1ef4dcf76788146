//! Watches incoming events and raises alerts about what nobody reports: surges, falling conversion,
//! first traffic, kill switches set or ended, spend caps reached. Each cause raises one alert, by
//! whichever server is first (`store::alerts`). `domain::watch` defines the causes.
//!
//! Alerts use the times of events, so importing an old log raises none. A region's figures are read
//! every 20 seconds and checked at once, so that an alert is raised well within a minute.

use crate::Error;
use crate::notify::raise;
use crate::regions::Regions;
use crate::settings;
use crate::sync::lock;
use crate::work::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use domain::notify::AlertKind;
use domain::region_figures::Figures;
use domain::rules::{KillSwitch, Settings};
use domain::watch::{self, CausedAlert};
use domain::{Channel, Region};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Db, Write};

#[cfg(test)]
mod tests;

/// How often kill switches are checked.
const SWITCHES: TimeDelta = TimeDelta::seconds(20);
/// How often conversion is counted: a fall is never more urgent than that.
const CONVERSION: TimeDelta = TimeDelta::seconds(60);
/// How long the worker pauses if there is nothing to read.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// How long it pauses if the store does not answer.
pub(crate) const REST: Duration = Duration::from_secs(5);

/// Searches for causes of alerts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Watch {
    db: Db,
    regions: Regions,
    looked: Arc<Mutex<CheckTimes>>,
}

/// Times of the last checks.
#[derive(Debug, Clone, Copy, Default)]
struct CheckTimes {
    switches: Option<DateTime<Utc>>,
    /// The time of the figures that were checked.
    figures: Option<DateTime<Utc>>,
    conversion: Option<DateTime<Utc>>,
}

impl Watch {
    /// Creates it for the figures of a store.
    pub(crate) fn new(db: Db, regions: Regions) -> Self {
        Self { db, regions, looked: Arc::default() }
    }

    /// Runs the checks that are due and raises alerts; returns how many. Checks that fail stay due.
    async fn check_due(&self) -> Result<u64, Error> {
        let now = self.db.clock.now();
        let looked = *lock(&self.looked);
        let due = |last: Option<DateTime<Utc>>, after| {
            last.is_none_or(|last| now < last || now - last >= after)
        };
        let mut told = 0;
        if due(looked.switches, SWITCHES) {
            told += self.switches(now).await?;
            self.note(|looked| looked.switches = Some(now));
        }
        let month = self.regions.month();
        if month.loading {
            return Ok(told);
        }
        if looked.figures != Some(month.as_of) {
            told += self.figures(now).await?;
            self.note(|looked| looked.figures = Some(month.as_of));
        }
        if due(looked.conversion, CONVERSION) {
            told += self.conversion(now).await?;
            self.note(|looked| looked.conversion = Some(now));
        }
        Ok(told)
    }

    fn note(&self, note: impl FnOnce(&mut CheckTimes)) {
        note(&mut lock(&self.looked));
    }

    /// Kill switches whose time has ended.
    async fn switches(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let mut conn = self.db.conn().await?;
        let rules = settings::load::<Settings>(&mut conn).await?.settings;
        drop(conn);
        self.raise_new(watch::switches_resumed(&rules.kill_switches, now), now).await
    }

    /// Surges and first traffic.
    async fn figures(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        if self.strange(now).await?.is_empty() {
            return Ok(0);
        }
        // A half-finished import looks like an anomaly too, so recent events are read first.
        self.regions.settle().await?;
        let strange = self.strange(now).await?;
        self.raise_new(strange, now).await
    }

    /// Anomalies without an earlier alert.
    async fn strange(&self, now: DateTime<Utc>) -> Result<Vec<CausedAlert>, Error> {
        let all_days = !self.regions.verified().loading;
        let mut strange = self.regions.with_hours(|hours| {
            let mut strange = watch::surges(hours, now);
            if all_days {
                strange.extend(watch::first_traffic(hours, now));
            }
            strange
        });
        for kind in [AlertKind::Surge, AlertKind::FirstTraffic] {
            if strange.iter().any(|told| told.alert.kind == kind) {
                let before = self.recently_raised(kind, &strange, now).await?;
                strange.retain(|told| told.alert.kind != kind || !before.contains(&told.key));
            }
        }
        Ok(strange)
    }

    /// The causes of a kind that must not raise another alert yet.
    async fn recently_raised(
        &self,
        kind: AlertKind,
        of: &[CausedAlert],
        now: DateTime<Utc>,
    ) -> Result<HashSet<String>, Error> {
        let one = of.iter().find(|told| told.alert.kind == kind);
        let again = one.and_then(|told| told.again_after);
        let since = again.map_or(DateTime::UNIX_EPOCH, |again| now - again);
        Ok(store::alerts::told_since(self.db.read(), kind, since).await?)
    }

    /// Falls in conversion.
    async fn conversion(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let (from, to) = watch::conversion_window(now);
        let counted = store::regions::counted(self.db.read(), from, to).await?;
        let mut recent: BTreeMap<Region, Figures> = BTreeMap::new();
        // A denied prompt is not a code that was never entered.
        for one in counted.into_iter().filter(|one| one.channel != Channel::Push) {
            recent.entry(one.region).or_default().count(one.outcome, one.n);
        }
        let fallen = self.regions.with_hours(|hours| watch::conversions(hours, &recent, now));
        self.raise_new(fallen, now).await
    }

    /// Raises alerts about causes without an earlier alert, together for each kind; returns how
    /// many.
    async fn raise_new(
        &self,
        mut causes: Vec<CausedAlert>,
        now: DateTime<Utc>,
    ) -> Result<u64, Error> {
        // Sorted, so that two servers wait for each other instead of deadlocking.
        causes.sort_by(|a, b| (a.alert.kind, &a.key).cmp(&(b.alert.kind, &b.key)));
        let mut n = 0;
        for causes in causes.chunk_by(|a, b| a.alert.kind == b.alert.kind) {
            let mut tx = self.db.begin().await?;
            n += raise_of_kind(&mut tx, now, causes).await?;
            tx.commit().await.map_err(store::Error::from)?;
        }
        Ok(n)
    }
}

/// Raises alerts about causes of one kind in the caller's transaction, except for those with an
/// earlier alert. Returns how many.
async fn raise_of_kind(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    causes: &[CausedAlert],
) -> store::Result<u64> {
    let mut new = Vec::new();
    for cause in causes {
        let CausedAlert { key, again_after, alert } = cause;
        if store::alerts::record(conn, alert.kind, key, now, *again_after).await? {
            new.push(cause.clone());
        }
    }
    if let Some(alert) = watch::together(&new) {
        raise(conn, now, &alert).await?;
    }
    Ok(new.len() as u64)
}

/// Raises alerts about causes of one kind in the caller's transaction, except for those with a
/// recent alert. Call it late in the transaction, like [`raise`].
///
/// # Errors
/// If the store fails; then the transaction is lost.
pub(crate) async fn tell_of(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    mut causes: Vec<CausedAlert>,
) -> store::Result<()> {
    // Sorted, so that two servers wait for each other instead of deadlocking.
    causes.sort_by(|a, b| a.key.cmp(&b.key));
    raise_of_kind(conn, now, &causes).await.map(drop)
}

/// Raises an alert about kill switches that a change of settings set or removed, in its
/// transaction. `before` and `after` are documents of the section `rules`.
///
/// # Errors
/// If the store fails; then the transaction is lost.
pub(crate) async fn tell_of_switches(
    write: &mut Write,
    before: &Value,
    after: &Value,
) -> store::Result<()> {
    let (actor, now) = (write.by().actor.to_string(), write.now());
    let (before, after) = (switches(before), switches(after));
    match watch::switches_changed(&actor, &before, &after, now) {
        Some(alert) => raise(write.conn(), now, &alert).await,
        None => Ok(()),
    }
}

fn switches(rules: &Value) -> Vec<KillSwitch> {
    // Both were already parsed as rules.
    let kept = rules.get("kill_switches").cloned().unwrap_or_default();
    serde_json::from_value(kept).unwrap_or_default()
}

/// Reads a part of the regions' figures that is due, and runs the checks that are due.
pub(crate) async fn step(regions: &Regions, watch: &Watch) -> Result<Progress, Error> {
    let read = regions.step().await?;
    watch.check_due().await?;
    Ok(read)
}
