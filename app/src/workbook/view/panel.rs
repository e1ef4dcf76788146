//! The panels of the workbook: whatever has a name, a state of its own in the URL, and a fragment.

use domain::series::SeriesBy;
use domain::workbook::Tile;
use std::fmt;

/// One panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    /// A tile that counts.
    Tile(Tile),
    /// Failures, row by row.
    FlowFailures,
    /// A chosen number's failures, row by row.
    NumberEvents,
    /// Failures over time.
    Chart(SeriesBy),
    /// Sent and verified by a key.
    Conversion,
}

impl Panel {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Tile(Tile::FailureReasons),
        Self::Tile(Tile::NumberIpFailures),
        Self::Tile(Tile::BlockedNumbers),
        Self::Tile(Tile::IpFailures),
        Self::Tile(Tile::Browsers),
        Self::Tile(Tile::OperatingSystems),
        Self::Tile(Tile::NumberFailures),
        Self::FlowFailures,
        Self::NumberEvents,
        Self::Chart(SeriesBy::Number),
        Self::Chart(SeriesBy::Flow),
        Self::Chart(SeriesBy::Ip),
        Self::Conversion,
    ];

    /// The panel of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.as_str() == name)
    }

    /// Its name in the URL, the root of its ids, and its report where it has one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tile(tile) => tile.as_str(),
            Self::FlowFailures => "flow-failures",
            Self::NumberEvents => "number-events",
            Self::Chart(SeriesBy::Number) => "failures-by-number",
            Self::Chart(SeriesBy::Flow) => "failures-by-flow",
            Self::Chart(SeriesBy::Ip) => "failures-by-ip",
            Self::Conversion => "conversion",
        }
    }

    /// Its name on the page, fixed by the contract (section 7).
    pub fn title(self) -> &'static str {
        match self {
            Self::Tile(tile) => tile.title(),
            Self::FlowFailures => "Failed Phone Authentications by flow",
            Self::NumberEvents => "Failures of the chosen number",
            Self::Chart(SeriesBy::Number) => {
                "Failed Phone Authentications by Phone Number – Time Chart"
            }
            Self::Chart(SeriesBy::Flow) => "Failed Phone Authentications by flow – Time Chart",
            Self::Chart(SeriesBy::Ip) => "Failed Phone Authentications by IP Address – Time Chart",
            Self::Conversion => "Conversion",
        }
    }

    /// The columns it can be sorted by, besides its own order's.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Tile(tile) => tile.columns(),
            Self::FlowFailures => &["flow", "phone", "ip", "operation", "reason"],
            Self::NumberEvents => &["reason", "channel", "flow", "operation"],
            Self::Chart(_) => &[],
            Self::Conversion => {
                &["key", "sent", "verified", "rate", "change", "cost", "cost-per-verified"]
            }
        }
    }

    /// What its own order goes by.
    pub fn own_order(self) -> &'static str {
        match self {
            Self::Tile(_) => "count",
            Self::FlowFailures | Self::NumberEvents | Self::Chart(_) => "time",
            Self::Conversion => "volume",
        }
    }

    /// Whether it is drawn unless its table is asked for.
    pub fn is_drawn(self) -> bool {
        match self {
            Self::Tile(tile) => tile.is_donut(),
            Self::Chart(_) => true,
            Self::FlowFailures | Self::NumberEvents | Self::Conversion => false,
        }
    }
}

impl From<Tile> for Panel {
    fn from(tile: Tile) -> Self {
        Self::Tile(tile)
    }
}

impl From<SeriesBy> for Panel {
    fn from(by: SeriesBy) -> Self {
        Self::Chart(by)
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_and_chart_is_a_panel_by_its_reports_name() {
        for tile in Tile::ALL {
            assert_eq!(Panel::named(tile.as_str()), Some(Panel::Tile(*tile)));
        }
        for by in SeriesBy::ALL {
            assert_eq!(Panel::named(&format!("failures-by-{by}")), Some(Panel::Chart(*by)));
        }
        assert_eq!(Panel::named("nothing"), None);
    }
}
