//! The column table's data: one column for each field.

use crate::dictionary::{Dictionary, channel_number};
use domain::bucket::Edges;
use domain::series::{Chart, Series, SeriesBy, TOP};
use domain::workbook::{Query, Row, Sight, Tile, TileRows, TileRowsQuery, tile_rows};
use domain::{Kind, PhoneNumber};
use std::cmp::Ordering;
use store::events::ColumnFailure;

/// Failures, with one column for each field that tiles query.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(super) most: usize,
    /// Contains all failures from this instant on, in µs since 1970.
    pub(super) from: i64,
    pub(super) time: Vec<i64>,
    pub(super) blocked: Vec<bool>,
    pub(super) channel: Vec<u8>,
    pub(super) phone: Vec<u32>,
    pub(super) ip: Vec<u32>,
    pub(super) pair: Vec<u32>,
    pub(super) reason: Vec<u32>,
    pub(super) browser: Vec<u32>,
    pub(super) os: Vec<u32>,
    pub(super) flow: Vec<u32>,
    pub(super) region: Vec<u32>,
    pub(super) operation: Vec<u32>,
    pub(super) texts: Dictionary<String>,
    /// The digits of words that are phone numbers, by word number; 0 for all other words.
    pub(super) digits: Vec<u64>,
    pub(super) pairs: Dictionary<(u32, u32)>,
}

/// The filter of a query, in the table's own numbers.
pub(super) struct ColumnFilter<'t> {
    table: &'t Table,
    from: i64,
    to: i64,
    channel: Option<u8>,
    /// Columns that must contain a given word.
    words: Vec<(&'t [u32], u32)>,
    /// Matching reasons, as pairs of reason and text.
    reasons: Option<Vec<bool>>,
    only_blocked: bool,
}

impl<'t> ColumnFilter<'t> {
    /// `None` if the query asks for a word that no failure has.
    pub(super) fn of(table: &'t Table, query: &Query) -> Option<Self> {
        let filters = &query.filters;
        let mut words = Vec::new();
        let mut need = |column: &'t Vec<u32>, word: Option<String>| -> Option<()> {
            if let Some(word) = word {
                words.push((column.as_slice(), table.texts.find(word.as_str())?));
            }
            Some(())
        };
        need(&table.phone, filters.phone.map(|phone| phone.to_string()))?;
        need(&table.ip, filters.ip.map(|ip| ip.to_string()))?;
        need(&table.flow, filters.flow.clone())?;
        need(&table.browser, filters.browser.clone())?;
        need(&table.region, filters.region.map(|region| region.to_string()))?;
        let reasons = match filters.reason {
            None => None,
            Some(reason) => {
                let id = table.texts.find(reason.as_str())?;
                Some(table.pairs.words().iter().map(|(reason, _)| *reason == id).collect())
            }
        };
        Some(Self {
            table,
            from: query.period.from.timestamp_micros(),
            to: query.period.to.timestamp_micros(),
            channel: filters.channel.map(|channel| channel_number(Some(channel))),
            words,
            reasons,
            only_blocked: false,
        })
    }

    /// Calls `each` for the matching rows, in order of arrival.
    pub(super) fn each(&self, mut each: impl FnMut(usize)) {
        let table = self.table;
        let columns = table.time.iter().zip(&table.channel).zip(&table.blocked);
        for (row, ((time, channel), blocked)) in columns.enumerate() {
            let fits = (self.from..self.to).contains(time)
                && self.channel.is_none_or(|wanted| wanted == *channel)
                && (!self.only_blocked || *blocked)
                && self.words.iter().all(|(column, id)| column[row] == *id)
                && self.reasons.as_ref().is_none_or(|reasons| reasons[table.reason[row] as usize]);
            if fits {
                each(row);
            }
        }
    }
}

/// The first `end` ids, largest count first, in no order among themselves. Words are compared only
/// for ids that share the last count: most numbers fail once, and comparing all their words would
/// take longer than counting them.
fn largest(
    mut counts: Vec<(u32, u32)>,
    end: usize,
    order: impl Fn(&(u32, u32), &(u32, u32)) -> Ordering,
) -> Vec<(u32, u32)> {
    if end == 0 || end >= counts.len() {
        counts.truncate(end);
        return counts;
    }
    let (_, (_, least), _) = counts.select_nth_unstable_by(end - 1, |a, b| b.1.cmp(&a.1));
    let least = *least;
    let (mut first, mut ties): (Vec<_>, Vec<_>) =
        counts.into_iter().filter(|(_, n)| *n >= least).partition(|(_, n)| *n > least);
    let wanted = end - first.len();
    if wanted < ties.len() {
        ties.select_nth_unstable_by(wanted - 1, order);
        ties.truncate(wanted);
    }
    first.extend(ties);
    first
}

impl Table {
    /// Adds a failure; ignores failures older than the table's start. If the table grows too large,
    /// drops the oldest rows.
    pub(crate) fn push(&mut self, failure: ColumnFailure<'_>) {
        if failure.time < self.from {
            return;
        }
        let phone = self.texts.id(failure.phone);
        let at = phone as usize;
        self.digits.resize(self.digits.len().max(at + 1), 0);
        if self.digits[at] == 0 {
            self.digits[at] = PhoneNumber::from_e164(failure.phone).map_or(0, PhoneNumber::digits);
        }
        let ip = self.texts.id(failure.ip);
        let reason = self.texts.id(failure.reason);
        let reason_text = self.texts.id(failure.reason_text);
        self.time.push(failure.time);
        self.blocked.push(failure.kind == Kind::Blocked);
        self.channel.push(channel_number(failure.channel));
        self.phone.push(phone);
        self.ip.push(ip);
        self.pair.push(self.pairs.id(&(phone, ip)));
        self.reason.push(self.pairs.id(&(reason, reason_text)));
        self.browser.push(self.texts.id(failure.browser));
        self.os.push(self.texts.id(failure.os));
        self.flow.push(self.texts.id(failure.flow));
        self.region.push(self.texts.id(failure.region));
        self.operation.push(self.texts.id(failure.operation));
        if self.bytes() > self.most {
            self.shrink();
        }
    }

    /// The word for a number.
    pub(super) fn word(&self, id: u32) -> &str {
        self.texts.word(id).map_or("", |word| word)
    }

    /// The two words of a pair.
    pub(super) fn pair(&self, id: u32) -> (&str, &str) {
        let (first, second) = self.pairs.word(id).copied().unwrap_or_default();
        (self.word(first), self.word(second))
    }

    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether it holds all failures of the query's range.
    pub(crate) fn covers(&self, query: &Query) -> bool {
        query.period.from.timestamp_micros() >= self.from
    }

    /// Number of matching failures.
    pub(crate) fn total(&self, query: &Query) -> u64 {
        let mut total = 0;
        if let Some(wanted) = ColumnFilter::of(self, query) {
            wanted.each(|_| total += 1);
        }
        total
    }

    /// Failures in each bucket; the keys with the most failures are listed by name.
    pub(crate) fn chart(&self, by: SeriesBy, query: &Query, edges: &Edges) -> Chart {
        let Some(wanted) = ColumnFilter::of(self, query) else {
            return Chart::top(edges, Vec::new());
        };
        let ids = match by {
            SeriesBy::Number => &self.phone,
            SeriesBy::Flow => &self.flow,
            SeriesBy::Ip => &self.ip,
        };
        // First finds the largest keys, then counts only those: the others need no row of buckets.
        let mut totals = vec![0_u32; self.texts.words().len()];
        wanted.each(|row| totals[ids[row] as usize] += 1);
        let all: Vec<(u32, u32)> =
            (0_u32..).zip(totals.iter().copied()).filter(|(_, n)| *n > 0).collect();
        let others = all.len() > TOP;
        let order = |a: &(u32, u32), b: &(u32, u32)| {
            b.1.cmp(&a.1).then_with(|| self.word(a.0).cmp(self.word(b.0)))
        };
        let mut keys = largest(all, TOP, order);
        keys.sort_unstable_by(order);
        let keys: Vec<u32> = keys.into_iter().map(|(id, _)| id).collect();
        // The slot of each key; the last slot is for all others.
        let mut slots = totals;
        slots.fill(u32::try_from(keys.len()).unwrap_or(u32::MAX));
        (0_u32..).zip(&keys).for_each(|(slot, id)| slots[*id as usize] = slot);
        let mut counts = vec![vec![0_u64; edges.len()]; keys.len() + 1];
        wanted.each(|row| {
            if let Some(bucket) = edges.index(self.time[row]) {
                counts[slots[ids[row] as usize] as usize][bucket] += 1;
            }
        });
        let other = counts.pop().filter(|_| others);
        let series = keys
            .iter()
            .zip(counts)
            .map(|(id, counts)| Series { key: self.word(*id).to_owned(), counts })
            .collect();
        Chart { starts: edges.starts().to_vec(), end: edges.end(), series, other, before: None }
    }

    /// A page of a tile's rows.
    pub(crate) fn rows(
        &self,
        tile: Tile,
        query: &Query,
        part: &TileRowsQuery,
        sight: Sight,
    ) -> TileRows {
        let (ids, paired) = self.ids(tile);
        let words = if paired { self.pairs.words().len() } else { self.texts.words().len() };
        let counts = self.count(tile, query, ids, words);
        let cells = |id: u32| match paired {
            true => self.pair(id),
            false => (self.word(id), ""),
        };
        let row = |&(id, count): &(u32, u32)| {
            let (first, second) = cells(id);
            let mut cells = vec![first.to_owned()];
            cells.extend(paired.then(|| second.to_owned()));
            Row { cells, count: u64::from(count) }
        };
        if !part.search.trim().is_empty() || part.sort.column.is_some() || part.sort.reversed {
            return tile_rows(counts.iter().map(row).collect(), part, tile, sight);
        }
        // The usual page, most failures first: only its own rows become texts.
        let order = |a: &(u32, u32), b: &(u32, u32)| {
            b.1.cmp(&a.1).then_with(|| cells(a.0).cmp(&cells(b.0)))
        };
        let mut out = TileRows {
            rows_in_all: counts.len() as u64,
            matching: counts.len() as u64,
            largest: counts.iter().map(|(_, count)| u64::from(*count)).max().unwrap_or(0),
            total: counts.iter().map(|(_, count)| u64::from(*count)).sum(),
            ..TileRows::default()
        };
        let end = part.offset.saturating_add(part.limit).min(counts.len());
        let mut counts = largest(counts, end, order);
        counts.sort_unstable_by(order);
        out.show(tile, sight, counts.iter().skip(part.offset).map(row).collect());
        out
    }

    /// Counts for given rows of a tile, identified by all their cells.
    pub(crate) fn counts(&self, tile: Tile, query: &Query, keys: &[Vec<String>]) -> Vec<u64> {
        let (ids, paired) = self.ids(tile);
        let find = |cells: &Vec<String>| -> Option<u32> {
            let word = |at: usize| self.texts.find(cells.get(at)?.as_str());
            if paired { self.pairs.find(&(word(0)?, word(1)?)) } else { word(0) }
        };
        let wanted: Vec<Option<u32>> = keys.iter().map(find).collect();
        let words = if paired { self.pairs.words().len() } else { self.texts.words().len() };
        let mut counts = vec![0_u32; words];
        for (id, count) in self.count(tile, query, ids, words) {
            counts[id as usize] = count;
        }
        wanted.iter().map(|id| id.map_or(0, |id| u64::from(counts[id as usize]))).collect()
    }

    /// The column that a tile counts by, and whether its numbers stand for pairs.
    fn ids(&self, tile: Tile) -> (&[u32], bool) {
        match tile {
            Tile::FailureReasons => (&self.reason, true),
            Tile::NumberIpFailures => (&self.pair, true),
            Tile::BlockedNumbers | Tile::NumberFailures => (&self.phone, false),
            Tile::IpFailures => (&self.ip, false),
            Tile::Browsers => (&self.browser, false),
            Tile::OperatingSystems => (&self.os, false),
        }
    }

    /// Number of failures in the range for each id; ids without failures are left out.
    fn count(&self, tile: Tile, query: &Query, ids: &[u32], words: usize) -> Vec<(u32, u32)> {
        let Some(mut wanted) = ColumnFilter::of(self, query) else { return Vec::new() };
        wanted.only_blocked = tile == Tile::BlockedNumbers;
        let mut counts = vec![0_u32; words];
        wanted.each(|row| counts[ids[row] as usize] += 1);
        (0_u32..).zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}
