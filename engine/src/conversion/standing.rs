//! What stands out of a range: see [`domain::standouts`].

use super::count::Counts;
use super::{Conversion, Table};
use crate::Error;
use domain::conversion::By;
use domain::region_figures::Figures;
use domain::standouts::RegionCount;
use domain::workbook::Query;
use std::collections::BTreeMap;

impl Table {
    /// What became of each region's attempts: one pass over rows that have few traits.
    pub fn regions(&self, query: &Query) -> Vec<RegionCount> {
        let counts = Counts::new();
        let mut of_kind = vec![[0_u64; 4]; self.kinds.words().len()];
        self.each(query, |row| {
            let more = &counts.0[self.state(row).0];
            let count = &mut of_kind[self.kind(row) as usize];
            count.iter_mut().zip(more).for_each(|(count, more)| *count += u64::from(*more));
        });
        let mut regions: BTreeMap<u32, [u64; 4]> = BTreeMap::new();
        for (traits, more) in self.kinds.words().iter().zip(of_kind) {
            let count = regions.entry(traits.region).or_default();
            count.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
        regions
            .into_iter()
            .map(|(region, [sent, verified, failed, _])| {
                let region = self.texts.word(region).and_then(|code| code.parse().ok());
                RegionCount { region, sent, verified, failed }
            })
            .collect()
    }
}

impl Conversion {
    /// What became of each region's attempts.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn regions(&self, query: &Query) -> Result<Vec<RegionCount>, Error> {
        if let Some(regions) = self.look(query, |table| table.regions(query)).await? {
            return Ok(regions);
        }
        let rows = store::conversion::rows(&self.db.pool, By::Region, query).await?;
        let count = |(region, figures): (String, Figures)| {
            let Figures { sent, verified, failed, .. } = figures;
            RegionCount { region: region.parse().ok(), sent, verified, failed }
        };
        Ok(rows.into_iter().map(count).collect())
    }
}
