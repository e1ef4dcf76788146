//! The workbook's tiles, each computed from the fastest source: tallies for few distinct values,
//! the column table for many, and the events themselves for older ranges.

mod listing;

use crate::Error;
use crate::columns::{Columns, Table};
use domain::bucket::Edges;
use domain::series::{Chart, SeriesBy};
use domain::workbook::{Query, Row, Sight, Tile, TileRows, TileRowsQuery, Total, tile_rows};
use std::collections::HashMap;
use std::sync::Arc;
use store::Db;
use store::tallies::{self, FailureDim};

/// Computes the workbook's tiles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Workbook {
    db: Db,
    columns: Arc<Columns>,
}

impl Workbook {
    /// Creates it for the store and the column table.
    pub(crate) fn new(db: Db, columns: Arc<Columns>) -> Self {
        Self { db, columns }
    }

    /// A page of a tile's rows; numbers are masked according to `sight`.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn tile(
        &self,
        tile: Tile,
        query: &Query,
        part: &TileRowsQuery,
        sight: Sight,
    ) -> Result<TileRows, Error> {
        let dim = match tile {
            Tile::FailureReasons => Some(FailureDim::Reason),
            Tile::Browsers => Some(FailureDim::Browser),
            Tile::OperatingSystems => Some(FailureDim::Os),
            Tile::NumberIpFailures
            | Tile::BlockedNumbers
            | Tile::IpFailures
            | Tile::NumberFailures => None,
        };
        let Some(dim) = dim.filter(|_| query.filters.only_channel()) else {
            let look = |table: &Table| table.rows(tile, query, part, sight);
            if let Some(rows) = self.columns.read_table(query, look).await? {
                return Ok(rows);
            }
            let rows = store::workbook::rows(self.db.read(), tile, query).await?;
            return Ok(tile_rows(rows, part, tile, sight));
        };
        let channel = query.filters.channel;
        let counts = tallies::failures(self.db.read(), dim, query.period, channel).await?;
        let width = tile.columns().len();
        let rows = counts
            .into_iter()
            .map(|(key, detail, count)| {
                let mut cells = vec![key, detail];
                cells.truncate(width);
                Row { cells, count: u64::try_from(count).unwrap_or(0) }
            })
            .collect();
        Ok(tile_rows(rows, part, tile, sight))
    }

    /// Like [`Self::tile`], with the counts of each row in the previous range.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn compared(
        &self,
        tile: Tile,
        query: &Query,
        part: &TileRowsQuery,
        sight: Sight,
    ) -> Result<TileRows, Error> {
        let before = query.before();
        let rows = self.tile(tile, query, part, sight).await?;
        let counts = self
            .columns
            .read_table(&before, |table| table.counts(tile, &before, &rows.keys))
            .await?;
        if let Some(counts) = counts {
            return Ok(TileRows { before: Some(counts), ..rows });
        }
        // Unmasked for every reader, because rows are matched by their cells.
        let before = self.tile(tile, &before, &TileRowsQuery::all(), Sight::Whole).await?;
        let before: HashMap<&[String], u64> =
            before.rows.iter().map(|row| (row.cells.as_slice(), row.count)).collect();
        let counts = rows.keys.iter().map(|cells| before.get(cells.as_slice()).copied());
        let counts = counts.map(Option::unwrap_or_default).collect();
        Ok(TileRows { before: Some(counts), ..rows })
    }

    /// Number of failures in the range and in the previous one.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn total(&self, query: &Query) -> Result<Total, Error> {
        let before = query.before();
        let (now, before) = tokio::try_join!(self.failures(query), self.failures(&before))?;
        Ok(Total { now, before })
    }

    async fn failures(&self, query: &Query) -> Result<u64, Error> {
        if !query.filters.only_channel() {
            return match self.columns.read_table(query, |table| table.total(query)).await? {
                Some(total) => Ok(total),
                None => Ok(store::workbook::failures(self.db.read(), query).await?),
            };
        }
        // Every failure has a key for its reason, even if it is empty.
        let (dim, channel) = (FailureDim::Reason, query.filters.channel);
        let counts = tallies::failures(self.db.read(), dim, query.period, channel).await?;
        Ok(counts.iter().map(|(_, _, count)| u64::try_from(*count).unwrap_or(0)).sum())
    }

    /// Failures in each bucket, for the keys with the most failures; with `compare`, also the
    /// previous range's total in each bucket.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn chart(
        &self,
        by: SeriesBy,
        query: &Query,
        edges: &Edges,
        compare: Option<&Edges>,
    ) -> Result<Chart, Error> {
        let mut chart = self.series(by, query, edges).await?;
        if let Some(before) = compare {
            let counts = self.series(by, &query.before(), before).await?.sums();
            chart.before = Some(aligned(counts, edges.len()));
        }
        Ok(chart)
    }

    async fn series(&self, by: SeriesBy, query: &Query, edges: &Edges) -> Result<Chart, Error> {
        match self.columns.read_table(query, |table| table.chart(by, query, edges)).await? {
            Some(chart) => Ok(chart),
            None => Ok(store::failures::chart(self.db.read(), by, query, edges).await?),
        }
    }
}

/// Aligns the previous range's buckets with those of the range, last with last, because the
/// previous month may have a different number of days.
pub(crate) fn aligned(mut counts: Vec<u64>, buckets: usize) -> Vec<u64> {
    if counts.len() > buckets {
        counts.drain(..counts.len() - buckets);
    }
    let mut aligned = vec![0; buckets - counts.len()];
    aligned.extend(counts);
    aligned
}
