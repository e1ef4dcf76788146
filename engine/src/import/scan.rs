//! Finds the end of one JSON value without parsing it: strings and brackets only. What lies
//! between is for the parser to judge.

use super::frame::{LIMIT, blanks};
use memchr::memchr3;

/// A list that records may stand in, by the name it has in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// `value` of a Graph page, `records` of diagnostic settings, `Results` of Azure PowerShell, an
    /// array at the top or in another.
    Records,
    /// `tables` of a Log Analytics answer.
    Tables,
    /// `columns` of one of those tables.
    Columns,
    /// `rows` of one of those tables.
    Rows,
}

/// What Azure PowerShell's queries of Log Analytics answer with. Windows PowerShell 5.1 writes it as
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
    /// The end of the value: each line is a value of its own.
    Strict,
    /// Nothing between tokens. Inside a string, which JSON forbids, it ends the value; so it does
    /// where the next line begins a new value, indented by so many bytes.
    Indented(usize),
    /// Nothing, unless the next line begins a new value without any indentation.
    Loose,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The value's end: so many bytes.
    Whole(usize),
    /// The value is an object that holds a list of records, which begins behind so many bytes.
    Inside(List, usize),
    /// The value is an object that holds another around the list, which begins behind so many bytes.
    Around(usize),
    /// A line end before so many bytes that cuts the value off.
    Broken(usize),
    /// A bracket that closes another kind of bracket.
    Mismatch,
    /// In the rest of an object, a value behind so many bytes that has no key: the list before it
    /// was closed too early.
    Stray(usize),
}

/// A scan that can be continued when there are more bytes.
#[derive(Debug)]
pub(super) struct Scan {
    /// Bytes looked at.
    at: usize,
    lines: Lines,
    /// Whether the value is an element of a list.
    list: bool,
    /// Whether it began behind a list and not at an opening bracket.
    rest: bool,
    depth: usize,
    /// One bit for each open bracket, the innermost lowest: whether it is an array.
    arrays: u128,
    string: bool,
    /// The last string of the outermost object.
    key: (usize, usize),
    /// The last byte outside strings that is not blank.
    last: u8,
}

impl Scan {
    /// Of a value that begins with a bracket. Brackets that do not match are told of in a list,
    /// where they would take other values with them; at the top a line end helps.
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

    /// Of the rest of an object, behind a list that it holds.
    pub(super) fn rest() -> Self {
        Self { depth: 1, rest: true, last: b']', ..Self::value(Lines::Loose, false) }
    }

    /// How many bytes have been looked at.
    pub(super) fn scanned(&self) -> usize {
        self.at
    }

    /// Forgets the bytes looked at: they are dropped.
    pub(super) fn drop_scanned(&mut self) {
        self.at = 0;
        self.key = (0, 0);
    }

    /// Looks on; `None` when more bytes are needed.
    pub(super) fn run(&mut self, bytes: &[u8], ended: bool) -> Option<Found> {
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
                        // What is escaped is not known yet.
                        bytes.get(at + 1)?;
                        self.at += 2;
                        continue;
                    }
                    _ => {
                        self.at = at;
                        if self.breaks(bytes, ended)? {
                            return Some(Found::Broken(at));
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
                        return Some(Found::Inside(list, at + 1));
                    }
                    if byte == b'{'
                        && self.depth == 1
                        && self.last == b':'
                        && self.arrays & 1 == 0
                        && bytes[self.key.0..self.key.1].eq_ignore_ascii_case(RESULTS)
                        && is_around_list(&bytes[at + 1..], ended)?
                    {
                        return Some(Found::Around(at + 1));
                    }
                    if self.rest && self.depth == 1 && matches!(self.last, b',' | b']') {
                        return Some(Found::Stray(at));
                    }
                    self.depth += 1;
                    self.arrays = self.arrays << 1 | u128::from(byte == b'[');
                }
                b'}' | b']' => {
                    // Deeper than there are bits, the parser refuses anyway.
                    let array = self.arrays & 1 == 1;
                    if self.list && self.depth <= 128 && array != (byte == b']') {
                        return Some(Found::Mismatch);
                    }
                    self.depth = self.depth.saturating_sub(1);
                    self.arrays >>= 1;
                    if self.depth == 0 {
                        return Some(Found::Whole(at + 1));
                    }
                }
                b'\n' if self.breaks(bytes, ended)? => return Some(Found::Broken(at)),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                self.last = byte;
            }
            self.at = at + 1;
        }
        None
    }

    /// Whether the line end at `self.at` cuts the value off; `None` when that depends on bytes
    /// not there yet.
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

/// Whether an object begins with `value`; `None` when that depends on bytes not there yet. Any other
/// is a value like all.
fn is_around_list(bytes: &[u8], ended: bool) -> Option<bool> {
    const KEY: &[u8] = b"\"value\"";
    let blank = blanks(bytes);
    let rest = &bytes[blank..bytes.len().min(blank + KEY.len())];
    if rest.len() < KEY.len() && !ended && blank <= LIMIT {
        return None;
    }
    Some(rest.eq_ignore_ascii_case(KEY))
}
