//! The column table: recent failures in memory, a few bytes each, for tiles over many distinct
//! values (numbers, addresses, pairs) that no pre-counted table could hold.

use chrono::{DateTime, TimeDelta, Utc};
use domain::workbook::{Part, Query, Row, Rows, Sight, Tile, part_of, shown};
use domain::{Channel, Kind};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use store::Db;
use store::events::{Failure, Position};
use tokio::sync::{Mutex, RwLock};

/// How far back the table reaches.
const DAYS: i64 = 90;
/// Rows it holds at most (about 40 bytes each, and their words); with more, it reaches less far.
const MAX_ROWS: usize = 3_000_000;

/// Numbers for words: each distinct one is kept once.
#[derive(Debug)]
struct Dictionary<K> {
    ids: HashMap<K, u32>,
    words: Vec<K>,
}

impl<K> Default for Dictionary<K> {
    fn default() -> Self {
        Self { ids: HashMap::new(), words: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Dictionary<K> {
    fn id(&mut self, word: K) -> u32 {
        if let Some(id) = self.ids.get(&word) {
            return *id;
        }
        // At most one new word a row, and rows are bounded far below 2^32.
        let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.ids.insert(word.clone(), id);
        self.words.push(word);
        id
    }
}

impl Dictionary<Arc<str>> {
    fn text(&mut self, word: &str) -> u32 {
        match self.ids.get(word) {
            Some(id) => *id,
            None => self.id(Arc::from(word)),
        }
    }
}

/// Failures, a column for each thing that tiles ask for.
#[derive(Debug, Default)]
pub struct Table {
    /// Every failure from this instant on is here, µs since 1970.
    from: i64,
    time: Vec<i64>,
    blocked: Vec<bool>,
    channel: Vec<u8>,
    phone: Vec<u32>,
    ip: Vec<u32>,
    pair: Vec<u32>,
    reason: Vec<u32>,
    browser: Vec<u32>,
    os: Vec<u32>,
    texts: Dictionary<Arc<str>>,
    pairs: Dictionary<(u32, u32)>,
}

/// A channel's number in the column; 0 is none.
fn channel_number(channel: Option<Channel>) -> u8 {
    channel.map_or(0, |channel| channel as u8 + 1)
}

impl Table {
    /// An empty table that will hold every failure from an instant on.
    pub fn new(from: DateTime<Utc>) -> Self {
        Self { from: from.timestamp_micros(), ..Self::default() }
    }

    /// Adds a failure; older ones than the table reaches are left out.
    pub fn push(&mut self, failure: Failure<'_>) {
        if failure.time < self.from {
            return;
        }
        let phone = self.texts.text(failure.phone);
        let ip = self.texts.text(failure.ip);
        let reason = self.texts.text(failure.reason);
        let reason_text = self.texts.text(failure.reason_text);
        self.time.push(failure.time);
        self.blocked.push(failure.kind == Kind::Blocked);
        self.channel.push(channel_number(failure.channel));
        self.phone.push(phone);
        self.ip.push(ip);
        let pair = self.pairs.id((phone, ip));
        self.pair.push(pair);
        let reason = self.pairs.id((reason, reason_text));
        self.reason.push(reason);
        let browser = self.texts.text(failure.browser);
        self.browser.push(browser);
        let os = self.texts.text(failure.os);
        self.os.push(os);
    }

    /// How many failures it holds.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Whether every failure of a range is here.
    pub fn covers(&self, query: &Query) -> bool {
        query.period.from.timestamp_micros() >= self.from
    }

    /// A part of a tile's rows.
    pub fn rows(&self, tile: Tile, query: &Query, part: &Part, sight: Sight) -> Rows {
        let (ids, paired) = match tile {
            Tile::FailureReasons => (&self.reason, true),
            Tile::NumberIpFailures => (&self.pair, true),
            Tile::BlockedNumbers => (&self.phone, false),
            Tile::IpFailures => (&self.ip, false),
            Tile::Browsers => (&self.browser, false),
            Tile::OperatingSystems => (&self.os, false),
        };
        let words = if paired { self.pairs.words.len() } else { self.texts.words.len() };
        let counts = self.count(tile, query, ids, words);
        let word = |id: u32| -> &str { self.texts.words.get(id as usize).map_or("", |w| w) };
        let pair = |id: u32| self.pairs.words.get(id as usize).copied().unwrap_or_default();
        let row = |&(id, count): &(u32, u32)| {
            let cells = if paired {
                let (a, b) = pair(id);
                vec![word(a).to_owned(), word(b).to_owned()]
            } else {
                vec![word(id).to_owned()]
            };
            Row { cells, count: u64::from(count) }
        };
        if !part.search.trim().is_empty() || part.sort.column.is_some() || part.sort.reversed {
            return part_of(counts.iter().map(row).collect(), part, tile, sight);
        }
        // The usual page, most failures first: only its own rows become texts.
        let cells = |id: u32| {
            if paired {
                let (a, b) = pair(id);
                (word(a), word(b))
            } else {
                (word(id), "")
            }
        };
        let order = |a: &(u32, u32), b: &(u32, u32)| {
            b.1.cmp(&a.1).then_with(|| cells(a.0).cmp(&cells(b.0)))
        };
        let mut out = Rows {
            rows_in_all: counts.len() as u64,
            matching: counts.len() as u64,
            largest: counts.iter().map(|(_, count)| u64::from(*count)).max().unwrap_or(0),
            total: counts.iter().map(|(_, count)| u64::from(*count)).sum(),
            rows: Vec::new(),
        };
        let mut counts = counts;
        let end = part.offset.saturating_add(part.limit).min(counts.len());
        if end < counts.len() && end > 0 {
            counts.select_nth_unstable_by(end - 1, order);
        }
        counts.truncate(end);
        counts.sort_unstable_by(order);
        out.rows = counts
            .iter()
            .skip(part.offset)
            .map(row)
            .map(|row| Row { cells: shown(tile, sight, row.cells), ..row })
            .collect();
        out
    }

    /// How many failures of a range each id has; ids without any are left out.
    fn count(&self, tile: Tile, query: &Query, ids: &[u32], words: usize) -> Vec<(u32, u32)> {
        let mut counts = vec![0_u32; words];
        let (from, to) = (query.period.from.timestamp_micros(), query.period.to.timestamp_micros());
        let channel = query.channel.map(|channel| channel_number(Some(channel)));
        let only_blocked = tile == Tile::BlockedNumbers;
        let columns = self.time.iter().zip(&self.channel).zip(&self.blocked).zip(ids);
        for (((time, of), blocked), id) in columns {
            let wanted = (from..to).contains(time)
                && channel.is_none_or(|channel| channel == *of)
                && (!only_blocked || *blocked);
            if let Some(count) = counts.get_mut(*id as usize) {
                *count += u32::from(wanted);
            }
        }
        (0_u32..).zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}

/// The table, and where its tail stands.
#[derive(Debug)]
pub struct Columns {
    db: Db,
    table: RwLock<Table>,
    /// Held while reading on, so that callers at the same time share one look.
    tail: Mutex<Position>,
}

impl Columns {
    /// Reads what the store holds.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn load(db: Db) -> store::Result<Self> {
        let (table, position) = Self::read(&db).await?;
        Ok(Self { db, table: RwLock::new(table), tail: Mutex::new(position) })
    }

    async fn read(db: &Db) -> store::Result<(Table, Position)> {
        let mut from = db.clock.now() - TimeDelta::days(DAYS);
        let bound = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
        if let Some(oldest) = store::events::nth_newest_failure(&db.pool, bound).await? {
            from = from.max(oldest + TimeDelta::microseconds(1));
        }
        let until = store::events::horizon(&db.pool).await?;
        let mut table = Table::new(from);
        store::events::failures_between(&db.pool, Position::default(), until, from, |failure| {
            table.push(failure);
        })
        .await?;
        Ok((table, until))
    }

    /// Takes in what was committed since it last looked. Every 100 ms, and before an answer that
    /// must show what its asker has just written.
    ///
    /// # Errors
    /// When the store refuses; the next look goes on from the same place.
    pub async fn follow(&self) -> store::Result<()> {
        let mut position = self.tail.lock().await;
        let until = store::events::horizon(&self.db.pool).await?;
        if until <= *position {
            return Ok(());
        }
        let from = DateTime::from_timestamp_micros(self.table.read().await.from)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let mut failures: Vec<Owned> = Vec::new();
        store::events::failures_between(&self.db.pool, *position, until, from, |failure| {
            failures.push(Owned::from(failure));
        })
        .await?;
        if !failures.is_empty() {
            let mut table = self.table.write().await;
            failures.iter().for_each(|failure| table.push(failure.lend()));
        }
        *position = until;
        Ok(())
    }

    /// Drops what has grown too old, by reading anew: once a good part of it is, or when the store
    /// `forgot` events.
    ///
    /// # Errors
    /// When the store refuses; the table stays as it was.
    pub async fn prune(&self, forgot: bool) -> store::Result<()> {
        let oldest = (self.db.clock.now() - TimeDelta::days(DAYS + 10)).timestamp_micros();
        let stale = forgot || {
            let table = self.table.read().await;
            table.from < oldest || table.len() > MAX_ROWS + MAX_ROWS / 4
        };
        if stale {
            let mut position = self.tail.lock().await;
            let (table, until) = Self::read(&self.db).await?;
            *self.table.write().await = table;
            *position = until;
        }
        Ok(())
    }

    /// A part of a tile's rows; `None` when the table does not reach back far enough.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn rows(
        &self,
        tile: Tile,
        query: &Query,
        part: &Part,
        sight: Sight,
    ) -> store::Result<Option<Rows>> {
        self.follow().await?;
        let table = self.table.read().await;
        Ok(table.covers(query).then(|| table.rows(tile, query, part, sight)))
    }
}

/// A failure between the store and the table, so that the table is locked only for the pushing.
struct Owned {
    time: i64,
    kind: Kind,
    channel: Option<Channel>,
    texts: [Box<str>; 6],
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
        let [phone, ip, reason, reason_text, browser, os] = &self.texts;
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
        }
    }
}
