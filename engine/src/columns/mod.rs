//! The column table: recent failures in memory, a few bytes each. It serves tiles over many
//! distinct values (numbers, addresses, pairs) that no tally could hold, and every query that
//! filters by more than a channel.

mod bound;
mod listing;
mod neighbours;
mod table;

pub use listing::Found;
pub use neighbours::{Near, network_of};
pub use table::Table;

use crate::tail::Tail;
use chrono::{DateTime, TimeDelta, Utc};
use domain::bucket::Edges;
use domain::series::{Chart, SeriesBy};
use domain::workbook::{Part, Query, Rows, Sight, Tile};
use domain::{Channel, Kind};
use store::Db;
use store::events::Failure;
use tokio::sync::RwLock;

/// How far back the table reaches, in days.
const DAYS: i64 = 90;
/// Most rows (about 60 bytes each, plus their words). With more rows, or more bytes than `bound`
/// allows, the table covers a shorter time.
const MAX_ROWS: usize = 3_000_000;

/// The table, and how far it has followed the store.
#[derive(Debug)]
pub struct Columns {
    db: Db,
    table: RwLock<Table>,
    tail: Tail,
}

impl Columns {
    /// Loads recent failures from the store.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn load(db: Db) -> store::Result<Self> {
        let table = RwLock::new(Table::default());
        let columns = Self { db, table, tail: Tail::default() };
        columns.read().await?;
        Ok(columns)
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// If the store fails; the table does not change.
    pub async fn read(&self) -> store::Result<()> {
        let db = &self.db;
        let look = self.tail.anew(db.read()).await?;
        let mut from = db.clock.now() - TimeDelta::days(DAYS);
        let bound = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
        if let Some(oldest) = store::events::nth_newest_failure(db.read(), bound).await? {
            from = from.max(oldest + TimeDelta::microseconds(1));
        }
        let mut table = Table::new(from);
        store::events::failures_between(db.read(), look.from, look.until, from, |failure| {
            table.push(failure);
        })
        .await?;
        *self.table.write().await = table;
        look.done();
        Ok(())
    }

    /// Adds what was committed since the last call. Runs every 100 ms, and before an answer that
    /// must include what the caller has just written.
    ///
    /// # Errors
    /// If the store fails; the next call continues at the same place.
    pub async fn follow(&self) -> store::Result<()> {
        let Some(look) = self.tail.next(self.db.read()).await? else { return Ok(()) };
        let from = DateTime::from_timestamp_micros(self.table.read().await.from)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let mut failures: Vec<Owned> = Vec::new();
        store::events::failures_between(self.db.read(), look.from, look.until, from, |failure| {
            failures.push(Owned::from(failure));
        })
        .await?;
        if !failures.is_empty() {
            let mut table = self.table.write().await;
            failures.iter().for_each(|failure| table.push(failure.lend()));
        }
        look.done();
        Ok(())
    }

    /// Drops old rows by reading everything again, once a large part is too old or when the store
    /// `forgot` events.
    ///
    /// # Errors
    /// If the store fails; the table does not change.
    pub async fn prune(&self, forgot: bool) -> store::Result<()> {
        let oldest = (self.db.clock.now() - TimeDelta::days(DAYS + 10)).timestamp_micros();
        let stale = forgot || {
            let table = self.table.read().await;
            table.from < oldest || table.len() > MAX_ROWS + MAX_ROWS / 4
        };
        if stale {
            self.read().await?;
        }
        Ok(())
    }

    /// A page of a tile's rows; `None` if the table does not reach back far enough.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn rows(
        &self,
        tile: Tile,
        query: &Query,
        part: &Part,
        sight: Sight,
    ) -> store::Result<Option<Rows>> {
        self.look(query, |table| table.rows(tile, query, part, sight)).await
    }

    /// Number of failures; `None` if the table does not reach back far enough.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn total(&self, query: &Query) -> store::Result<Option<u64>> {
        self.look(query, |table| table.total(query)).await
    }

    /// Failures in each bucket; `None` if the table does not reach back far enough.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn chart(
        &self,
        by: SeriesBy,
        query: &Query,
        edges: &Edges,
    ) -> store::Result<Option<Chart>> {
        self.look(query, |table| table.chart(by, query, edges)).await
    }

    /// Runs `look` on the table after adding what is committed by now; `None` if the table does not
    /// reach back far enough for the query.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn look<T>(
        &self,
        query: &Query,
        look: impl FnOnce(&Table) -> T,
    ) -> store::Result<Option<T>> {
        self.follow().await?;
        let table = self.table.read().await;
        Ok(table.covers(query).then(|| look(&table)))
    }
}

/// An owned copy of a failure between store and table, so that the table is locked only to push it.
struct Owned {
    time: i64,
    kind: Kind,
    channel: Option<Channel>,
    texts: [Box<str>; 9],
}

impl From<Failure<'_>> for Owned {
    fn from(failure: Failure<'_>) -> Self {
        let texts = [
            failure.phone,
            failure.ip,
            failure.reason,
            failure.reason_text,
            failure.browser,
            failure.os,
            failure.flow,
            failure.region,
            failure.operation,
        ];
        Self {
            time: failure.time,
            kind: failure.kind,
            channel: failure.channel,
            texts: texts.map(Box::from),
        }
    }
}

impl Owned {
    fn lend(&self) -> Failure<'_> {
        let [phone, ip, reason, reason_text, browser, os, flow, region, operation] = &self.texts;
        Failure {
            time: self.time,
            kind: self.kind,
            channel: self.channel,
            phone,
            ip,
            reason,
            reason_text,
            browser,
            os,
            flow,
            region,
            operation,
        }
    }
}
