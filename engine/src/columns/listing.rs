//! Failures one by one. Rows are compared by numbers as far as that goes; only the rows of the page
//! that is asked for become texts.

use super::Table;
use super::table::{Wanted, channel_number};
use chrono::DateTime;
use domain::Channel;
use domain::failures::{Asked, Column, Failure, Listing, Sought, channel_word};
use domain::workbook::Query;
use std::cmp::{Ordering, Reverse};

/// A part of the rows, and for each how many rows of the very same words stand before it: what
/// finds its event again.
#[derive(Debug, Default)]
pub struct Found {
    /// The rows, without their journeys and attempts.
    pub listing: Listing,
    /// Rows that look the same and stand before each.
    pub same_before: Vec<usize>,
}

/// A row, and what it is sorted by first.
#[derive(Debug, Clone, Copy)]
struct Keyed {
    /// The place of its word among those of the column; 0 where times lead.
    rank: u32,
    row: u32,
    time: i64,
}

impl Table {
    /// A part of the failures that fit.
    pub fn listing(&self, query: &Query, asked: &Asked, sought: Sought<'_>) -> Found {
        let mut found = Found::default();
        let Some(wanted) = Wanted::of(self, query) else { return found };
        let fits = Fits::of(self, sought);
        let mut all = 0_u64;
        let mut rows = Vec::new();
        wanted.each(|row| {
            all += 1;
            if fits.row(self, row) {
                // The table holds far fewer rows than 2^32.
                rows.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
        });
        found.listing.rows_in_all = all;
        found.listing.matching = rows.len() as u64;
        let end = asked.offset.saturating_add(asked.limit).min(rows.len());
        if end <= asked.offset {
            return found;
        }
        let way = |order: Ordering| if asked.order.reversed { order.reverse() } else { order };
        let mut keyed = match asked.order.column {
            Column::Time => rows
                .into_iter()
                .map(|row| Keyed { rank: 0, row, time: self.time[row as usize] })
                .collect(),
            column => self.ranked(column, &rows, end, asked.order.reversed),
        };
        let order = |a: &Keyed, b: &Keyed| {
            let first = (a.rank, Reverse(a.time)).cmp(&(b.rank, Reverse(b.time)));
            way(first.then_with(|| self.by_words(a.row, b.row)))
        };
        if end < keyed.len() {
            keyed.select_nth_unstable_by(end - 1, order);
            keyed.truncate(end);
        }
        keyed.sort_unstable_by(order);
        for at in asked.offset..keyed.len() {
            let same = |before: &&Keyed| order(*before, &keyed[at]).is_eq();
            found.same_before.push(keyed[..at].iter().rev().take_while(same).count());
            found.listing.rows.push(self.failure(keyed[at].row as usize));
        }
        found
    }

    /// The rows among which the first `end` in a column's order are, each with its word's place:
    /// as many words as rows are enough, and of the others nothing is compared.
    fn ranked(&self, column: Column, rows: &[u32], end: usize, reversed: bool) -> Vec<Keyed> {
        let ids = self.ids_of(column);
        let mut there = vec![false; ids.words(self)];
        rows.iter().for_each(|row| there[ids.id(*row)] = true);
        let mut words: Vec<(u128, usize)> = (0..)
            .zip(&there)
            .filter(|(_, there)| **there)
            .map(|(id, _)| (beginning(ids.cells(self, id).0), id))
            .collect();
        let order = |a: &(u128, usize), b: &(u128, usize)| {
            let order = a.0.cmp(&b.0).then_with(|| ids.cells(self, a.1).cmp(&ids.cells(self, b.1)));
            if reversed { order.reverse() } else { order }
        };
        if end < words.len() {
            words.select_nth_unstable_by(end - 1, order);
            words.truncate(end);
        }
        words.sort_unstable_by(|a, b| if reversed { order(b, a) } else { order(a, b) });
        let mut ranks = vec![u32::MAX; there.len()];
        (0_u32..).zip(&words).for_each(|(rank, (_, id))| ranks[*id] = rank);
        rows.iter()
            .map(|&row| Keyed { rank: ranks[ids.id(row)], row, time: self.time[row as usize] })
            .filter(|keyed| keyed.rank != u32::MAX)
            .collect()
    }

    fn ids_of(&self, column: Column) -> Ids<'_> {
        match column {
            Column::Flow | Column::Time => Ids::Words(&self.flow),
            Column::Phone => Ids::Words(&self.phone),
            Column::Ip => Ids::Words(&self.ip),
            Column::Operation => Ids::Words(&self.operation),
            Column::Reason => Ids::Pairs(&self.reason),
            Column::Channel => Ids::Channels(&self.channel),
        }
    }

    /// The order of rows of one time: by their words, as the report has them.
    fn by_words(&self, a: u32, b: u32) -> Ordering {
        let columns = [
            Column::Flow,
            Column::Phone,
            Column::Ip,
            Column::Operation,
            Column::Reason,
            Column::Channel,
        ];
        for column in columns {
            let ids = self.ids_of(column);
            let (a, b) = (ids.id(a), ids.id(b));
            // Each word has one number: different numbers are different words.
            if a != b {
                return ids.cells(self, a).cmp(&ids.cells(self, b));
            }
        }
        Ordering::Equal
    }

    fn failure(&self, row: usize) -> Failure {
        let word = |ids: &[u32]| self.texts.word(ids[row]).to_owned();
        let (reason, reason_text) = Ids::Pairs(&self.reason).cells(self, self.reason[row] as usize);
        Failure {
            time: DateTime::from_timestamp_micros(self.time[row]).unwrap_or_default(),
            flow: word(&self.flow),
            phone: word(&self.phone),
            ip: word(&self.ip),
            operation: word(&self.operation),
            reason: reason.to_owned(),
            reason_text: reason_text.to_owned(),
            channel: channel_of(self.channel[row]),
            journey: String::new(),
            attempt: None,
        }
    }
}

/// The channel of a number in its column.
fn channel_of(number: u8) -> Option<Channel> {
    Channel::ALL.iter().copied().find(|channel| channel_number(Some(*channel)) == number)
}

/// The first 16 bytes of a word as a number of the same order: all of a phone number.
fn beginning(word: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = word.len().min(16);
    bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

/// A column as numbers of words.
#[derive(Clone, Copy)]
enum Ids<'t> {
    Words(&'t [u32]),
    Pairs(&'t [u32]),
    Channels(&'t [u8]),
}

impl Ids<'_> {
    fn id(&self, row: u32) -> usize {
        match self {
            Self::Words(ids) | Self::Pairs(ids) => ids[row as usize] as usize,
            Self::Channels(ids) => usize::from(ids[row as usize]),
        }
    }

    /// How many numbers there may be.
    fn words(&self, table: &Table) -> usize {
        match self {
            Self::Words(_) => table.texts.words.len(),
            Self::Pairs(_) => table.pairs.words.len(),
            Self::Channels(_) => usize::from(u8::MAX) + 1,
        }
    }

    /// A number's words.
    fn cells<'t>(&self, table: &'t Table, id: usize) -> (&'t str, &'t str) {
        let word = |id: usize| table.texts.words.get(id).map_or("", |word| &**word);
        match self {
            Self::Words(_) => (word(id), ""),
            Self::Pairs(_) => {
                let (a, b) = table.pairs.words.get(id).copied().unwrap_or_default();
                (word(a as usize), word(b as usize))
            }
            Self::Channels(_) => {
                (u8::try_from(id).map_or("", |id| channel_word(channel_of(id))), "")
            }
        }
    }
}

/// Which words hold what is sought: told once for each word, then row by row from numbers.
enum Fits {
    Everything,
    Some {
        words: Vec<bool>,
        phones: Vec<bool>,
        flows: Vec<bool>,
        pairs: Vec<bool>,
        channels: Vec<bool>,
    },
}

impl Fits {
    fn of(table: &Table, sought: Sought<'_>) -> Self {
        if sought.is_everything() {
            return Self::Everything;
        }
        let finder = memchr::memmem::Finder::new(sought.needle());
        // Most words are numbers and addresses: they have no other case.
        let plain =
            |word: &str| word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let fits = |word: &str| {
            if plain(word) { finder.find(word.as_bytes()).is_some() } else { sought.in_word(word) }
        };
        let all = &table.texts.words;
        let words: Vec<bool> = all.iter().map(|word| fits(word)).collect();
        let of_column = |ids: &[u32], fits: &dyn Fn(&str) -> bool| {
            let mut known: Vec<Option<bool>> = vec![None; all.len()];
            for id in ids {
                let id = *id as usize;
                if known[id].is_none() {
                    known[id] = Some(fits(&all[id]));
                }
            }
            known.into_iter().map(Option::unwrap_or_default).collect::<Vec<bool>>()
        };
        let phones = of_column(&table.phone, &|phone| sought.in_phone(phone));
        let flows = of_column(&table.flow, &|flow| sought.in_flow(flow));
        let pair = |(reason, text): &(u32, u32)| words[*reason as usize] || words[*text as usize];
        let pairs = table.pairs.words.iter().map(pair).collect();
        let channel = |number: u8| sought.in_word(channel_word(channel_of(number)));
        let channels = (0..=u8::MAX).map(channel).collect();
        Self::Some { words, phones, flows, pairs, channels }
    }

    fn row(&self, table: &Table, row: usize) -> bool {
        let Self::Some { words, phones, flows, pairs, channels } = self else { return true };
        words[table.ip[row] as usize]
            || words[table.operation[row] as usize]
            || phones[table.phone[row] as usize]
            || flows[table.flow[row] as usize]
            || pairs[table.reason[row] as usize]
            || channels[usize::from(table.channel[row])]
    }
}
