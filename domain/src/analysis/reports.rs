//! Reports: names, columns (contract, section 8) and parameters.

mod question;
mod written;

pub use question::{Question, filters_of};
pub use written::{Clockface, Format, rate, rate_text};

use crate::events::words;
use crate::series::SeriesBy;
use crate::workbook::Tile;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

words! {
    /// Reports with one row per event, newest first.
    LogReport, title {
        /// Every verification attempt.
        Attempts = "attempts" => "Attempts",
        /// Users' fraud reports.
        FraudReports = "fraud-reports" => "Fraud reports",
        /// Blocks and how they ended.
        Blocks = "blocks" => "Blocks",
        /// The audit log.
        Audit = "audit" => "Audit log",
    }
}

/// The type of a column's cells; decides how each format writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text or words.
    Text,
    /// A number used as a name.
    Number,
    /// UTC, to the microsecond.
    Time,
    /// A number of things.
    Count,
    /// Amounts with their currencies.
    Money,
    /// A fraction of 1 with four decimals.
    Rate,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A phone number, whole or masked.
    Phone,
}

impl Kind {
    /// Whether cells are right-aligned.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Count | Self::Rate)
    }
}

/// A column of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header, as in the contract.
    pub name: &'static str,
    /// The type of its cells.
    pub kind: Kind,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// Every kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// A workbook tile: one row per distinct value.
    Tile(Tile),
    /// Individual failures.
    FlowFailures,
    /// Failures over time by number, flow or address.
    FailuresBy(SeriesBy),
    /// Codes sent and verified.
    Conversion,
    /// Rows of a log.
    Log(LogReport),
}

impl Report {
    /// Every report, in the contract's order.
    pub const ALL: &'static [Self] = &[
        Self::Tile(Tile::FailureReasons),
        Self::Tile(Tile::BlockedNumbers),
        Self::Tile(Tile::IpFailures),
        Self::Tile(Tile::NumberIpFailures),
        Self::Tile(Tile::NumberFailures),
        Self::Tile(Tile::Browsers),
        Self::Tile(Tile::OperatingSystems),
        Self::FlowFailures,
        Self::FailuresBy(SeriesBy::Number),
        Self::FailuresBy(SeriesBy::Flow),
        Self::FailuresBy(SeriesBy::Ip),
        Self::Log(LogReport::Attempts),
        Self::Conversion,
        Self::Log(LogReport::FraudReports),
        Self::Log(LogReport::Blocks),
        Self::Log(LogReport::Audit),
    ];

    /// The names of all reports.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|report| report.as_str())
    }

    /// The name in URLs, the API and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tile(tile) => tile.as_str(),
            Self::FlowFailures => "flow-failures",
            Self::FailuresBy(SeriesBy::Number) => "failures-by-number",
            Self::FailuresBy(SeriesBy::Flow) => "failures-by-flow",
            Self::FailuresBy(SeriesBy::Ip) => "failures-by-ip",
            Self::Conversion => "conversion",
            Self::Log(log) => log.as_str(),
        }
    }

    /// The title on pages and at the head of the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Tile(tile) => match tile {
                Tile::FailureReasons => "Failure reasons",
                Tile::NumberIpFailures => "Failures by number and IP address",
                Tile::BlockedNumbers => "Blocked numbers",
                Tile::IpFailures => "Failures by IP address",
                Tile::Browsers => "Failures by browser",
                Tile::OperatingSystems => "Failures by operating system",
                Tile::NumberFailures => "Failures by number",
            },
            Self::FlowFailures => "Failures one by one",
            Self::FailuresBy(SeriesBy::Number) => "Failures by number over time",
            Self::FailuresBy(SeriesBy::Flow) => "Failures by flow over time",
            Self::FailuresBy(SeriesBy::Ip) => "Failures by IP address over time",
            Self::Conversion => "Conversion",
            Self::Log(log) => log.title(),
        }
    }

    /// The content in one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Tile(tile) => match tile {
                Tile::FailureReasons => "Why phone verifications failed, counted by reason.",
                Tile::NumberIpFailures => "Pairs of number and address with their failures.",
                Tile::BlockedNumbers => "Numbers that a provider blocked, and how often.",
                Tile::IpFailures => "Addresses with their failures.",
                Tile::Browsers => "Browsers with their failures.",
                Tile::OperatingSystems => "Operating systems with their failures.",
                Tile::NumberFailures => "Numbers with their failures.",
            },
            Self::FlowFailures => "Every failure with its flow, number, address and operation.",
            Self::FailuresBy(SeriesBy::Number) => {
                "The ten numbers with the most failures and the rest, step by step in time."
            }
            Self::FailuresBy(SeriesBy::Flow) => {
                "The ten flows with the most failures and the rest, step by step in time."
            }
            Self::FailuresBy(SeriesBy::Ip) => {
                "The ten addresses with the most failures and the rest, step by step in time."
            }
            Self::Conversion => {
                "How many codes were sent, how many were verified, and what they cost."
            }
            Self::Log(LogReport::Attempts) => "Every attempt with its outcome, reason and cost.",
            Self::Log(LogReport::FraudReports) => {
                "What users reported as not their own, and what was done about it."
            }
            Self::Log(LogReport::Blocks) => {
                "Who and what was blocked, by whom, why, and until when."
            }
            Self::Log(LogReport::Audit) => {
                "Who changed or saw what, each entry with the hash that chains it."
            }
        }
    }

    /// The columns, in the contract's order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Tile(tile) => match tile {
                Tile::FailureReasons => {
                    const { &[REASON, REASON_TEXT, column("count", Kind::Count)] }
                }
                Tile::NumberIpFailures => const { &[PHONE, IP, column("count", Kind::Count)] },
                Tile::BlockedNumbers | Tile::NumberFailures => {
                    const { &[PHONE, column("count", Kind::Count)] }
                }
                Tile::IpFailures => const { &[IP, column("count", Kind::Count)] },
                Tile::Browsers | Tile::OperatingSystems => {
                    const { &[column("family", Kind::Text), column("count", Kind::Count)] }
                }
            },
            Self::FlowFailures => {
                const { &[TIME, FLOW, PHONE, IP, column("operation", Kind::Text)] }
            }
            Self::FailuresBy(by) => match by {
                SeriesBy::Number => const { &series(Kind::Phone) },
                SeriesBy::Flow => const { &series(Kind::Text) },
                SeriesBy::Ip => const { &series(Kind::Ip) },
            },
            Self::Conversion => CONVERSION,
            Self::Log(LogReport::Attempts) => ATTEMPTS,
            Self::Log(LogReport::FraudReports) => FRAUD_REPORTS,
            Self::Log(LogReport::Blocks) => BLOCKS,
            Self::Log(LogReport::Audit) => AUDIT,
        }
    }
}

const TIME: Column = column("time", Kind::Time);
const USER: Column = column("user", Kind::Text);
const PHONE: Column = column("phone", Kind::Phone);
const CHANNEL: Column = column("channel", Kind::Text);
const FLOW: Column = column("flow", Kind::Text);
const IP: Column = column("ip", Kind::Ip);
const REASON: Column = column("reason", Kind::Text);
const REASON_TEXT: Column = column("reason_text", Kind::Text);
const UNTIL: Column = column("until", Kind::Time);

const fn series(key: Kind) -> [Column; 3] {
    [column("bucket", Kind::Time), column("key", key), column("count", Kind::Count)]
}

const CONVERSION: &[Column] = &[
    column("key", Kind::Text),
    column("sent", Kind::Count),
    column("verified", Kind::Count),
    column("rate", Kind::Rate),
    column("cost", Kind::Money),
];

const ATTEMPTS: &[Column] = &[
    TIME,
    column("journey", Kind::Text),
    USER,
    PHONE,
    column("region", Kind::Text),
    CHANNEL,
    FLOW,
    IP,
    column("outcome", Kind::Text),
    REASON,
    REASON_TEXT,
    column("cost", Kind::Money),
];

const FRAUD_REPORTS: &[Column] = &[
    TIME,
    USER,
    CHANNEL,
    PHONE,
    IP,
    FLOW,
    column("action", Kind::Text),
    UNTIL,
    column("handled_by", Kind::Text),
    column("note", Kind::Text),
];

const BLOCKS: &[Column] = &[
    column("kind", Kind::Text),
    column("value", Kind::Text),
    column("since", Kind::Time),
    UNTIL,
    column("by", Kind::Text),
    REASON,
    column("ended", Kind::Time),
    column("ended_by", Kind::Text),
    column("end_reason", Kind::Text),
];

const AUDIT: &[Column] = &[
    column("seq", Kind::Number),
    TIME,
    column("actor", Kind::Text),
    column("source_ip", Kind::Ip),
    column("activity", Kind::Text),
    column("object", Kind::Text),
    column("before", Kind::Text),
    column("after", Kind::Text),
    column("hash", Kind::Text),
];

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|report| report.as_str() == text);
        found.ok_or_else(|| {
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
        let of_kinds = Tile::ALL.len() + SeriesBy::ALL.len() + LogReport::ALL.len() + 2;
        assert_eq!(Report::ALL.len(), of_kinds, "a report is missing from the list");
    }

    #[test]
    fn tiles_have_their_own_columns_and_a_count() {
        for tile in Tile::ALL {
            let names: Vec<_> =
                Report::Tile(*tile).columns().iter().map(|column| column.name).collect();
            let (count, cells) = names.split_last().unwrap();
            assert_eq!((*count, cells), ("count", tile.columns()));
        }
        for report in Report::ALL {
            let columns = report.columns();
            for (at, column) in columns.iter().enumerate() {
                assert!(columns[at + 1..].iter().all(|other| other.name != column.name));
            }
        }
    }
}
