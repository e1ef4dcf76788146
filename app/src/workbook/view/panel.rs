//! The panels of the workbook. Each has a name, its own state in the URL, and a fragment.

use domain::series::SeriesBy;
use domain::workbook::Tile;
use std::fmt;

/// A panel of the workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    /// A tile with counts.
    Tile(Tile),
    /// Single failures.
    FlowFailures,
    /// Single failures of a chosen number.
    NumberEvents,
    /// Failures over time.
    Chart(SeriesBy),
    /// Conversion by key.
    Conversion,
}

impl Panel {
    /// Every panel, in the order that an error about an unknown name lists them.
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

    /// The panel with this name in the URL.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.as_str() == name)
    }

    /// Name in the URL, prefix of ids, and name of its report if it has one.
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

    /// Title on the page.
    pub(crate) fn title(self) -> &'static str {
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

    /// Columns that it can be sorted by, besides its default order.
    pub(crate) fn columns(self) -> &'static [&'static str] {
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

    /// Name of its default order.
    pub(crate) fn own_order(self) -> &'static str {
        match self {
            Self::Tile(_) => "count",
            Self::FlowFailures | Self::NumberEvents | Self::Chart(_) => "time",
            Self::Conversion => "volume",
        }
    }

    /// Whether it shows a chart by default.
    pub(crate) fn is_drawn(self) -> bool {
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
