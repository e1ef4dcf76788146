//! What the splitters have in common. A splitter looks at the bytes at hand and says what they
//! begin with; it never reads by itself, so it works on files, pipes and uploads alike.

use domain::Fault;
use memchr::memchr;

/// Bytes of one record at most (contract, section 3).
pub(super) const LIMIT: usize = 64 << 10;

/// What a record's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON value.
    Json,
    /// A JSON array whose columns have been named before.
    Row,
    /// A line of a table.
    Cells,
    /// The same, which no line end ends: it may have been cut off.
    LastCells,
    /// A table's first line; the byte between its cells.
    Header(u8),
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// That cannot be told before there are more bytes.
    More,
    /// Some bytes that are no record.
    Pass(usize),
    /// A record of `len` bytes; the next one begins at `next` or behind it.
    Record { form: Form, len: usize, next: usize },
    /// A record that cannot be one; what is wrong is `at` so many bytes.
    Bad { at: usize, fault: Fault, message: &'static str, next: usize },
    /// The bytes end in the midst of a record, or of the list or object around the records.
    Cut { record: bool },
    /// Nothing more.
    End,
}

/// A record over the limit.
pub(super) const TOO_LONG: &str = "is longer than 65536 bytes";

/// How many blanks the bytes begin with.
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
