//! Many blocks at once: a pasted list, or a table as a spreadsheet saves it.

use super::{BlockFields, BlockKind, NewBlock};
use crate::sheet::{Sheet, cells, without_mark, wrong_header};
use crate::{Fault, Invalid};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

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
/// Columns of the report `blocks` that are history: nothing of them is read.
const EXPORTED: [&str; 5] = ["since", "by", "ended", "ended_by", "end_reason"];

/// Reads a list, one block to a line: `kind,value,until,reason`, or a value alone, whose kind is
/// told by how it looks. Cells may be quoted and are divided by commas, semicolons or tabs,
/// whichever the first line has. A first line with a column named `value` is a header and says
/// which column is which. What a line leaves out is as in `otherwise`.
pub fn read_list(text: &str, otherwise: BlockFields<'_>, now: DateTime<Utc>) -> List {
    let Sheet { comma, rows } = Sheet::read(text);
    let first = rows.first().and_then(|(_, row)| cells(row, comma));
    let header = first.as_ref().and_then(|cells| header(cells));
    let columns = [&COLUMNS[..], &EXPORTED].concat();
    let wrong = first.filter(|_| header.is_some()).and_then(|names| wrong_header(&names, &columns));
    let mut list = List::default();
    let mut seen: HashSet<(BlockKind, String)> = HashSet::new();
    for (number, line) in rows.into_iter().skip(usize::from(header.is_some())) {
        let text = line.trim().to_owned();
        let read = match (&wrong, cells(line, comma)) {
            (Some(words), _) => Err(Invalid::one("value", Fault::UnknownField, words)),
            (None, Some(cells)) => block(&cells, header.as_ref(), otherwise, now),
            (None, None) => {
                Err(Invalid::one("value", Fault::Unreadable, "a quotation mark is not closed"))
            }
        };
        match read {
            Ok(block) => {
                let key = (block.target.kind(), block.target.key().to_owned());
                if seen.insert(key) {
                    list.good.push((number, text, block));
                } else {
                    let words = "is in the list already";
                    let invalid = Invalid::one("value", Fault::Duplicate, words);
                    list.bad.push(Bad { line: number, text, invalid });
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
            // A value alone, as it may stand in a list of a text.
            [value] => ["", without_mark(value), "", ""],
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
