//! Retention: deletes what is older than its setting, in parts. The keys of events stay, so that a
//! log imported again is recognized as duplicates.

use crate::Error;
use crate::work::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{Activity, By, Change, anchor};
use store::Db;
use store::retention::{RetainedKind, RowKind};

#[cfg(test)]
mod tests;

/// Rows deleted in one step.
const STEP: i64 = 10_000;
/// The first audit entries are deleted at most once a day, because each deletion adds an entry.
const AUDIT_PACE: TimeDelta = TimeDelta::days(1);

/// How many days each kind of row is kept; `None`: forever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Events, attempts, decisions and tallies: whole months at a time.
    pub events: Option<u32>,
    /// Fraud reports, counted from when they were handled.
    pub reports: Option<u32>,
    /// Blocks and bypasses, counted from when they ended.
    pub blocks: Option<u32>,
    /// Messages that are no longer waiting.
    pub outbox: Option<u32>,
    /// Imports with their rejected lines, counted from when they ended.
    pub imports: Option<u32>,
    /// Audit entries; at least one day.
    pub audit: Option<u32>,
}

/// One kind of row, as shown on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRow {
    /// Its name in words.
    pub what: &'static str,
    /// The setting that says how long it is kept.
    pub setting: &'static str,
    /// The setting's number of days; `None`: forever.
    pub days: Option<u32>,
    /// How many rows would be deleted now, counted up to one more than
    /// [`store::retention::COUNTED`].
    pub due: i64,
}

impl Retention {
    fn lines(&self) -> [(&'static str, &'static str, Option<u32>, RetainedKind); 8] {
        [
            ("Events", "retention_days", self.events, RetainedKind::Events),
            ("Attempts", "retention_days", self.events, RetainedKind::Attempts),
            (
                "Handled fraud reports",
                "retention.reports_days",
                self.reports,
                RetainedKind::Rows(RowKind::Reports),
            ),
            (
                "Ended blocks",
                "retention.blocks_days",
                self.blocks,
                RetainedKind::Rows(RowKind::Blocks),
            ),
            (
                "Ended bypasses",
                "retention.blocks_days",
                self.blocks,
                RetainedKind::Rows(RowKind::Bypasses),
            ),
            (
                "Delivered messages",
                "retention.outbox_days",
                self.outbox,
                RetainedKind::Rows(RowKind::Outbox),
            ),
            (
                "Ended imports",
                "retention.imports_days",
                self.imports,
                RetainedKind::Rows(RowKind::Imports),
            ),
            ("Audit entries", "retention.audit_days", self.audit, RetainedKind::Audit),
        ]
    }

    /// Each kind of row, with the number that would be deleted now.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn due(&self, db: &Db) -> Result<Vec<RetentionRow>, Error> {
        let mut lines = Vec::new();
        for (what, setting, days, kept) in self.lines() {
            let due = match days {
                None => 0,
                Some(days) => {
                    store::retention::older(db.read(), kept, limit(db, kept, days)).await?
                }
            };
            lines.push(RetentionRow { what, setting, days, due });
        }
        Ok(lines)
    }
}

/// Rows older than this are deleted. Events are deleted in whole months.
fn limit(db: &Db, kept: RetainedKind, days: u32) -> DateTime<Utc> {
    let oldest = db.clock.now() - TimeDelta::days(i64::from(days));
    match kept {
        RetainedKind::Events | RetainedKind::Attempts => {
            store::partitions::Month::of(oldest).start()
        }
        _ => oldest,
    }
}

/// Deletes some of the rows that are too old. Partitions are deleted as a whole: an event stays
/// until its whole month is too old. Tallies and attempts are deleted with the partitions, so that
/// every figure still agrees with its events.
///
/// # Errors
/// If the store fails.
pub async fn step(db: &Db, retention: &Retention) -> Result<Progress, Error> {
    let mut done = events(db, retention.events).await?;
    for (_, _, days, kept) in retention.lines() {
        let (Some(days), RetainedKind::Rows(rows)) = (days, kept) else { continue };
        let before = limit(db, kept, days);
        let gone = store::retention::drop_older(db.facts(), rows, before, STEP).await?;
        if gone > 0 {
            tracing::info!(?rows, gone, %before, "retention");
            done = true;
        }
    }
    done |= entries(db, retention.audit).await?;
    Ok(Progress::of(done))
}

async fn events(db: &Db, days: Option<u32>) -> Result<bool, Error> {
    let Some(days) = days else { return Ok(false) };
    let month = limit(db, RetainedKind::Events, days);
    let dropped = store::partitions::drop_before(db.facts(), month).await?;
    let mut conn = db.conn().await?;
    let tallies = store::tallies::delete_before(&mut conn, month).await?;
    let attempts = store::attempts::delete_before(&mut conn, month, STEP).await?;
    if dropped + tallies + attempts == 0 {
        return Ok(false);
    }
    tracing::info!(dropped, tallies, attempts, before = %month, "retention");
    Ok(true)
}

/// Deletes the first audit entries; the last of them becomes the anchor where the log begins.
async fn entries(db: &Db, days: Option<u32>) -> Result<bool, Error> {
    let Some(days) = days else { return Ok(false) };
    let before = limit(db, RetainedKind::Audit, days);
    let first = store::retention::first_entry(db.read()).await?;
    if first.is_none_or(|first| first >= before - AUDIT_PACE) {
        return Ok(false);
    }
    let mut write = db.write(&By::own()).await?;
    let last = store::retention::last_to_drop(write.conn(), before, STEP).await?;
    let Some(last) = last else { return Ok(false) };
    let (now, mac) = (write.now(), anchor(&db.secret.audit_key(), last));
    let gone = store::retention::drop_entries(write.conn(), last, now, &mac).await?;
    tracing::info!(gone, begins_after = %last, "retention of the audit log");
    let change = Change::new(Activity::Dropped, "audit log");
    let after = serde_json::json!({ "entries": gone, "begins after": last.to_string() });
    write.commit(change.after(after)).await?;
    Ok(true)
}
