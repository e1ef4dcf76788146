//! What follows a fraud report: raising alerts, marking it as handled, and lifting a batch of
//! blocks.

use super::blocks::{BlockEffect, REASON};
use crate::ChangeError;
use crate::notify::raise;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::fraud_alerts::{Action, NOTE};
use domain::notify::{Alert, AlertKind, USERS_MAX};
use domain::{Fault, Invalid};
use serde_json::json;
use sqlx::PgConnection;
use store::Db;
use store::blocks::End;
use store::fraud_reports::{Handled, Row};
use uuid::Uuid;

/// Raises alerts about a batch of reports, in its transaction.
pub(super) async fn raise_alerts(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    rows: &[Row],
    fates: &[BlockEffect],
) -> Result<(), store::Error> {
    let users = |those: &[&Row]| -> Vec<String> {
        // More than a message names, because some users may be the same.
        those.iter().take(20 * USERS_MAX).map(|row| row.user.clone()).collect()
    };
    let all: Vec<&Row> = rows.iter().collect();
    let with = |wanted: fn(&BlockEffect) -> bool| -> Vec<&Row> {
        rows.iter().zip(fates).filter(|(_, fate)| wanted(fate)).map(|(row, _)| row).collect()
    };
    let (new, broken) = (with(|fate| fate.new), with(|fate| fate.broken));
    // In the order of the kinds, as `raise` requires.
    for (kind, those, line) in [
        (AlertKind::FraudReport, &all, reported(&all)),
        (AlertKind::Block, &new, blocked(&new)),
        (AlertKind::Breaker, &broken, BROKEN.to_owned()),
    ] {
        let Some(first) = those.first() else { continue };
        let path = match kind {
            AlertKind::FraudReport => format!("/fraud-alerts?report={}", first.id),
            AlertKind::Block => "/fraud-alerts?tab=blocked".to_owned(),
            _ => "/fraud-alerts".to_owned(),
        };
        let alert = Alert { kind, users: users(those), count: those.len() as u64, line, path };
        raise(conn, now, &alert).await?;
    }
    Ok(())
}

/// Text about a tripped breaker.
const BROKEN: &str = "So many users were blocked by their reports that automatic blocking has \
                      stopped for now. Reports are recorded but block nobody.";

fn reported(rows: &[&Row]) -> String {
    match rows {
        [row] => {
            let what = match row.action {
                Action::Blocked => format!("The user is blocked {}.", until(row.until)),
                Action::NoAction => "No action was taken.".to_owned(),
            };
            format!("{} reported a sign-in that was not theirs ({}). {what}", row.user, row.channel)
        }
        several => {
            let blocked = several.iter().filter(|row| row.action == Action::Blocked).count();
            format!(
                "{} sign-ins were reported by users who did not start them; {blocked} of the \
                 reports left their user blocked.",
                several.len()
            )
        }
    }
}

fn blocked(rows: &[&Row]) -> String {
    match rows {
        [row] => format!("{} is blocked {}: {REASON}.", row.user, until(row.until)),
        several => format!("{} users were blocked after they reported fraud.", several.len()),
    }
}

fn until(time: Option<DateTime<Utc>>) -> String {
    match time {
        Some(time) => format!("until {}", time.format("%-d %b %Y, %H:%M UTC")),
        None => "until somebody unblocks the user".to_owned(),
    }
}

/// Marks a report as handled. A second call replaces the note; the audit log has both.
///
/// # Errors
/// [`ChangeError::Missing`]; [`ChangeError::Invalid`] in field `note` if it is longer than 500
/// characters.
pub async fn mark_handled(db: &Db, by: &By, id: Uuid, note: &str) -> Result<(), ChangeError> {
    let note = text("note", note)?;
    let mut write = db.write(by).await?;
    let report = store::fraud_reports::get(&mut *write.conn(), id).await?;
    let report = report.ok_or(ChangeError::Missing)?;
    let handled = Handled {
        at: write.now(),
        by: by.actor.to_string(),
        note: Some(note.clone()).filter(|note| !note.is_empty()),
    };
    store::fraud_reports::handle(&mut write, id, &handled).await?;
    let mut change = Change::new(Activity::ReportHandled, &report.user)
        .after(json!({ "report": id, "note": note }));
    if let Some(before) = report.handled {
        change = change.before(json!({ "handled_by": before.by, "note": before.note }));
    }
    write.commit(change).await?;
    Ok(())
}

/// A batch of automatic blocks to lift: those that began within a time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lift {
    /// Start of the range, included.
    pub from: DateTime<Utc>,
    /// End of the range, not included.
    pub to: DateTime<Utc>,
}

/// Ends every active automatic block of a batch, in one transaction with an audit entry for each.
/// Returns how many.
///
/// # Errors
/// [`ChangeError::Invalid`] in field `reason` if it is missing or longer than 500 characters.
pub async fn lift_batch(db: &Db, by: &By, batch: Lift, reason: &str) -> Result<u64, ChangeError> {
    let reason = text("reason", reason)?;
    if reason.is_empty() {
        let message = "Enter the reason for unblocking the users.";
        return Err(Invalid::one("reason", Fault::Required, message).into());
    }
    let mut write = db.write(by).await?;
    let (now, name) = (write.now(), by.actor.to_string());
    let blocks = store::blocks::live_auto(&mut *write.conn(), batch.from, now).await?;
    let ids: Vec<Uuid> =
        blocks.iter().filter(|block| block.since < batch.to).map(|block| block.id).collect();
    let end = End { time: now, by: name, reason: reason.clone() };
    let ended = store::blocks::end(&mut write, &ids, &end).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    let mut users: Vec<String> = ended.into_iter().map(|block| block.value).collect();
    users.sort_unstable();
    let count = users.len() as u64;
    let changes = users.into_iter().map(|user| {
        Change::new(Activity::Unblocked, user).after(json!({ "reason": reason, "batch": count }))
    });
    write.commit_all(changes.collect()).await?;
    Ok(count)
}

/// Cleans entered text: keeps line breaks, but no other control characters.
fn text(field: &str, entered: &str) -> Result<String, Invalid> {
    let text = entered.trim().replace("\r\n", "\n");
    if text.chars().count() > NOTE {
        let message = format!("Enter at most {NOTE} characters.");
        return Err(Invalid::one(field, Fault::TooLong, message));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        let message = "This contains control characters, which are not allowed.";
        return Err(Invalid::one(field, Fault::InvalidValue, message));
    }
    Ok(text)
}
