//! What the splitters have in common. A splitter examines the bytes it gets and says what they
//! begin with. It never reads by itself, so it works with files, pipes and uploads.

use domain::Fault;
use memchr::memchr;

/// Largest record in bytes (contract, section 3).
pub(super) const LIMIT: usize = 64 << 10;

/// The syntax of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordSyntax {
    /// One JSON value.
    Json,
    /// A JSON array whose columns were named before.
    Row,
    /// A line of a table.
    Cells,
    /// A last line without a line end: it may be cut off.
    LastCells,
    /// The first line of a table, with the byte that separates cells.
    Header(u8),
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FrameStep {
    /// More bytes are needed to decide.
    More,
    /// This many bytes that are not a record.
    Pass(usize),
    /// A record of `len` bytes; the next one begins at `next` or later.
    Record {
        form: RecordSyntax,
        len: usize,
        next: usize,
    },
    /// An invalid record; the error is after `at` bytes.
    Bad {
        at: usize,
        fault: Fault,
        message: &'static str,
        next: usize,
    },
    /// The bytes end inside a record, or inside the list or object around the records.
    Cut {
        record: bool,
    },
    End,
}

/// Message for a record over the limit.
pub(super) const TOO_LONG: &str = "is longer than 65536 bytes";

/// Number of blanks at the start of the bytes.
pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// An object up to the end of its first key.
pub(super) fn beginning(bytes: &[u8]) -> Option<&[u8]> {
    let key = 1 + blanks(bytes.get(1..)?);
    if bytes.first() != Some(&b'{') || bytes.get(key) != Some(&b'"') {
        return None;
    }
    let end = key + 1 + memchr(b'"', &bytes[key + 1..])?;
    Some(&bytes[..=end])
}
