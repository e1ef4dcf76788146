//! Types of the region table.

use crate::Region;
use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// The continents, for grouping countries on pages.
    Continent, label {
        /// By GeoNames' assignment.
        Africa = "africa" => "Africa",
        /// No region there has a calling code of its own.
        Antarctica = "antarctica" => "Antarctica",
        /// By GeoNames' assignment, with Timor-Leste.
        Asia = "asia" => "Asia",
        /// By GeoNames' assignment.
        Europe = "europe" => "Europe",
        /// North America, Central America and the Caribbean.
        NorthAmerica = "north_america" => "North America",
        /// By GeoNames' assignment, without Timor-Leste.
        Oceania = "oceania" => "Oceania",
        /// By GeoNames' assignment.
        SouthAmerica = "south_america" => "South America",
        /// Numbers that belong to no country.
        World = "world" => "Worldwide",
    }
}

/// A row of the region table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionInfo {
    /// The key of the row.
    pub region: Region,
    /// English short name.
    pub name: &'static str,
    /// Used to group countries on pages.
    pub continent: Continent,
    /// For display: `+49`, or with area codes where regions share a calling code: `+1 876`. No rule
    /// uses them.
    pub calling_codes: &'static [&'static str],
}
