//! Reports: the same rows for the console's export, the API and the command line, in four formats.
//! Same question, same sight, same `as_of`: same bytes, but for the line that says who asked.

mod cell;
pub(crate) mod csv;
mod head;
mod out;
mod pdf;
mod pieces;
mod places;
mod seen;
mod sources;
mod text;
mod xlsx;

pub use domain::reports::Format;
pub use head::{Head, too_many};
pub use places::{Full, Place, Places};

use crate::Error;
use crate::notify::{LARGE, people};
use bytes::Bytes;
use domain::Invalid;
use domain::audit::{Activity, By, Change};
use domain::reports::{LogReport, Question, Report};
use domain::workbook::{Query, Sight};
use out::Out;
use pieces::Pieces;
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::Db;
use store::reports::{Counted, Pace};
use tokio::sync::mpsc;

/// What the audit log tells of an export.
pub fn told(question: &Question) -> Change {
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

/// Why a report is not begun.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The format has no room for so many rows.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// How many rows a report has, counted as far as it matters: past what its format has room for,
/// and past [`LARGE`].
///
/// # Errors
/// In field `format` when it has no room for all of them.
pub async fn count(db: &Db, question: &Question) -> Result<u64, Refused> {
    let most = question.format.most_rows();
    let rows = rows(db, question, most.unwrap_or(0).max(LARGE) + 1).await?;
    match too_many(question.format) {
        Some(invalid) if most.is_some_and(|most| rows > most) => Err(invalid.into()),
        _ => Ok(rows),
    }
}

/// How many rows a report has, counted as far as `most`.
async fn rows(db: &Db, question: &Question, most: u64) -> Result<u64, store::Error> {
    let (query, period): (Query, _) = (question.query(), question.filter.period);
    let what = match question.report {
        Report::Tile(tile) => Counted::Tile(tile, &query),
        Report::FlowFailures => Counted::Failures(&query),
        Report::Log(LogReport::Attempts) => {
            Counted::Attempts(&question.filter, question.looks_back)
        }
        Report::Log(LogReport::FraudReports) => {
            Counted::FraudReports(period, question.filter.channel)
        }
        Report::Log(LogReport::Blocks) => Counted::Blocks(period),
        Report::Log(LogReport::Audit) => Counted::Audit(period),
        // Its keys are counted by telling them all; there are few, but for networks.
        Report::Conversion => {
            let as_of = question.looks_back.then_some(question.as_of);
            let told = store::reports::conversion(db.read(), question.by, &query, as_of).await?;
            return Ok(told.len() as u64);
        }
        // At most 1,500 steps of eleven keys, and no row is of one person.
        Report::FailuresBy(_) => return Ok(0),
    };
    store::reports::count(db.read(), what, question.as_of, most).await
}

/// Notes an export of so many rows and tells of it, in one transaction, if they are more than
/// [`LARGE`]; `false`, and nothing noted, otherwise.
///
/// # Errors
/// When the store refuses.
pub async fn note_large(
    db: &Db,
    by: &By,
    question: &Question,
    rows: u64,
) -> Result<bool, store::Error> {
    if rows <= LARGE {
        return Ok(false);
    }
    people::commit(db.write(by).await?, told(question)).await?;
    Ok(true)
}

/// Pieces that wait for a slow reader; the store waits then, too.
const WAITING: usize = 4;
/// How long a reader may take nothing: past that it is cut off, so that it keeps no place.
const PATIENCE: Duration = Duration::from_mins(2);

/// A report as bytes, piece by piece: an error ends it. Text is not kept, however long it is; a
/// workbook waits in a file, a document in memory, until its last row is known. When whoever asked
/// goes away, or takes nothing for two minutes, the writing stops. `who` stands in the line that
/// says who asked. The place is held until all is written; who shares the store with nobody needs
/// none.
pub fn stream(
    db: &Db,
    question: Question,
    sight: Sight,
    who: &str,
    place: Option<Place>,
) -> mpsc::Receiver<Result<Bytes, Error>> {
    patient(db, question, sight, who, place, PATIENCE)
}

/// As [`stream`], with a reader who may take nothing for so long.
fn patient(
    db: &Db,
    question: Question,
    sight: Sight,
    who: &str,
    place: Option<Place>,
    patience: Duration,
) -> mpsc::Receiver<Result<Bytes, Error>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let (db, head) = (db.clone(), Head::of(&question, sight, who));
    tokio::spawn(async move {
        let mut place = place;
        let mut pace = Pace::full();
        if let Some(place) = &mut place {
            pace = place.pace();
            place.work().await;
        }
        // It goes with the pieces, before an error waits for its reader.
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
