//! The regions that have calling codes: their English names, continents and calling codes, as
//! people know them.

use crate::Region;
use crate::events::words;
use serde::{Deserialize, Serialize};

mod table;
#[cfg(test)]
mod tests;

use table::REGIONS;

words! {
    /// A part of the world.
    Continent {
        /// Africa.
        Africa = "africa",
        /// Antarctica; no region there has a calling code of its own.
        Antarctica = "antarctica",
        /// Asia.
        Asia = "asia",
        /// Europe.
        Europe = "europe",
        /// North America, Central America and the Caribbean.
        NorthAmerica = "north_america",
        /// Oceania.
        Oceania = "oceania",
        /// South America.
        SouthAmerica = "south_america",
        /// Everywhere and nowhere: numbers that belong to no country.
        World = "world",
    }
}

impl Continent {
    /// The name as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Africa => "Africa",
            Self::Antarctica => "Antarctica",
            Self::Asia => "Asia",
            Self::Europe => "Europe",
            Self::NorthAmerica => "North America",
            Self::Oceania => "Oceania",
            Self::SouthAmerica => "South America",
            Self::World => "Worldwide",
        }
    }
}

/// A region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionInfo {
    /// Its code.
    pub region: Region,
    /// Its English short name.
    pub name: &'static str,
    /// Where it lies.
    pub continent: Continent,
    /// How its numbers begin, for people: `+49`, or with the area codes where several regions
    /// share a calling code: `+1 876`. No rule decides by them.
    pub calling_codes: &'static [&'static str],
}

/// All regions, by name; [`Region::WORLD`] among them.
pub fn all() -> &'static [RegionInfo] {
    REGIONS
}

/// What is known of a region; `None` when it has no calling code.
pub fn info(region: Region) -> Option<&'static RegionInfo> {
    REGIONS.iter().find(|info| info.region == region)
}

/// A region's name, or its code when it has no calling code.
pub fn name(region: &Region) -> &str {
    info(*region).map_or(region.as_str(), |info| info.name)
}
