//! What stands out of a range: see [`domain::standouts`].

use super::{Conversion, Table};
use crate::Error;
use domain::Kind;
use domain::region_figures::Figures;
use domain::standouts::RegionCount;
use domain::workbook::Query;
use std::collections::BTreeMap;

impl Table {
    /// What became of each region's attempts: one pass over rows that have few traits.
    pub fn regions(&self, query: &Query) -> Vec<RegionCount> {
        let mut counts = vec![[0_u64; 2]; self.kinds.words().len()];
        let each: Vec<[u64; 2]> = Kind::ALL
            .iter()
            .map(|kind| {
                let mut figures = Figures::default();
                figures.count(*kind, 1);
                [figures.sent, figures.verified]
            })
            .collect();
        self.each(query, |row| {
            let [sent, verified] = each[self.state(row).0];
            let count = &mut counts[self.kind(row) as usize];
            count[0] += sent;
            count[1] += verified;
        });
        let mut regions: BTreeMap<u32, [u64; 2]> = BTreeMap::new();
        for (traits, [sent, verified]) in self.kinds.words().iter().zip(counts) {
            let count = regions.entry(traits.region).or_default();
            count[0] += sent;
            count[1] += verified;
        }
        regions
            .into_iter()
            .map(|(region, [sent, verified])| {
                let region = self.texts.word(region).and_then(|code| code.parse().ok());
                RegionCount { region, sent, verified }
            })
            .collect()
    }
}

impl Conversion {
    /// What became of each region's attempts; nothing before they are loaded, and of ranges that
    /// memory does not reach.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn regions(&self, query: &Query) -> Result<Vec<RegionCount>, Error> {
        Ok(self.look(query, |table| table.regions(query)).await?.unwrap_or_default())
    }
}
