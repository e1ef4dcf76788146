//! Many blocks at once: a pasted list, or a table as a spreadsheet saves it.

use super::{BlockFields, BlockKind, NewBlock};
use crate::{Fault, Invalid};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A line that is no block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// Its number, from 1.
    pub line: usize,
    /// The line as it came.
    pub text: String,
    /// What is wrong with it.
    pub invalid: Invalid,
}

/// A list as it was read: every line that is not blank is in one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Blocks, with the numbers of their lines and the lines as they came.
    pub good: Vec<(usize, String, NewBlock)>,
    /// The rest.
    pub bad: Vec<Bad>,
}

/// The columns, in the order they have without a header.
const COLUMNS: [&str; 4] = ["kind", "value", "until", "reason"];

/// Reads a list, one block to a line: `kind,value,until,reason`, or a value alone, whose kind is
/// told by how it looks. Cells may be quoted and are divided by commas, semicolons or tabs,
/// whichever the first line has. A first line with a column named `value` is a header and says
/// which column is which. What a line leaves out is as in `otherwise`.
pub fn read_list(text: &str, otherwise: BlockFields<'_>, now: DateTime<Utc>) -> List {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let comma = [',', ';', '\t'].into_iter().find(|c| first.contains(*c)).unwrap_or(',');
    let header = cells(first, comma).and_then(|cells| header(&cells));
    let mut list = List::default();
    let mut seen: HashMap<(BlockKind, String), usize> = HashMap::new();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (at, line) in lines.skip(usize::from(header.is_some())) {
        let (number, text) = (at + 1, line.trim().to_owned());
        let read = match cells(line, comma) {
            Some(cells) => block(&cells, header.as_ref(), otherwise, now),
            None => Err(Invalid::one("value", Fault::Unreadable, "a quotation mark is not closed")),
        };
        match read {
            Ok(block) => {
                let key = (block.target.kind(), block.target.key().to_owned());
                match seen.get(&key) {
                    Some(before) => {
                        let words = format!("is in line {before} already");
                        let invalid = Invalid::one("value", Fault::Duplicate, words);
                        list.bad.push(Bad { line: number, text, invalid });
                    }
                    None => {
                        seen.insert(key, number);
                        list.good.push((number, text, block));
                    }
                }
            }
            Err(invalid) => list.bad.push(Bad { line: number, text, invalid }),
        }
    }
    list
}

/// The place of each of our columns, if the line is a header.
fn header(cells: &[String]) -> Option<[Option<usize>; 4]> {
    let at = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
    at("value")?;
    Some(COLUMNS.map(at))
}

fn block(
    cells: &[String],
    header: Option<&[Option<usize>; 4]>,
    otherwise: BlockFields<'_>,
    now: DateTime<Utc>,
) -> Result<NewBlock, Invalid> {
    let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", String::as_str);
    let [kind, value, until, reason] = match header {
        Some(places) => places.map(cell),
        None => match cells {
            // A value alone, or a value and what else stands beside it.
            [value] => ["", value, "", ""],
            [first, ..] if first.parse::<BlockKind>().is_err() => {
                let kinds = BlockKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
                let words =
                    format!("must be one of {} where a line has more columns", kinds.join(", "));
                return Err(Invalid::one("kind", Fault::InvalidChoice, words));
            }
            _ => [0, 1, 2, 3].map(|at| cell(Some(at))),
        },
    };
    NewBlock::read(
        BlockFields {
            kind,
            value,
            only_channel: otherwise.only_channel,
            until: if until.is_empty() { otherwise.until } else { until },
            reason: if reason.is_empty() { otherwise.reason } else { reason },
        },
        now,
    )
}

/// A line's cells, trimmed; nothing when a quotation mark is not closed. An apostrophe that
/// exports put before `= + - @` is taken off again.
pub(crate) fn cells(line: &str, comma: char) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut letters = line.trim_end_matches(['\r', '\n']).chars().peekable();
    loop {
        let mut cell = String::new();
        while letters.next_if(|c| *c == ' ').is_some() {}
        let quoted = letters.next_if_eq(&'"').is_some();
        let mut open = quoted;
        let mut more = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' if open && letters.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if open => open = false,
                letter if letter == comma && !open => {
                    more = true;
                    break;
                }
                letter => cell.push(letter),
            }
        }
        if open {
            return None;
        }
        let plain = cell.trim();
        let plain = match plain.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            _ => plain,
        };
        cells.push(plain.to_owned());
        if !more {
            return Some(cells);
        }
    }
}
