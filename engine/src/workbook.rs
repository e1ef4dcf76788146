//! The workbook's numbers, each from where it is counted fastest: tallies for few distinct values,
//! the column table for many, the events themselves for ranges older than that.

use crate::Error;
use crate::columns::Columns;
use domain::workbook::{Part, Query, Row, Rows, Sight, Tile, Total, part_of};
use domain::{Channel, Period};
use std::sync::Arc;
use store::Db;
use store::tallies::{self, FailureDim};

/// Answers for the workbook's tiles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Workbook {
    db: Db,
    columns: Arc<Columns>,
}

impl Workbook {
    /// Over the store and the column table.
    pub fn new(db: Db, columns: Arc<Columns>) -> Self {
        Self { db, columns }
    }

    /// A part of a tile's rows, numbers as `sight` allows.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn tile(
        &self,
        tile: Tile,
        query: &Query,
        part: &Part,
        sight: Sight,
    ) -> Result<Rows, Error> {
        let dim = match tile {
            Tile::FailureReasons => FailureDim::Reason,
            Tile::Browsers => FailureDim::Browser,
            Tile::OperatingSystems => FailureDim::Os,
            Tile::NumberIpFailures | Tile::BlockedNumbers | Tile::IpFailures => {
                if let Some(rows) = self.columns.rows(tile, query, part, sight).await? {
                    return Ok(rows);
                }
                let rows = store::workbook::rows(&self.db.pool, tile, query).await?;
                return Ok(part_of(rows, part, tile, sight));
            }
        };
        let counts = tallies::failures(&self.db.pool, dim, query.period, query.channel).await?;
        let width = tile.columns().len();
        let rows = counts
            .into_iter()
            .map(|(key, detail, count)| {
                let mut cells = vec![key, detail];
                cells.truncate(width);
                Row { cells, count: u64::try_from(count).unwrap_or(0) }
            })
            .collect();
        Ok(part_of(rows, part, tile, sight))
    }

    /// Failures in the range and in the one before it.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn total(&self, query: &Query) -> Result<Total, Error> {
        let count = |period: Period| failures(&self.db, period, query.channel);
        let (now, before) = tokio::try_join!(count(query.period), count(query.period.before()))?;
        Ok(Total { now, before })
    }
}

async fn failures(db: &Db, period: Period, channel: Option<Channel>) -> Result<u64, store::Error> {
    // Every failure has a reason's key, be it an empty one.
    let counts = tallies::failures(&db.pool, FailureDim::Reason, period, channel).await?;
    Ok(counts.iter().map(|(_, _, count)| u64::try_from(*count).unwrap_or(0)).sum())
}
