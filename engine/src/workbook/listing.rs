//! Failures one by one.

use super::Workbook;
use crate::Error;
use domain::failures::{FailuresQuery, Listing, TextSearch, fold};
use domain::names::Settings;
use domain::workbook::{Query, Sight};

impl Workbook {
    /// A page of the matching failures, with whole numbers. The search covers what the reader sees:
    /// numbers according to `sight`, and flows also by these names.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn listing(
        &self,
        query: &Query,
        asked: &FailuresQuery,
        sight: Sight,
        names: &Settings,
    ) -> Result<Listing, Error> {
        let needle = fold(&asked.search);
        let sought = TextSearch::new(&needle, sight, names);
        let look = |table: &crate::columns::Table| table.listing(query, asked, sought);
        match self.columns.read_table(query, look).await? {
            // The table has no journeys: those of the page are looked up.
            Some(mut found) => {
                let (rows, before) = (&mut found.listing.rows, &found.same_before);
                let reversed = asked.order.reversed;
                store::failures::complete(self.db.read(), rows, before, reversed).await?;
                Ok(found.listing)
            }
            None => Ok(store::failures::listing(self.db.read(), query, asked, sought).await?),
        }
    }
}
