//! How much memory the table takes, including its words, and what it drops when that is too much.

use super::Table;
use crate::dictionary::channel_of;
use chrono::{DateTime, Utc};
use domain::Kind;
use store::events::ColumnFailure;

/// Most bytes a table may hold: three million rows with their usual words.
const MOST: usize = 512 << 20;
/// Bytes of a row: its time, whether it was blocked, its channel, and ten word numbers.
const ROW: usize = 8 + 1 + 1 + 10 * 4;
/// The rows are divided into this many parts; one part is dropped at a time.
const PARTS: usize = 4;

impl Table {
    /// An empty table for all failures from an instant on.
    pub(crate) fn new(from: DateTime<Utc>) -> Self {
        Self::within(from.timestamp_micros(), MOST)
    }

    /// An empty table for all failures from an instant on, in µs since 1970, with a limit in bytes.
    pub(super) fn within(from: i64, most: usize) -> Self {
        Self { most, from, ..Self::default() }
    }

    pub(super) fn bytes(&self) -> usize {
        let digits = self.digits.len() * size_of::<u64>();
        self.len() * ROW + digits + self.texts.bytes() + self.pairs.bytes()
    }

    /// Drops the oldest quarter of the rows, and the words that only they used. Queries for dropped
    /// rows go to the store, as for everything older than the table.
    pub(super) fn shrink(&mut self) {
        let mut times = self.time.clone();
        let oldest = times.len() / PARTS;
        let (_, last, _) = times.select_nth_unstable(oldest);
        let mut rest = Self::within(last.saturating_add(1), self.most);
        for row in 0..self.len() {
            rest.push(self.failure_at(row));
        }
        tracing::info!(
            rows = rest.len(),
            "failures in memory reach less far: their words are many"
        );
        *self = rest;
    }

    /// A row as the store returned it.
    pub(super) fn failure_at(&self, row: usize) -> ColumnFailure<'_> {
        let (reason, reason_text) = self.pair(self.reason[row]);
        ColumnFailure {
            time: self.time[row],
            kind: if self.blocked[row] { Kind::Blocked } else { Kind::Failed },
            channel: channel_of(self.channel[row]),
            phone: self.word(self.phone[row]),
            ip: self.word(self.ip[row]),
            reason,
            reason_text,
            browser: self.word(self.browser[row]),
            os: self.word(self.os[row]),
            flow: self.word(self.flow[row]),
            region: self.word(self.region[row]),
            operation: self.word(self.operation[row]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_words_makes_it_reach_less_far() {
        const ROOM: usize = 1 << 20;
        let mut table = Table::within(0, ROOM);
        for time in 0..20_000 {
            let word = format!("{time:0200}");
            let phone = format!("+1415555{:04}", time % 10_000);
            table.push(ColumnFailure {
                time,
                kind: Kind::Failed,
                channel: None,
                phone: &phone,
                ip: "192.0.2.1",
                reason: "other",
                reason_text: &word,
                browser: "Firefox",
                os: "Linux",
                flow: &word,
                region: "US",
                operation: "",
            });
            assert!(table.bytes() <= ROOM, "{} bytes", table.bytes());
        }
        assert!(table.from > 15_000, "{}", table.from);
        // Every row that the table claims to have is there, with the values that were pushed.
        let rows = i64::try_from(table.len()).unwrap();
        assert_eq!(rows, 20_000 - table.from);
        let last = table.failure_at(table.len() - 1);
        assert_eq!((last.time, last.phone, last.region), (19_999, "+14155559999", "US"));
        assert_eq!(last.flow, format!("{:0200}", 19_999));
        assert!(table.len() > 1_000, "{} rows in a mebibyte", table.len());
    }

    #[test]
    fn rows_of_one_instant_go_together() {
        let mut table = Table::within(0, 10_000);
        for number in 0..1_000 {
            let ip = format!("2001:db8::{number:x}");
            let failure = ColumnFailure { time: 7, ip: &ip, ..table.failure_of_nothing() };
            table.push(failure);
            assert!(table.bytes() <= 10_000);
        }
        assert_eq!((table.from, table.len()), (8, 0), "the store has them");
    }

    impl Table {
        fn failure_of_nothing(&self) -> ColumnFailure<'static> {
            ColumnFailure {
                time: 0,
                kind: Kind::Failed,
                channel: None,
                phone: "",
                ip: "",
                reason: "",
                reason_text: "",
                browser: "",
                os: "",
                flow: "",
                region: "",
                operation: "",
            }
        }
    }
}
