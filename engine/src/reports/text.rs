//! CSV and JSON: rows are sent as they come, without buffering.

use super::cell::Cell;
use super::csv;
use super::pieces::PIECE;
use bytes::Bytes;
use domain::reports::{Clockface, Column, rate_text};
use std::fmt::Write as _;

/// A text being written.
pub(super) struct Text {
    form: TextFormat,
    text: String,
    clock: Clockface,
}

enum TextFormat {
    Csv,
    /// The text before each cell (`{"time":`, `,"user":`), whether its column is a count, and
    /// whether a row was written already.
    Json {
        before: Vec<(String, bool)>,
        begun: bool,
    },
}

impl Text {
    /// CSV, with a byte order mark if `bom` is set.
    pub(super) fn csv(columns: &[Column], bom: bool) -> Self {
        let mut text = buffer();
        if bom {
            text.push('\u{feff}');
        }
        let mut csv = Self { form: TextFormat::Csv, text, clock: Clockface::default() };
        let names: Vec<_> = columns.iter().map(|column| Cell::Text(column.name)).collect();
        csv.row(&names);
        csv
    }

    pub(super) fn json(columns: &[Column]) -> Self {
        let mut text = buffer();
        text.push('[');
        let before = columns.iter().enumerate().map(|(at, column)| {
            let open = if at == 0 { '{' } else { ',' };
            (format!("{open}\"{}\":", column.name), column.kind.is_number())
        });
        let form = TextFormat::Json { before: before.collect(), begun: false };
        Self { form, text, clock: Clockface::default() }
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) {
        let Self { form, text, clock } = self;
        match form {
            TextFormat::Csv => {
                for (at, cell) in cells.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    match *cell {
                        Cell::Nothing => {}
                        Cell::Text(words) => csv::cell(text, words),
                        Cell::Time(time) => clock.write(time, text),
                        Cell::Count(count) => number(text, count),
                        Cell::Rate(rate) => text.push_str(&rate_text(rate)),
                    }
                }
                text.push_str("\r\n");
            }
            TextFormat::Json { before, begun } => {
                if *begun {
                    text.push(',');
                }
                *begun = true;
                for (cell, (before, counts)) in cells.iter().zip(before) {
                    text.push_str(before);
                    match *cell {
                        Cell::Nothing => text.push_str(if *counts { "null" } else { "\"\"" }),
                        Cell::Text(words) => quoted(text, words),
                        Cell::Time(time) => {
                            text.push('"');
                            clock.write(time, text);
                            text.push('"');
                        }
                        Cell::Count(count) => number(text, count),
                        Cell::Rate(rate) => text.push_str(&rate_text(rate)),
                    }
                }
                text.push('}');
            }
        }
    }

    /// The written bytes, once there are enough to send.
    pub(super) fn piece(&mut self) -> Option<Bytes> {
        let ready = self.text.len() >= PIECE;
        ready.then(|| std::mem::replace(&mut self.text, buffer()).into())
    }

    pub(super) fn end(mut self) -> Bytes {
        if let TextFormat::Json { .. } = self.form {
            self.text.push_str("]\n");
        }
        self.text.into()
    }
}

fn buffer() -> String {
    String::with_capacity(PIECE + PIECE / 4)
}

fn number(out: &mut String, count: u64) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{count}");
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        // One byte, because it is ASCII.
        let (letter, after) = from.split_at(1);
        match letter {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\n" => out.push_str("\\n"),
            "\r" => out.push_str("\\r"),
            "\t" => out.push_str("\\t"),
            other => {
                let _ = write!(out, "\\u{:04x}", other.as_bytes()[0]);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reports::Report;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn conversion() -> &'static [Column] {
        Report::Conversion.columns()
    }

    fn rows() -> [[Cell<'static>; 5]; 2] {
        let text = Cell::Text("=1+1, \"x\"\u{1}");
        [
            [text, Cell::Count(6), Cell::Count(5), Cell::Rate(8_333), Cell::Text("")],
            [Cell::Text(""), Cell::Count(0), Cell::Count(0), Cell::Nothing, Cell::Text("1 EUR")],
        ]
    }

    fn written(mut text: Text) -> String {
        rows().iter().for_each(|row| text.row(row));
        assert_eq!(text.piece(), None, "too little to send");
        String::from_utf8(text.end().to_vec()).unwrap()
    }

    #[test]
    fn csv_is_defused_and_leaves_nothing_empty() {
        let expected = "key,sent,verified,rate,cost\r\n\
            \"'=1+1, \"\"x\"\"\u{1}\",6,5,0.8333,\r\n,0,0,,1 EUR\r\n";
        assert_eq!(written(Text::csv(conversion(), false)), expected);
        assert_eq!(written(Text::csv(conversion(), true)), format!("\u{feff}{expected}"));
    }

    #[test]
    fn json_is_bare_and_typed() {
        let value: Value = serde_json::from_str(&written(Text::json(conversion()))).unwrap();
        let expected = json!([
            {"key": "=1+1, \"x\"\u{1}", "sent": 6, "verified": 5, "rate": 0.8333, "cost": ""},
            {"key": "", "sent": 0, "verified": 0, "rate": null, "cost": "1 EUR"},
        ]);
        assert_eq!(value, expected);
        assert_eq!(Text::json(conversion()).end(), "[]\n");
    }

    proptest! {
        #[test]
        fn every_text_is_quoted_as_json(text in any::<String>()) {
            let mut out = String::new();
            quoted(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
