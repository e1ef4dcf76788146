//! Many blocks at once: a pasted list, or a table saved by a spreadsheet program.

use super::{BlockFields, BlockKind, NewBlock};
use crate::sheet::{Sheet, cells, without_mark, wrong_header};
use crate::{Fault, Invalid};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// A line that is not a valid block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLine {
    /// Counts from 1.
    pub line: usize,
    /// The original line, trimmed.
    pub text: String,
    /// The errors by field; those of the whole line are in `value`.
    pub invalid: Invalid,
}

/// A parsed list. Every line that is not blank is in `good` or `bad`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Valid blocks, with line numbers and original lines.
    pub good: Vec<(usize, String, NewBlock)>,
    /// Invalid lines, in their order.
    pub bad: Vec<InvalidLine>,
}

/// The columns, in their order without a header.
const COLUMNS: [&str; 4] = ["kind", "value", "until", "reason"];
/// More columns of the report `blocks`; their values are ignored.
const EXPORTED: [&str; 5] = ["since", "by", "ended", "ended_by", "end_reason"];

/// Parses a list with one block per line: `kind,value,until,reason`, or a value alone, whose kind
/// is detected. Cells may be quoted; commas, semicolons or tabs separate them, whichever the first
/// line has. A first line with a column `value` is a header that orders the columns. `otherwise`
/// fills in what a line leaves out.
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
        let read = read.and_then(|block| {
            match seen.insert((block.target.kind(), block.target.key().to_owned())) {
                true => Ok(block),
                false => Err(Invalid::one("value", Fault::Duplicate, "is in the list already")),
            }
        });
        match read {
            Ok(block) => list.good.push((number, text, block)),
            Err(invalid) => list.bad.push(InvalidLine { line: number, text, invalid }),
        }
    }
    list
}

/// The position of each of [`COLUMNS`], if the line is a header.
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
            // A value alone may carry a list marker.
            [value] => ["", without_mark(value), "", ""],
            _ => {
                let kind = cell(Some(0));
                if let Err(words) = kind.parse::<BlockKind>() {
                    let words = format!("{words} where a line has more columns");
                    return Err(Invalid::one("kind", Fault::InvalidChoice, words));
                }
                [kind, cell(Some(1)), cell(Some(2)), cell(Some(3))]
            }
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
