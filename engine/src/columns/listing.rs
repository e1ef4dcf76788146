//! Failures one by one. Rows are compared by word numbers as far as possible; only the rows of the
//! requested page are turned into texts.

use super::Table;
use super::table::ColumnFilter;
use crate::dictionary::channel_of;
use chrono::DateTime;
use domain::failures::{Column, Failure, FailuresQuery, Listing, TextSearch, channel_word};
use domain::workbook::Query;
use std::cmp::{Ordering, Reverse};

/// A page of rows. For each, the number of rows with identical words before it, which finds its
/// event again.
#[derive(Debug, Default)]
pub(crate) struct ListingPage {
    /// The rows, without their journeys and attempts.
    pub(crate) listing: Listing,
    /// How many identical rows come before each row.
    pub(crate) same_before: Vec<usize>,
}

/// A row with its first sort key.
#[derive(Debug, Clone, Copy)]
struct Keyed {
    /// The rank of its word within the column; 0 if rows are sorted by time first.
    rank: u32,
    row: u32,
    time: i64,
}

impl Table {
    /// A page of the matching failures.
    pub(crate) fn listing(
        &self,
        query: &Query,
        asked: &FailuresQuery,
        sought: TextSearch<'_>,
    ) -> ListingPage {
        let mut found = ListingPage::default();
        let Some(wanted) = ColumnFilter::of(self, query) else { return found };
        let fits = Fits::of(self, sought, &wanted);
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
        // Rows before the page need not be sorted among themselves.
        let offset = asked.offset;
        if offset > 0 {
            keyed.select_nth_unstable_by(offset, order);
        }
        let (before, page) = keyed.split_at_mut(offset);
        page.sort_unstable_by(order);
        let same = |one: &Keyed, row: &Keyed| one.time == row.time && order(one, row).is_eq();
        for (at, row) in page.iter().enumerate() {
            let mut same_before = page[..at].iter().rev().take_while(|one| same(one, row)).count();
            if same_before == at {
                same_before += before.iter().filter(|one| same(one, row)).count();
            }
            found.same_before.push(same_before);
            found.listing.rows.push(self.failure(row.row as usize));
        }
        found
    }

    /// The rows that contain the first `end` in the order of a column, each with its word's rank.
    /// At most `end` words are sorted; rows with other words are not compared.
    fn ranked(&self, column: Column, rows: &[u32], end: usize, reversed: bool) -> Vec<Keyed> {
        let ids = self.ids_of(column);
        let mut counts = vec![0_usize; ids.words(self)];
        rows.iter().for_each(|row| counts[ids.id(*row)] += 1);
        let mut words: Vec<(u128, usize)> = (0..)
            .zip(&counts)
            .filter(|(_, count)| **count > 0)
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
        words.sort_unstable_by(order);
        // Words beyond the end of the page are not needed.
        let mut reached = 0;
        let needed = words.iter().take_while(|(_, id)| {
            let needed = reached < end;
            reached += counts[*id];
            needed
        });
        let needed = needed.count();
        let mut ranks = vec![u32::MAX; counts.len()];
        for (at, (_, id)) in words[..needed].iter().enumerate() {
            // Ranks increase with the words in both directions.
            let rank = if reversed { needed - at } else { at };
            ranks[*id] = u32::try_from(rank).unwrap_or(u32::MAX - 1);
        }
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

    /// The order of rows with the same time: by their words, as in the report.
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
            // Each word has one number: different numbers mean different words.
            if a != b {
                return ids.cells(self, a).cmp(&ids.cells(self, b));
            }
        }
        Ordering::Equal
    }

    fn failure(&self, row: usize) -> Failure {
        let word = |ids: &[u32]| self.word(ids[row]).to_owned();
        let (reason, reason_text) = self.pair(self.reason[row]);
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

/// The first 16 bytes of a word as a number that sorts the same way: enough for a whole phone
/// number.
fn beginning(word: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = word.len().min(16);
    bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

/// A column as word numbers.
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

    /// How many different numbers there may be.
    fn words(&self, table: &Table) -> usize {
        match self {
            Self::Words(_) => table.texts.words().len(),
            Self::Pairs(_) => table.pairs.words().len(),
            Self::Channels(_) => usize::from(u8::MAX) + 1,
        }
    }

    /// The words for a number.
    fn cells<'t>(&self, table: &'t Table, id: usize) -> (&'t str, &'t str) {
        let number = u32::try_from(id).unwrap_or(u32::MAX);
        match self {
            Self::Words(_) => (table.word(number), ""),
            Self::Pairs(_) => table.pair(number),
            Self::Channels(_) => {
                (u8::try_from(id).map_or("", |id| channel_word(channel_of(id))), "")
            }
        }
    }
}

/// Which words contain the search text: computed once for each word, then looked up by number for
/// each row.
enum Fits {
    Everything,
    Some {
        ips: Vec<bool>,
        operations: Vec<bool>,
        phones: Vec<bool>,
        flows: Vec<bool>,
        pairs: Vec<bool>,
        channels: Vec<bool>,
    },
}

impl Fits {
    fn of(table: &Table, sought: TextSearch<'_>, wanted: &ColumnFilter<'_>) -> Self {
        if sought.is_everything() {
            return Self::Everything;
        }
        let needle = sought.needle();
        let all = table.texts.words();
        // First which words the rows have, then each word once, in memory order.
        let told = |ids: &[u32], fits: &dyn Fn(&str) -> bool| {
            let mut there = vec![false; all.len()];
            wanted.each(|row| there[ids[row] as usize] = true);
            for (there, word) in there.iter_mut().zip(all) {
                *there = *there && fits(word);
            }
            there
        };
        let none = || vec![false; all.len()];
        // There are many addresses and numbers: text that cannot occur in any is not searched for
        // there.
        let of_ip = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
        let finder = memchr::memmem::Finder::new(needle);
        let ips = if needle.bytes().all(of_ip) {
            told(&table.ip, &|ip| finder.find(ip.as_bytes()).is_some())
        } else {
            none()
        };
        let of_phone = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '•');
        let part = memchr::memmem::Finder::new(sought.in_every_phone());
        let phones = if needle.chars().all(of_phone) {
            told(&table.phone, &|phone| {
                part.find(phone.as_bytes()).is_some() && (!sought.masks() || sought.in_phone(phone))
            })
        } else {
            none()
        };
        let operations = told(&table.operation, &|word| sought.in_word(word));
        let flows = told(&table.flow, &|flow| sought.in_flow(flow));
        let word = |id: u32| sought.in_word(table.word(id));
        let pairs = table.pairs.words().iter().map(|(reason, text)| word(*reason) || word(*text));
        let pairs = pairs.collect();
        let channel = |number: u8| sought.in_word(channel_word(channel_of(number)));
        let channels = (0..=u8::MAX).map(channel).collect();
        Self::Some { ips, operations, phones, flows, pairs, channels }
    }

    fn row(&self, table: &Table, row: usize) -> bool {
        let Self::Some { ips, operations, phones, flows, pairs, channels } = self else {
            return true;
        };
        pairs[table.reason[row] as usize]
            || flows[table.flow[row] as usize]
            || operations[table.operation[row] as usize]
            || channels[usize::from(table.channel[row])]
            || phones[table.phone[row] as usize]
            || ips[table.ip[row] as usize]
    }
}
