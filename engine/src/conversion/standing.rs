//! Funnel and regions of a range: how far attempts came, and their outcomes by region.

use super::table::{STATES, outcome};
use super::{Conversion, Table};
use crate::Error;
use domain::conversion::{By, Funnel, codes_alone, of_prompt};
use domain::region_figures::Figures;
use domain::standouts::RegionCount;
use domain::workbook::Query;
use std::collections::BTreeMap;

/// Result of one pass over the attempts of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RangeCounts {
    /// Attempts by funnel step.
    pub funnel: Funnel,
    /// Attempts by region, in no order; may include regions without attempts.
    pub regions: Vec<RegionCount>,
}

impl Table {
    /// The funnel and the regions of a range.
    pub fn range_counts(&self, query: &Query) -> RangeCounts {
        // Attempts with the same traits are in one region.
        let mut counts = vec![[0_u32; STATES]; self.kinds.words().len()];
        self.each(query, |row| counts[self.kind(row) as usize][self.state(row)] += 1);
        let mut funnel = Funnel::default();
        let mut regions: BTreeMap<u32, Figures> = BTreeMap::new();
        let codes = codes_alone(By::Region, &query.filters);
        for (traits, states) in self.kinds.words().iter().zip(counts) {
            if codes && traits.is_push() {
                funnel.prompts += states.into_iter().map(u64::from).sum::<u64>();
                continue;
            }
            let figures = regions.entry(traits.region).or_default();
            for (state, n) in states.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                if let Some((kind, delivered)) = outcome(state) {
                    let kind = if traits.is_push() { of_prompt(kind) } else { kind };
                    funnel.count(kind, delivered, n.into());
                    figures.count(kind, n.into());
                }
            }
        }
        let region = |id| self.texts.word(id).map_or("", |word| word);
        let regions = regions.into_iter().map(|(id, figures)| counted(region(id), &figures));
        RangeCounts { funnel, regions: regions.collect() }
    }
}

fn counted(region: &str, figures: &Figures) -> RegionCount {
    let Figures { sent, verified, failed, .. } = *figures;
    RegionCount { region: region.parse().ok(), sent, verified, failed }
}

impl Conversion {
    /// The funnel and the regions of a range.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn range_counts(&self, query: &Query) -> Result<RangeCounts, Error> {
        if let Some(standing) = self.read_table(query, |table| table.range_counts(query)).await? {
            return Ok(standing);
        }
        let pool = self.db.read();
        let (funnel, rows) = tokio::try_join!(
            store::conversion::funnel(pool, query),
            store::conversion::rows(pool, By::Region, query)
        )?;
        let regions = rows.iter().map(|(region, figures)| counted(region, figures)).collect();
        Ok(RangeCounts { funnel, regions })
    }
}
