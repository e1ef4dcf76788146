//! Reports: the same rows for the console's export, the API and the command line. Same question,
//! same sight: same bytes.

pub(crate) mod csv;
mod json;
mod logs;

pub use logs::stream;

use crate::Error;
use domain::audit::{Activity, Change};
use domain::workbook::{Part, Query, Sight, Tile, part_of};
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;
use store::Db;

/// The form a report is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header (RFC 4180), UTF-8.
    Csv,
    /// One JSON array of objects, one for each row.
    Json,
}

impl Format {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err("must be csv or json"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "csv",
            Self::Json => "json",
        })
    }
}

/// What the audit log tells of an export.
pub fn told(report: &str, format: &str, query: &Query, filters: &[(String, String)]) -> Change {
    let filters: Map<String, Value> =
        filters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Change::new(Activity::Exported, report).after(json!({
        "format": format,
        "from": query.period.from.to_rfc3339(),
        "to": query.period.to.to_rfc3339(),
        "filters": filters,
    }))
}

/// A report, written whole: these reports have one row for each distinct value, not for each
/// event.
///
/// # Errors
/// When the store refuses.
pub async fn write(
    db: &Db,
    report: Tile,
    query: &Query,
    sight: Sight,
    format: Format,
) -> Result<String, Error> {
    let rows = store::workbook::rows(&db.pool, report, query).await?;
    let rows = part_of(rows, &Part::all(), report, sight).rows;
    Ok(match format {
        Format::Csv => csv::write(report, &rows),
        Format::Json => json::write(report, &rows),
    })
}
