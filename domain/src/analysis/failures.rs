//! Single failures: the rows of the Details tab, their order and their search.

use crate::events::words;
use crate::names::{Kind, Settings};
use crate::workbook::Sight;
use crate::{Channel, PhoneNumber};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use uuid::Uuid;

words! {
    /// The columns that rows can be sorted by.
    Column {
        /// The time of the failure.
        Time = "time",
        /// The flow's id.
        Flow = "flow",
        /// The number, digit by digit.
        Phone = "phone",
        /// The address, as text.
        Ip = "ip",
        /// The operation's name in the source.
        Operation = "operation",
        /// The reason, then the source's text.
        Reason = "reason",
        /// The channel's word.
        Channel = "channel",
    }
}

/// A failure; texts are empty where the event had none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The event's time.
    pub time: DateTime<Utc>,
    /// The flow's id; [`TextSearch`] also searches its display name.
    pub flow: String,
    /// The number in E.164, not masked.
    pub phone: String,
    /// The user's IP address.
    pub ip: String,
    /// The operation's name in the source.
    pub operation: String,
    /// A word of [`crate::Reason`].
    pub reason: String,
    /// The source's own text of the reason.
    pub reason_text: String,
    /// How the code was sent.
    pub channel: Option<Channel>,
    /// The correlation id of the attempt.
    pub journey: String,
    /// The attempt's id; `None` when the store no longer has it.
    pub attempt: Option<Uuid>,
}

/// The order of rows. By default times descend and words ascend. Equal rows are in the report's
/// order: time descending, then flow, number, address, operation, reason and channel ascending by
/// code point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The first sort key.
    pub column: Column,
    /// Reverses the whole order.
    pub reversed: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self { column: Column::Time, reversed: false }
    }
}

impl Order {
    /// Compares two failures.
    pub fn compare(self, a: &Failure, b: &Failure) -> Ordering {
        let first = match self.column {
            Column::Time => Ordering::Equal,
            Column::Flow => a.flow.cmp(&b.flow),
            Column::Phone => a.phone.cmp(&b.phone),
            Column::Ip => a.ip.cmp(&b.ip),
            Column::Operation => a.operation.cmp(&b.operation),
            Column::Reason => (&a.reason, &a.reason_text).cmp(&(&b.reason, &b.reason_text)),
            Column::Channel => channel_word(a.channel).cmp(channel_word(b.channel)),
        };
        let order = first.then_with(|| report_order(a, b));
        if self.reversed { order.reverse() } else { order }
    }
}

/// The order of the report's rows.
pub fn report_order(a: &Failure, b: &Failure) -> Ordering {
    b.time.cmp(&a.time).then_with(|| words(a).cmp(&words(b)))
}

fn words(row: &Failure) -> [&str; 7] {
    let Failure { flow, phone, ip, operation, reason, reason_text, channel, .. } = row;
    [flow, phone, ip, operation, reason, reason_text, channel_word(*channel)]
}

/// A channel's word; empty for `None`.
pub fn channel_word(channel: Option<Channel>) -> &'static str {
    channel.map_or("", Channel::as_str)
}

/// The rows to return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailuresQuery {
    /// Only rows that contain this in any displayed text, ignoring case; empty for all.
    pub search: String,
    /// The sort order.
    pub order: Order,
    /// Rows to skip.
    pub offset: usize,
    /// Most rows to return.
    pub limit: usize,
}

/// A page of rows, with counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The rows of the page; numbers are not masked.
    pub rows: Vec<Failure>,
    /// How many rows match the search.
    pub matching: u64,
    /// How many rows there are without the search.
    pub rows_in_all: u64,
}

/// A search, compared with what the reader sees.
#[derive(Debug, Clone, Copy)]
pub struct TextSearch<'a> {
    needle: &'a str,
    sight: Sight,
    names: &'a Settings,
}

impl<'a> TextSearch<'a> {
    /// `needle` is folded by [`fold`]; `sight` and `names` are the reader's masks and display
    /// names.
    pub fn new(needle: &'a str, sight: Sight, names: &'a Settings) -> Self {
        Self { needle, sight, names }
    }

    /// Whether the search is empty and matches every row.
    pub fn is_everything(&self) -> bool {
        self.needle.is_empty()
    }

    /// The folded text.
    pub fn needle(&self) -> &'a str {
        self.needle
    }

    /// Whether numbers are masked.
    pub fn masks(&self) -> bool {
        self.sight == Sight::Masked
    }

    /// A part that every matching number contains unmasked: of a mask, the longest run of digits.
    /// Used to skip other numbers early.
    pub fn in_every_phone(&self) -> &'a str {
        match self.sight {
            Sight::Whole => self.needle,
            Sight::Masked => {
                self.needle.split('•').max_by_key(|part| part.len()).unwrap_or_default()
            }
        }
    }

    /// Whether a text matches as displayed; a source's texts may contain numbers, which are masked.
    pub fn in_word(&self, word: &str) -> bool {
        self.in_word_as_it_is(&self.sight.text(word))
    }

    fn in_word_as_it_is(&self, word: &str) -> bool {
        word.len() >= self.needle.len() && word.to_lowercase().contains(self.needle)
    }

    /// Whether a number matches as displayed.
    pub fn in_phone(&self, phone: &str) -> bool {
        match self.sight {
            Sight::Whole => phone.contains(self.needle),
            Sight::Masked => {
                phone.contains(self.in_every_phone())
                    && PhoneNumber::from_e164(phone)
                        .is_ok_and(|phone| phone.masked().contains(self.needle))
            }
        }
    }

    /// Whether a flow matches by its id or its display name.
    pub fn in_flow(&self, flow: &str) -> bool {
        self.in_word(flow) || self.in_word(self.names.name(Kind::Flow, flow))
    }

    /// Whether any displayed text of a failure matches.
    pub fn fits(&self, row: &Failure) -> bool {
        let words = [&row.operation, &row.reason, &row.reason_text];
        self.is_everything()
            || self.in_word_as_it_is(&row.ip)
            || words.into_iter().any(|word| self.in_word(word))
            || self.in_word(channel_word(row.channel))
            || self.in_phone(&row.phone)
            || self.in_flow(&row.flow)
    }
}

/// A search text for comparison: trimmed, lower case.
pub fn fold(search: &str) -> String {
    search.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::parse_time;

    fn failure(time: &str, flow: &str, phone: &str) -> Failure {
        Failure {
            time: parse_time(time).unwrap(),
            flow: flow.to_owned(),
            phone: phone.to_owned(),
            ip: "198.51.100.1".to_owned(),
            operation: "Make phone call".to_owned(),
            reason: "busy".to_owned(),
            reason_text: "The line was busy.".to_owned(),
            channel: Some(Channel::Voice),
            journey: String::new(),
            attempt: None,
        }
    }

    #[test]
    fn the_newest_stand_first_and_words_rise() {
        let mut rows = [
            failure("2026-11-01", "b", "+14155552700"),
            failure("2026-11-02", "b", ""),
            failure("2026-11-01", "B", "+14155552701"),
        ];
        let mut order = |column, reversed| {
            let order = Order { column, reversed };
            rows.sort_by(|a, b| order.compare(a, b));
            rows.iter().map(|row| (row.time.format("%d").to_string(), row.flow.clone())).collect()
        };
        let rows = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
            rows.iter().map(|&(day, flow)| (day.to_owned(), flow.to_owned())).collect()
        };
        let newest: Vec<_> = order(Column::Time, false);
        assert_eq!(newest, rows(&[("02", "b"), ("01", "B"), ("01", "b")]));
        let oldest: Vec<_> = order(Column::Time, true);
        assert_eq!(oldest, rows(&[("01", "b"), ("01", "B"), ("02", "b")]));
        let flows: Vec<_> = order(Column::Flow, false);
        assert_eq!(flows, rows(&[("01", "B"), ("02", "b"), ("01", "b")]));
        let numbers: Vec<_> = order(Column::Phone, true);
        assert_eq!(numbers, rows(&[("01", "B"), ("01", "b"), ("02", "b")]));
    }

    #[test]
    fn what_is_shown_is_what_is_sought() {
        let row = failure("2026-11-01", "B2C_1_up", "+14155552700");
        let mut names = Settings::default();
        names.flows.insert("B2C_1_up".to_owned(), "Sign-up".to_owned());
        let fits = |text: &str, sight| TextSearch::new(&fold(text), sight, &names).fits(&row);
        for text in ["", " SIGN-UP ", "b2c_1", "198.51", "phone CALL", "busy.", "voice", "+1415555"]
        {
            assert!(fits(text, Sight::Whole), "{text}");
        }
        for text in ["sms", "2026", "4155550", "••"] {
            assert!(!fits(text, Sight::Whole), "{text}");
        }
        assert!(fits("••00", Sight::Masked), "a mask is what an auditor sees");
        assert!(!fits("5552", Sight::Masked), "and nothing under it");
    }
}
