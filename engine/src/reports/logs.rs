//! Reports of logs: streamed, since they have as many rows as there were things.

use super::{Format, csv};
use crate::Error;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::PhoneNumber;
use domain::keys::hex;
use domain::phone::masked_in;
use domain::reports::LogReport;
use domain::signins::Filter;
use domain::workbook::{Query, Sight};
use futures::TryStreamExt as _;
use serde_json::{Map, Value};
use std::pin::pin;
use store::Db;
use tokio::sync::mpsc;

/// Bytes after which what is written goes on its way.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader; the store waits then, too.
const WAITING: usize = 4;

/// A report as text, piece by piece: an error ends it. Nothing of it is kept, however long it is.
/// Attempts go by the whole filter, the other logs by its range and channel.
pub fn stream(
    db: &Db,
    report: LogReport,
    filter: Filter,
    sight: Sight,
    format: Format,
) -> mpsc::Receiver<Result<String, Error>> {
    let (pieces, receiver) = mpsc::channel(WAITING);
    let db = db.clone();
    let query = Query { period: filter.period, channel: filter.channel };
    tokio::spawn(async move {
        let mut sheet = Sheet::begin(report.columns(), format, pieces);
        let written = match report {
            LogReport::Attempts => attempts(&db, &filter, sight, &mut sheet).await,
            LogReport::FraudReports => fraud_reports(&db, query, sight, &mut sheet).await,
            LogReport::Blocks => blocks(&db, query, sight, &mut sheet).await,
            LogReport::Audit => audit(&db, query, sight, &mut sheet).await,
        };
        sheet.end(written).await;
    });
    receiver
}

/// Why a report was not written to its end.
enum Cut {
    /// What cannot be read.
    Failed(Error),
    /// Whoever asked has gone.
    Unheard,
}

impl From<store::Error> for Cut {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Cut {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What is being written.
struct Sheet {
    columns: &'static [&'static str],
    format: Format,
    text: String,
    rows: u64,
    pieces: mpsc::Sender<Result<String, Error>>,
}

impl Sheet {
    fn begin(
        columns: &'static [&'static str],
        format: Format,
        pieces: mpsc::Sender<Result<String, Error>>,
    ) -> Self {
        let mut text = String::with_capacity(PIECE + PIECE / 8);
        match format {
            Format::Csv => csv::line(&mut text, columns),
            Format::Json => text.push('['),
        }
        Self { columns, format, text, rows: 0, pieces }
    }

    async fn row(&mut self, cells: &[String]) -> Result<(), Cut> {
        match self.format {
            Format::Csv => csv::line(&mut self.text, cells),
            Format::Json => {
                let cells = self.columns.iter().zip(cells);
                let object: Map<String, Value> = cells
                    .map(|(column, cell)| ((*column).to_owned(), Value::from(cell.as_str())))
                    .collect();
                self.text.push_str(if self.rows == 0 { "" } else { "," });
                self.text.push_str(&Value::Object(object).to_string());
            }
        }
        self.rows += 1;
        if self.text.len() < PIECE {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.text, String::with_capacity(PIECE + PIECE / 8));
        self.pieces.send(Ok(piece)).await.map_err(|_| Cut::Unheard)
    }

    async fn end(mut self, written: Result<(), Cut>) {
        let last = match written {
            Ok(()) => {
                self.text.push_str(if self.format == Format::Json { "]\n" } else { "" });
                Ok(self.text)
            }
            Err(Cut::Failed(error)) => Err(error),
            Err(Cut::Unheard) => return,
        };
        // Whoever asked may have gone meanwhile.
        let _ = self.pieces.send(last).await;
    }
}

async fn attempts(db: &Db, filter: &Filter, sight: Sight, sheet: &mut Sheet) -> Result<(), Cut> {
    let mut rows = pin!(crate::signins::report(db, filter, sight));
    while let Some(cells) = rows.try_next().await? {
        sheet.row(&cells).await?;
    }
    Ok(())
}

async fn fraud_reports(db: &Db, query: Query, sight: Sight, sheet: &mut Sheet) -> Result<(), Cut> {
    let mut rows = pin!(store::fraud_reports::report(&db.pool, query.period, query.channel));
    while let Some(row) = rows.try_next().await? {
        let cells = [
            rfc3339(row.time),
            row.user,
            row.channel.to_string(),
            number(row.phone, sight),
            row.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            row.flow.unwrap_or_default(),
            row.action.to_string(),
            row.until.map(rfc3339).unwrap_or_default(),
            row.handled.map(|handled| handled.by).unwrap_or_default(),
            row.note.unwrap_or_default(),
        ];
        sheet.row(&cells).await?;
    }
    Ok(())
}

async fn blocks(db: &Db, query: Query, sight: Sight, sheet: &mut Sheet) -> Result<(), Cut> {
    let as_of = db.clock.now();
    let rows = store::blocks::report(&db.pool, query.period.from, query.period.to, as_of).await?;
    for row in rows {
        let end = row.end.as_ref();
        let cells = [
            row.kind.to_string(),
            domain::blocks::shown(row.kind, &row.value, sight),
            rfc3339(row.since),
            row.until.map(rfc3339).unwrap_or_default(),
            row.by,
            row.reason,
            end.map(|end| rfc3339(end.time)).unwrap_or_default(),
            end.map(|end| end.by.clone()).unwrap_or_default(),
            end.map(|end| end.reason.clone()).unwrap_or_default(),
        ];
        sheet.row(&cells).await?;
    }
    Ok(())
}

async fn audit(db: &Db, query: Query, sight: Sight, sheet: &mut Sheet) -> Result<(), Cut> {
    // Numbers stand among other words here.
    let seen = |text: String| match sight {
        Sight::Whole => text,
        Sight::Masked => masked_in(&text),
    };
    let mut rows = pin!(store::audit::report(&db.pool, query.period.from, query.period.to));
    while let Some(row) = rows.try_next().await? {
        let entry = row.entry;
        let cells = [
            entry.seq.to_string(),
            rfc3339(entry.time),
            entry.actor,
            entry.source_ip.unwrap_or_default(),
            entry.activity,
            seen(entry.object),
            seen(entry.before.unwrap_or_default()),
            seen(entry.after.unwrap_or_default()),
            hex(&row.hash),
        ];
        sheet.row(&cells).await?;
    }
    Ok(())
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn number(phone: Option<PhoneNumber>, sight: Sight) -> String {
    match (phone, sight) {
        (None, _) => String::new(),
        (Some(phone), Sight::Whole) => phone.to_string(),
        (Some(phone), Sight::Masked) => phone.masked(),
    }
}
