//! The table: column widths, line breaks in cells, and which rows share a page.

use super::fonts::{Fonts, Weight};
use domain::reports::{Column, Kind};
use std::ops::Range;

/// Font size of cells, and their line height.
pub(super) const SIZE: f32 = 7.5;
pub(super) const LEADING: f32 = 9.6;
/// Padding beside a cell's text.
pub(super) const SIDE: f32 = 4.0;
pub(super) const ABOVE: f32 = 2.7;
/// Most lines in a cell: longer text is cut there and ends with `…`.
const LINES: usize = 40;
/// Minimum width of a text column.
const NARROWEST: f32 = 34.0;

/// The cell texts of a row.
pub(super) type Row = Box<[Box<str>]>;

/// Positions and widths of the columns.
pub(super) struct Columns {
    pub(super) widths: Vec<f32>,
}

impl Columns {
    /// As wide as the longest cell if there is room; otherwise text columns share what is left.
    pub(super) fn new(fonts: &Fonts, columns: &[Column], rows: &[Row], room: f32) -> Self {
        let mut natural: Vec<f32> = columns
            .iter()
            .map(|column| fonts.measure(column.name, Weight::Strong) * SIZE + 2.0 * SIDE)
            .collect();
        let narrowest: Vec<f32> = natural.iter().map(|width| width.max(NARROWEST)).collect();
        for row in rows {
            for (width, cell) in natural.iter_mut().zip(row) {
                for line in cell.lines() {
                    let length = fonts.measure(line, Weight::Regular) * SIZE + 2.0 * SIDE;
                    *width = width.max(length);
                }
            }
        }
        // Slightly wider, so that rounding does not break a line.
        let natural: Vec<f32> = natural.into_iter().map(|width| width + 0.1).collect();
        if natural.iter().sum::<f32>() <= room {
            return Self { widths: natural };
        }
        Self { widths: shared(columns, &natural, &narrowest, room) }
    }

    pub(super) fn width(&self) -> f32 {
        self.widths.iter().sum()
    }

    /// Wraps a cell's text in its column: its lines, and whether it is cut.
    pub(super) fn cell<'a>(&self, fonts: &Fonts, at: usize, text: &'a str) -> (Vec<&'a str>, bool) {
        let width = self.widths.get(at).copied().unwrap_or(NARROWEST);
        let room = (width - 2.0 * SIDE) / SIZE;
        let mut lines: Vec<_> =
            wrapped(fonts, text, Weight::Regular, room).map(|range| &text[range]).collect();
        let cut = lines.len() > LINES;
        lines.truncate(LINES);
        (lines, cut)
    }

    /// The height of a row, and how many of its cells are cut.
    pub(super) fn height(&self, fonts: &Fonts, row: &Row) -> (f32, u64) {
        let cells = row.iter().enumerate().map(|(at, text)| self.cell(fonts, at, text));
        let (lines, cut) = cells.fold((1, 0), |(most, all), (lines, cut)| {
            (lines.len().max(most), all + u64::from(cut))
        });
        // At most 40 lines.
        (lines as f32 * LEADING + 2.0 * ABOVE, cut)
    }
}

/// Distributes the remaining width among text columns: none gets more than it needs, and those that
/// need more get equal parts.
fn shared(columns: &[Column], natural: &[f32], narrowest: &[f32], room: f32) -> Vec<f32> {
    let bends = |at: usize| {
        columns
            .get(at)
            .is_some_and(|column| matches!(column.kind, Kind::Text | Kind::Money | Kind::Ip))
    };
    let mut widths = natural.to_vec();
    let fixed: f32 = (0..natural.len()).filter(|at| !bends(*at)).map(|at| natural[at]).sum();
    let mut left = room - fixed;
    let mut open: Vec<usize> = (0..natural.len()).filter(|at| bends(*at)).collect();
    open.sort_by(|a, b| natural[*a].total_cmp(&natural[*b]));
    let mut waiting = open.len();
    for at in open {
        // There are few columns, so this is exact.
        let part = left / waiting as f32;
        widths[at] = natural[at].min(part).max(narrowest[at]);
        left -= widths[at];
        waiting -= 1;
    }
    widths
}

/// Wraps a text: at its line breaks and where the width ends, after a space or punctuation if
/// possible, otherwise anywhere.
pub(super) fn wrapped<'a>(
    fonts: &'a Fonts,
    text: &'a str,
    weight: Weight,
    room: f32,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut rest = 0;
    let mut ended = text.is_empty();
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let (start, mut length, mut after) = (rest, 0.0, None);
        for (at, letter) in text[start..].char_indices() {
            let at = start + at;
            if letter == '\n' {
                rest = at + 1;
                let line = text[start..at].trim_end_matches('\r');
                return Some(start..start + line.len());
            }
            length += fonts.advance(letter, weight);
            if length > room && at > start && letter != ' ' {
                rest = after.unwrap_or(at);
                let line = text[start..rest].trim_end_matches(' ');
                return Some(start..start + line.len());
            }
            if matches!(letter, ' ' | '-' | '/' | '_' | ',' | ';' | ':' | '.' | '@' | '|' | '"') {
                after = Some(at + letter.len_utf8());
            }
        }
        ended = true;
        let line = text[start..].trim_end_matches([' ', '\r']);
        (start < text.len()).then_some(start..start + line.len())
    })
}

/// Divides rows into pages by their heights: the first page has less room than the others.
pub(super) fn pages(heights: &[f32], first: f32, others: f32) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let (mut start, mut left) = (0, first);
    for (at, height) in heights.iter().enumerate() {
        if *height > left && (at > start || pages.is_empty()) {
            pages.push(start..at);
            (start, left) = (at, others);
        }
        left -= height;
    }
    pages.push(start..heights.len());
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, room: f32) -> Vec<&str> {
        let fonts = Fonts::load().unwrap();
        wrapped(&fonts, text, Weight::Regular, room).map(|range| &text[range]).collect()
    }

    #[test]
    fn lines_break_where_they_may() {
        assert_eq!(lines("", 9.0), [""; 0]);
        assert_eq!(lines("one two three", 4.5), ["one two", "three"]);
        assert_eq!(lines("one\r\n\ntwo", 9.0), ["one", "", "two"]);
        let apart = lines("abcdefghijklmnopqrstuvwxyz", 5.0);
        assert!(apart.len() > 2);
        assert_eq!(apart.concat(), "abcdefghijklmnopqrstuvwxyz");
        assert_eq!(lines("anna.long-name@example.com", 8.0)[0], "anna.long-");
    }

    #[test]
    fn pages_fill() {
        let one = 0..0;
        assert_eq!(pages(&[], 10.0, 20.0), std::slice::from_ref(&one));
        assert_eq!(pages(&[5.0; 7], 10.0, 20.0), [0..2, 2..6, 6..7]);
        assert_eq!(pages(&[15.0, 5.0], 10.0, 20.0), [0..0, 0..2], "no row on the first");
    }

    #[test]
    fn columns_share_what_there_is() {
        let fonts = Fonts::load().unwrap();
        let columns = domain::reports::Report::FlowFailures.columns();
        let row = |operation: &str| -> Row {
            let cells = ["2026-11-20T12:00:00.000000Z", "f", "+14155550100", "::1", operation];
            cells.into_iter().map(Box::from).collect()
        };
        let wide = Columns::new(&fonts, columns, &[row("short")], 500.0);
        assert!(wide.width() < 500.0);
        let tight = Columns::new(&fonts, columns, &[row(&"long ".repeat(80))], 500.0);
        assert!((tight.width() - 500.0).abs() < 0.5, "{}", tight.width());
        assert!((tight.widths[0] - wide.widths[0]).abs() < 0.01, "times do not break");
        let (height, cut) = tight.height(&fonts, &row(&"x\n".repeat(50)));
        assert_eq!(cut, 1);
        assert!(height > 40.0 * LEADING);
    }

    proptest! {
        #[test]
        fn nothing_but_spaces_is_lost(text in "[a-z é\\-\n山]{0,60}", room in 0.1_f32..20.0) {
            let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let kept: String = lines(&text, room).concat().chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(kept, whole);
        }
    }
}
