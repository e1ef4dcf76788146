//! Failures one by one.

use super::Workbook;
use crate::Error;
use domain::failures::{Asked, Listing, Sought, fold};
use domain::names::Settings;
use domain::workbook::{Query, Sight};

impl Workbook {
    /// A part of the failures that fit, numbers whole. What is searched for is looked up in what
    /// somebody sees: numbers as `sight` allows, flows by these names too.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn listing(
        &self,
        query: &Query,
        asked: &Asked,
        sight: Sight,
        names: &Settings,
    ) -> Result<Listing, Error> {
        let needle = fold(&asked.search);
        let sought = Sought::new(&needle, sight, names);
        let look = |table: &crate::columns::Table| table.listing(query, asked, sought);
        match self.columns.look(query, look).await? {
            // Memory knows no journeys: the page's few are looked up.
            Some(mut found) => {
                let pool = self.db.read();
                store::failures::complete(
                    pool,
                    &mut found.listing.rows,
                    &found.same_before,
                    asked.order.reversed,
                )
                .await?;
                Ok(found.listing)
            }
            None => Ok(store::failures::listing(self.db.read(), query, asked, sought).await?),
        }
    }
}
