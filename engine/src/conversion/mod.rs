//! Attempts counted by outcome: for the strip of time, the funnel, and the table of the Conversion
//! tab. Recent attempts are kept in memory. The store answers until they are loaded, and for older
//! ranges.

mod count;
mod owned;
mod size;
mod standing;
mod table;

pub use standing::RangeCounts;
pub use table::Table;

use crate::Error;
use crate::tail::Tail;
use crate::workbook::aligned;
use chrono::TimeDelta;
use domain::bucket::Edges;
use domain::conversion::{By, Cost, KeyCounts, KeyRows, KeyRowsQuery, Keys, key_rows};
use domain::region_figures::Figures;
use domain::series::Chart;
use domain::workbook::Query;
use owned::Owned;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Db;
use tokio::sync::RwLock;
use uuid::Uuid;

/// How far back the table reaches, in days: 90, and the previous range of equal length.
const DAYS: i64 = 190;
/// Most attempts held (about 45 bytes each, plus their values); with more, the table covers a
/// shorter time.
const MOST: usize = 4_000_000;
/// Most bytes held, including the attempts' values; with more, the table covers a shorter time.
const MOST_BYTES: usize = 512 << 20;
/// Attempts read in one piece, so that no snapshot is kept open long.
const PIECE: i64 = 50_000;
/// Changed attempts read again in one piece.
const CHANGED: usize = 10_000;
/// How often the table looks for changes when nobody queries it.
pub(crate) const PACE: Duration = Duration::from_secs(1);

/// Attempts over time, with the previous range's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// One series each for sent, verified, failed and refused, in this order. For the previous
    /// range it has only the attempts sent.
    pub chart: Chart,
    /// Totals of each series in the whole previous range; `None` if they were not requested.
    pub before: Option<[u64; 4]>,
}

/// Answers queries about the outcomes of attempts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Conversion {
    db: Db,
    most: usize,
    /// Limit in bytes, applied at the next cleanup.
    bytes: usize,
    piece: i64,
    table: Arc<RwLock<Option<Table>>>,
    tail: Arc<Tail>,
}

impl Conversion {
    /// Creates it without any attempts: see [`Conversion::load`].
    pub(crate) fn new(db: Db) -> Self {
        Self::bounded(db, MOST, PIECE)
    }

    /// Like [`Conversion::new`] with other limits: the most attempts held, and how many (at least
    /// one) are read at a time.
    pub fn bounded(db: Db, most: usize, piece: i64) -> Self {
        Self { db, most, bytes: MOST_BYTES, piece, table: Arc::default(), tail: Arc::default() }
    }

    /// Loads recent attempts, in pieces, newest first; the store answers queries meanwhile.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn load(&self) -> Result<(), Error> {
        let pool = self.db.read();
        let look = self.tail.anew(pool).await?;
        // Avoids two tables in memory at once.
        *self.table.write().await = None;
        let from = self.db.clock.now() - TimeDelta::days(DAYS);
        let mut table = Table::new(i64::MIN);
        table.reserve(self.most + self.most / 8);
        let mut last = None;
        let whole = loop {
            let mut read = 0;
            let piece = store::attempt_table::newest(pool, last, from, self.piece, |seen| {
                table.put(&seen);
                read += 1;
            });
            let Some(place) = piece.await? else { break true };
            if table.len() >= self.most || table.bytes() >= self.bytes {
                break false;
            }
            last = Some(place);
            if read < self.piece {
                break true;
            }
            tokio::task::yield_now().await;
        };
        let oldest = store::attempt_table::oldest(pool).await?;
        if !whole {
            // Some attempts that began at the same time as the last one read may be missing.
            let from = table.newest(table.len() - 1);
            table.drop_before(from);
        } else if oldest.is_some_and(|oldest| oldest < from) {
            table.drop_before(from.timestamp_micros());
        }
        table.dropped = 0;
        *self.table.write().await = Some(table);
        look.done();
        Ok(())
    }

    /// Number of attempts in memory; `None` before they are loaded.
    pub async fn held(&self) -> Option<usize> {
        self.table.read().await.as_ref().map(Table::len)
    }

    /// Adds what was committed since the last call; does nothing before the table is loaded.
    ///
    /// # Errors
    /// If the store fails; the next call continues at the same place.
    pub async fn follow(&self) -> Result<(), Error> {
        if self.table.read().await.is_none() {
            return Ok(());
        }
        let Some(look) = self.tail.next(self.db.read()).await? else { return Ok(()) };
        let mut ids: HashSet<Uuid> = HashSet::new();
        store::attempt_table::changed(self.db.read(), look.from, look.until, |id| {
            ids.insert(id);
        })
        .await?;
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for piece in ids.chunks(CHANGED) {
            self.read_again(piece).await?;
        }
        look.done();
        Ok(())
    }

    /// Replaces attempts in the table by their current rows, and removes those that are gone.
    async fn read_again(&self, ids: &[Uuid]) -> Result<(), Error> {
        let mut gone: HashSet<Uuid> = ids.iter().copied().collect();
        let mut fresh: Vec<Owned> = Vec::with_capacity(ids.len());
        store::attempt_table::these(self.db.read(), ids, |seen| {
            gone.remove(&seen.id);
            fresh.push(Owned::from(seen));
        })
        .await?;
        let mut table = self.table.write().await;
        if let Some(table) = table.as_mut() {
            fresh.iter().for_each(|seen| table.put(&seen.lend()));
            gone.iter().for_each(|id| table.remove(*id));
        }
        Ok(())
    }

    /// Drops attempts that are too old, too many, or deleted from the store.
    ///
    /// # Errors
    /// If the store fails; the table does not change.
    pub async fn prune(&self) -> Result<(), Error> {
        if self.table.read().await.is_none() {
            return Ok(());
        }
        let _still = self.tail.still().await;
        let oldest = store::attempt_table::oldest(self.db.read()).await?;
        let oldest = oldest.map_or(i64::MAX, |oldest| oldest.timestamp_micros());
        let mut table = self.table.write().await;
        let Some(table) = table.as_mut() else { return Ok(()) };
        // Attempts deleted from the store leave no gap: the table still covers their time.
        if table.oldest().is_some_and(|known| known < oldest) {
            let from = table.from;
            table.drop_before(oldest);
            table.from = from;
        }
        let now = self.db.clock.now();
        let stale = (now - TimeDelta::days(DAYS + 10)).timestamp_micros();
        if table.oldest().is_some_and(|known| known < stale) {
            table.drop_before((now - TimeDelta::days(DAYS)).timestamp_micros());
        }
        if table.len() > self.most + self.most / 8 {
            let from = table.newest(self.most);
            table.drop_before(from);
        }
        Ok(())
    }

    /// Whether the table must be read again: too much of it belongs to attempts that are gone, or
    /// it has grown too large. Then it will cover a shorter time.
    fn is_stale(&self, table: &Table) -> bool {
        table.is_worn() || table.bytes() > self.bytes + self.bytes / 8
    }

    /// Sets another limit in bytes.
    #[must_use]
    pub fn within(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Loads the table, or lets it follow the store. A long read is followed by a pause, so that
    /// the table takes at most a fifth of the time, however many events arrive.
    pub(crate) async fn step(&self) -> Result<(), Error> {
        let begun = Instant::now();
        if self.table.read().await.as_ref().is_none_or(|table| self.is_stale(table)) {
            return self.load().await;
        }
        let followed = self.follow().await;
        tokio::time::sleep((begun.elapsed() * 4).saturating_sub(PACE)).await;
        followed
    }

    /// Attempts in each bucket. With `compare`, the buckets of the previous range, also its totals.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn strip(
        &self,
        query: &Query,
        edges: &Edges,
        compare: Option<&Edges>,
    ) -> Result<Strip, Error> {
        let mut chart = self.buckets(query, edges).await?;
        let Some(compare) = compare else { return Ok(Strip { chart, before: None }) };
        let earlier = self.buckets(&query.before(), compare).await?.series;
        let mut before = [0; 4];
        before.iter_mut().zip(&earlier).for_each(|(sum, series)| *sum = series.total());
        let sent = earlier.into_iter().next().map(|sent| sent.counts).unwrap_or_default();
        chart.before = Some(aligned(sent, edges.len()));
        Ok(Strip { chart, before: Some(before) })
    }

    async fn buckets(&self, query: &Query, edges: &Edges) -> Result<Chart, Error> {
        match self.read_table(query, |table| table.strip(query, edges)).await? {
            Some(chart) => Ok(chart),
            None => Ok(store::conversion::strip(self.db.read(), query, edges).await?),
        }
    }

    /// A page of the keys, each with its figures in the previous range.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn keys(&self, by: By, query: &Query, part: &KeyRowsQuery) -> Result<KeyRows, Error> {
        let before = query.before();
        let look = |table: &Table| table.conversion(by, query, part);
        if let Some(rows) = self.read_table(&before, look).await? {
            return Ok(rows);
        }
        let (now, before) = tokio::try_join!(
            store::conversion::rows(self.db.read(), by, query),
            store::conversion::rows(self.db.read(), by, &before)
        )?;
        let before: HashMap<String, Figures> = before.into_iter().collect();
        let lines = (0_u32..).zip(&now).map(|(id, (key, figures))| {
            let Figures { sent, verified, failed, refused, .. } = *figures;
            let before = before.get(key);
            let (sent_before, verified_before) =
                before.map_or((0, 0), |before| (before.sent, before.verified));
            KeyCounts { id, sent, verified, failed, refused, sent_before, verified_before }
        });
        Ok(key_rows(lines.collect(), &Stored(&now), by, part))
    }

    /// Runs `look` on the table after adding what is committed by now; `None` before it is loaded,
    /// and if it does not reach back far enough.
    async fn read_table<T>(
        &self,
        query: &Query,
        look: impl FnOnce(&Table) -> T,
    ) -> Result<Option<T>, Error> {
        let covers = |table: &Option<Table>| table.as_ref().is_some_and(|t| t.covers(query));
        if !covers(&*self.table.read().await) {
            return Ok(None);
        }
        self.follow().await?;
        let table = self.table.read().await;
        Ok(table.as_ref().filter(|table| table.covers(query)).map(look))
    }
}

/// Keys as returned by the store.
struct Stored<'r>(&'r [(String, Figures)]);

impl Keys for Stored<'_> {
    fn key(&self, id: u32) -> String {
        self.0.get(id as usize).map(|(key, _)| key.clone()).unwrap_or_default()
    }

    fn cost(&self, id: u32) -> Cost {
        self.0.get(id as usize).map(|(_, figures)| figures.cost.clone()).unwrap_or_default()
    }

    fn total(&self) -> Cost {
        let mut sum = Figures::default();
        self.0.iter().for_each(|(_, figures)| sum.add(figures));
        let most = Decimal::from(store::conversion::MOST);
        sum.cost.into_iter().map(|(currency, cost)| (currency, cost.min(most))).collect()
    }
}
