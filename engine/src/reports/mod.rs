//! Reports: the same rows for the console's export, the API and the command line, in four formats.
//! The same question, sight and `as_of` give the same bytes, except for the line that names the
//! requester.

mod cell;
pub(crate) mod csv;
mod head;
mod out;
mod pdf;
mod pieces;
mod places;
mod sources;
mod text;
mod xlsx;

pub use domain::reports::Format;
pub use head::too_many;
pub use places::{NoFreeSlot, ReportSlot, ReportSlots};

use crate::Error;
use crate::notify::{LARGE, people};
use bytes::Bytes;
use domain::Invalid;
use domain::audit::{Activity, By, Change};
use domain::reports::{LogReport, Question, Report};
use domain::workbook::{Query, Sight};
use head::Head;
use out::Out;
use pieces::Pieces;
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::Db;
use store::reports::{CountedReport, PieceSize};
use tokio::sync::mpsc;

/// The audit entry of an export.
pub fn audit_entry(question: &Question) -> Change {
    let filters: Map<String, Value> = question
        .filters
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    let period = question.filter.period;
    let mut after = json!({
        "format": question.format,
        "from": period.from.to_rfc3339(),
        "to": period.to.to_rfc3339(),
        "as_of": question.as_of.to_rfc3339(),
        "filters": filters,
    });
    match question.report {
        Report::FailuresBy(_) => after["bucket"] = json!(question.bucket),
        Report::Conversion => after["by"] = json!(question.by),
        Report::Tile(_) | Report::FlowFailures | Report::Log(_) => {}
    }
    Change::new(Activity::Exported, question.report.as_str()).after(after)
}

/// Why a report was not started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The format cannot hold so many rows.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Number of rows of a report, counted only as far as needed: just beyond what its format can hold,
/// and beyond [`LARGE`].
///
/// # Errors
/// [`NotStarted::Invalid`] in field `format` if it cannot hold all of them.
pub async fn count(db: &Db, question: &Question) -> Result<u64, NotStarted> {
    let most = question.format.most_rows();
    let rows = rows(db, question, most.unwrap_or(0).max(LARGE) + 1).await?;
    match too_many(question.format) {
        Some(invalid) if most.is_some_and(|most| rows > most) => Err(invalid.into()),
        _ => Ok(rows),
    }
}

/// Number of rows of a report, counted up to `most`.
async fn rows(db: &Db, question: &Question, most: u64) -> Result<u64, store::Error> {
    let (query, period): (Query, _) = (question.query(), question.filter.period);
    let what = match question.report {
        Report::Tile(tile) => CountedReport::Tile(tile, &query),
        Report::FlowFailures => CountedReport::Failures(&query),
        Report::Log(LogReport::Attempts) => {
            CountedReport::Attempts(&question.filter, question.looks_back)
        }
        Report::Log(LogReport::FraudReports) => {
            CountedReport::FraudReports(period, question.filter.channel)
        }
        Report::Log(LogReport::Blocks) => CountedReport::Blocks(period),
        Report::Log(LogReport::Audit) => CountedReport::Audit(period),
        // Its keys are counted by listing them all; there are few, except for networks.
        Report::Conversion => {
            let as_of = question.looks_back.then_some(question.as_of);
            let told = store::reports::conversion(db.read(), question.by, &query, as_of).await?;
            return Ok(told.len() as u64);
        }
        // At most 1,500 steps of eleven keys, and no row is about one person.
        Report::FailuresBy(_) => return Ok(0),
    };
    store::reports::count(db.read(), what, question.as_of, most).await
}

/// Writes an audit entry and raises an alert about an export of more rows than [`LARGE`], in one
/// transaction; `false`, and nothing written, for smaller ones.
///
/// # Errors
/// If the store fails.
pub async fn note_large(
    db: &Db,
    by: &By,
    question: &Question,
    rows: u64,
) -> Result<bool, store::Error> {
    if rows <= LARGE {
        return Ok(false);
    }
    people::commit(db.write(by).await?, audit_entry(question)).await?;
    Ok(true)
}

/// Pieces that may wait for a slow reader; reading the store then waits too.
const WAITING: usize = 4;
/// How long a reader may pause; then it is disconnected, so that it does not keep a place.
const PATIENCE: Duration = Duration::from_mins(2);

/// A report as bytes, in pieces; an error ends it. Text is not buffered, however long it is. A
/// workbook is kept in a file and a document in memory until the last row. If the requester
/// disconnects, or reads nothing for two minutes, writing stops. `who` is named in the line about
/// the requester. The place is held until everything is written; a caller that does not share the
/// store with others needs none.
pub fn stream(
    db: &Db,
    question: Question,
    sight: Sight,
    who: &str,
    place: Option<ReportSlot>,
) -> mpsc::Receiver<Result<Bytes, Error>> {
    patient(db, question, sight, who, place, PATIENCE)
}

/// Like [`stream`], with another limit on how long a reader may pause.
fn patient(
    db: &Db,
    question: Question,
    sight: Sight,
    who: &str,
    place: Option<ReportSlot>,
    patience: Duration,
) -> mpsc::Receiver<Result<Bytes, Error>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let (db, head) = (db.clone(), Head::of(&question, sight, who));
    tokio::spawn(async move {
        let mut place = place;
        let mut pace = PieceSize::full();
        if let Some(place) = &mut place {
            pace = place.pace();
            place.work().await;
        }
        // The place is freed with the pieces, before an error waits for its reader.
        let pieces = Pieces::new(sender.clone(), patience, place);
        let failed = match Out::begin(&question, head, sight, pieces) {
            Ok(mut out) => {
                let written = sources::write(&db, &question, sight, pace, &mut out).await;
                out.end(written).await.err()
            }
            Err(error) => Some(error),
        };
        if let Some(error) = failed {
            let _ = sender.send(Err(error)).await;
        }
    });
    receiver
}

#[cfg(test)]
mod tests;
