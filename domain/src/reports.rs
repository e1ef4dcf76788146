//! The reports: their names and columns (contract, section 8).

use crate::events::words;
use crate::workbook::Tile;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

words! {
    /// Reports that list what happened, one row for each thing, newest first.
    LogReport {
        /// Every attempt.
        Attempts = "attempts",
        /// Users' reports of fraud.
        FraudReports = "fraud-reports",
        /// Blocks and how they ended.
        Blocks = "blocks",
        /// The audit log.
        Audit = "audit",
    }
}

impl LogReport {
    /// Its columns.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Attempts => &[
                "time",
                "journey",
                "user",
                "phone",
                "region",
                "channel",
                "flow",
                "ip",
                "outcome",
                "reason",
                "reason_text",
                "cost",
            ],
            Self::FraudReports => &[
                "time",
                "user",
                "channel",
                "phone",
                "ip",
                "flow",
                "action",
                "until",
                "handled_by",
                "note",
            ],
            Self::Blocks => &[
                "kind",
                "value",
                "since",
                "until",
                "by",
                "reason",
                "ended",
                "ended_by",
                "end_reason",
            ],
            Self::Audit => &[
                "seq",
                "time",
                "actor",
                "source_ip",
                "activity",
                "object",
                "before",
                "after",
                "hash",
            ],
        }
    }
}

/// Any report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// A tile's numbers: one row for each distinct value.
    Tile(Tile),
    /// A log's rows.
    Log(LogReport),
}

impl Report {
    /// The names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let tiles = Tile::ALL.iter().map(|tile| tile.as_str());
        tiles.chain(LogReport::ALL.iter().map(|log| log.as_str()))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tile(tile) => tile.as_str(),
            Self::Log(log) => log.as_str(),
        }
    }
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tile = text.parse().map(Self::Tile);
        tile.or_else(|_: String| text.parse().map(Self::Log)).map_err(|_: String| {
            format!("must be one of {}", Self::names().collect::<Vec<_>>().join(", "))
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for name in Report::names() {
            assert_eq!(name.parse::<Report>().unwrap().as_str(), name);
        }
        assert!("Attempts".parse::<Report>().unwrap_err().contains("failure-reasons"));
    }
}
