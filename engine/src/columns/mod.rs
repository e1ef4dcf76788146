//! The column table: recent failures in memory, a few bytes each. It serves tiles over many
//! distinct values (numbers, addresses, pairs) that no tally could hold, and every query that
//! filters by more than a channel.

mod bound;
mod listing;
mod neighbours;
mod table;

pub(crate) use neighbours::network_of;
pub(crate) use table::Table;

use crate::tail::Tail;
use chrono::{DateTime, TimeDelta, Utc};
use domain::workbook::Query;
use store::Db;
use tokio::sync::RwLock;

/// How far back the table reaches, in days.
const DAYS: i64 = 90;
/// Most rows (about 60 bytes each, plus their words). With more rows, or more bytes than `bound`
/// allows, the table covers a shorter time.
const MAX_ROWS: usize = 3_000_000;

/// The table, and how far it has followed the store.
#[derive(Debug)]
pub(crate) struct Columns {
    db: Db,
    table: RwLock<Table>,
    tail: Tail,
}

impl Columns {
    /// Loads recent failures from the store.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn load(db: Db) -> store::Result<Self> {
        let table = RwLock::new(Table::default());
        let columns = Self { db, table, tail: Tail::default() };
        columns.read().await?;
        Ok(columns)
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// If the store fails; the table does not change.
    pub(crate) async fn read(&self) -> store::Result<()> {
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
    pub(crate) async fn follow(&self) -> store::Result<()> {
        let Some(look) = self.tail.next(self.db.read()).await? else { return Ok(()) };
        let start = self.table.read().await.from;
        let from = DateTime::from_timestamp_micros(start).unwrap_or(DateTime::<Utc>::MIN_UTC);
        // Collected first, so that the table is locked only to add them.
        let mut new = Table::within(start, usize::MAX);
        store::events::failures_between(self.db.read(), look.from, look.until, from, |failure| {
            new.push(failure);
        })
        .await?;
        if new.len() > 0 {
            let mut table = self.table.write().await;
            (0..new.len()).for_each(|row| table.push(new.failure_at(row)));
        }
        look.done();
        Ok(())
    }

    /// Drops old rows by reading everything again, once a large part is too old or when the store
    /// `forgot` events.
    ///
    /// # Errors
    /// If the store fails; the table does not change.
    pub(crate) async fn prune(&self, forgot: bool) -> store::Result<()> {
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

    /// Runs `look` on the table after adding what is committed by now; `None` if the table does not
    /// reach back far enough for the query.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn read_table<T>(
        &self,
        query: &Query,
        look: impl FnOnce(&Table) -> T,
    ) -> store::Result<Option<T>> {
        self.follow().await?;
        let table = self.table.read().await;
        Ok(table.covers(query).then(|| look(&table)))
    }
}
