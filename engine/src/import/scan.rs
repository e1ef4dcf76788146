//! Finds the end of a JSON value without parsing it: only strings and brackets matter. The parser
//! checks everything else.

use super::frame::{LIMIT, blanks};
use memchr::memchr3;

/// A list that may contain records, by its name in the enclosing object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// `value` of a Graph page, `records` of diagnostic settings, `Results` of Azure PowerShell, an
    /// array at the top level or inside another.
    Records,
    /// `tables` of a Log Analytics answer.
    Tables,
    /// `columns` of one of those tables.
    Columns,
    /// `rows` of one of those tables.
    Rows,
}

/// The result of Azure PowerShell's queries of Log Analytics. Windows PowerShell 5.1 writes it as
/// an object around the list: `{"Results": {"value": [...], "Count": 2}}`.
const RESULTS: &[u8] = b"results";

impl List {
    fn named(key: &[u8]) -> Option<Self> {
        [
            (&b"value"[..], Self::Records),
            (b"records", Self::Records),
            (RESULTS, Self::Records),
            (b"tables", Self::Tables),
            (b"columns", Self::Columns),
            (b"rows", Self::Rows),
        ]
        .into_iter()
        .find(|(name, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, list)| list)
    }
}

/// What a line end inside a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// The end of the value: each line is a separate value.
    Strict,
    /// Nothing between tokens. Inside a string, where JSON forbids it, it ends the value; also if
    /// the next line begins a new value with this indentation in bytes.
    Indented(usize),
    /// Nothing, unless the next line begins a new value without any indentation.
    Loose,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScanResult {
    /// The value ends after this many bytes.
    Whole(usize),
    /// The value is an object with a list of records, which begins after this many bytes.
    Inside(List, usize),
    /// The value is an object with another object around the list, which begins after this many
    /// bytes.
    Around(usize),
    /// A line end before this many bytes cuts the value off.
    Broken(usize),
    /// A closing bracket of the wrong kind.
    Mismatch,
    /// In the rest of an object, a value without a key after this many bytes: the list before it
    /// was closed too early.
    Stray(usize),
}

/// A scan that can continue when there are more bytes.
#[derive(Debug)]
pub(super) struct Scan {
    /// Bytes scanned so far.
    at: usize,
    lines: Lines,
    /// Whether the value is an element of a list.
    list: bool,
    /// Whether it began after a list and not at an opening bracket.
    rest: bool,
    depth: usize,
    /// One bit for each open bracket, the innermost in the lowest bit: whether it is an array.
    arrays: u128,
    string: bool,
    /// Start and end of the last string in the outermost object.
    key: (usize, usize),
    /// The last byte outside strings that is not blank.
    last: u8,
}

impl Scan {
    /// A scan of a value that begins with a bracket. Mismatched brackets are reported in a list,
    /// where they would affect other values; at the top level a line end helps.
    pub(super) fn value(lines: Lines, list: bool) -> Self {
        Self {
            at: 0,
            lines,
            list,
            rest: false,
            depth: 0,
            arrays: 0,
            string: false,
            key: (0, 0),
            last: 0,
        }
    }

    /// A scan of the rest of an object, after a list in it.
    pub(super) fn rest() -> Self {
        Self { depth: 1, rest: true, last: b']', ..Self::value(Lines::Loose, false) }
    }

    /// Number of bytes scanned so far.
    pub(super) fn scanned(&self) -> usize {
        self.at
    }

    /// Forgets the scanned bytes: they are dropped.
    pub(super) fn drop_scanned(&mut self) {
        self.at = 0;
        self.key = (0, 0);
    }

    /// Continues the scan; `None` if more bytes are needed.
    pub(super) fn run(&mut self, bytes: &[u8], ended: bool) -> Option<ScanResult> {
        while self.at < bytes.len() {
            if self.string {
                let Some(next) = memchr3(b'"', b'\\', b'\n', &bytes[self.at..]) else {
                    self.at = bytes.len();
                    break;
                };
                let at = self.at + next;
                match bytes[at] {
                    b'"' => {
                        self.string = false;
                        if self.depth == 1 {
                            self.key.1 = at;
                        }
                    }
                    b'\\' => {
                        self.at = at;
                        // The escaped byte is not there yet.
                        bytes.get(at + 1)?;
                        self.at += 2;
                        continue;
                    }
                    _ => {
                        self.at = at;
                        if self.breaks(bytes, ended)? {
                            return Some(ScanResult::Broken(at));
                        }
                    }
                }
                self.at = at + 1;
                continue;
            }
            let at = self.at;
            let byte = bytes[at];
            match byte {
                b'"' => {
                    self.string = true;
                    if self.depth == 1 {
                        self.key = (at + 1, at + 1);
                    }
                }
                b'{' | b'[' => {
                    if byte == b'['
                        && self.depth == 1
                        && self.last == b':'
                        && self.arrays & 1 == 0
                        && let Some(list) = List::named(&bytes[self.key.0..self.key.1])
                    {
                        return Some(ScanResult::Inside(list, at + 1));
                    }
                    if byte == b'{'
                        && self.depth == 1
                        && self.last == b':'
                        && self.arrays & 1 == 0
                        && bytes[self.key.0..self.key.1].eq_ignore_ascii_case(RESULTS)
                        && is_around_list(&bytes[at + 1..], ended)?
                    {
                        return Some(ScanResult::Around(at + 1));
                    }
                    if self.rest && self.depth == 1 && matches!(self.last, b',' | b']') {
                        return Some(ScanResult::Stray(at));
                    }
                    self.depth += 1;
                    self.arrays = self.arrays << 1 | u128::from(byte == b'[');
                }
                b'}' | b']' => {
                    // The parser refuses nesting deeper than there are bits.
                    let array = self.arrays & 1 == 1;
                    if self.list && self.depth <= 128 && array != (byte == b']') {
                        return Some(ScanResult::Mismatch);
                    }
                    self.depth = self.depth.saturating_sub(1);
                    self.arrays >>= 1;
                    if self.depth == 0 {
                        return Some(ScanResult::Whole(at + 1));
                    }
                }
                b'\n' if self.breaks(bytes, ended)? => return Some(ScanResult::Broken(at)),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                self.last = byte;
            }
            self.at = at + 1;
        }
        None
    }

    /// Whether the line end at `self.at` cuts the value off; `None` if that depends on bytes not
    /// yet read.
    fn breaks(&self, bytes: &[u8], ended: bool) -> Option<bool> {
        let indent = match self.lines {
            Lines::Strict => return Some(true),
            Lines::Indented(_) if self.string => return Some(true),
            Lines::Indented(indent) => indent,
            Lines::Loose => 0,
        };
        let expects_value =
            matches!(self.last, b'[' | b':') || self.last == b',' && self.arrays & 1 == 1;
        if !self.string && expects_value {
            return Some(false);
        }
        let next = &bytes[self.at + 1..];
        let blank =
            next.iter().take(indent).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match next.get(blank) {
            None if ended => Some(false),
            None => None,
            Some(byte) => Some(blank == indent && *byte == b'{'),
        }
    }
}

/// Whether an object begins with `value`; `None` if that depends on bytes not yet read. Any other
/// object is an ordinary value.
fn is_around_list(bytes: &[u8], ended: bool) -> Option<bool> {
    const KEY: &[u8] = b"\"value\"";
    let blank = blanks(bytes);
    let rest = &bytes[blank..bytes.len().min(blank + KEY.len())];
    if rest.len() < KEY.len() && !ended && blank <= LIMIT {
        return None;
    }
    Some(rest.eq_ignore_ascii_case(KEY))
}
