//! What the table says of a region.

use crate::Region;
use crate::events::words;
use serde::{Deserialize, Serialize};

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
