//! Splits JSON into records: a value on each line, the elements of an array, or those of a list
//! inside an object, of any size. A bad record affects only itself: in a file with line ends it
//! ends at its line, so that the next records are found.

use super::frame::{FrameStep, LIMIT, RecordSyntax, TOO_LONG, beginning, blanks};
use super::input::MARK;
use super::scan::{Lines, List, Scan, ScanResult};
use domain::Fault;
use memchr::memchr;
use serde::Deserialize;

/// What encloses the current bytes.
#[derive(Debug)]
pub(super) enum Level {
    /// An object, after a list in it.
    Object,
    /// A list of records or of their containers.
    List {
        list: List,
        /// Indentation of its elements in bytes, if each begins on a new line.
        indent: Option<usize>,
        /// Whether no element has begun.
        empty: bool,
    },
}

/// What the splitter is looking for.
#[derive(Debug)]
pub(super) enum SplitterState {
    /// The next value.
    Seek,
    /// The end of a value.
    Scan(Scan),
    /// The end of a value that is too long and is dropped.
    Drop(Scan),
    /// The end of something that is not an object, or of the line.
    Junk { list: bool, scanned: usize, dropped: bool },
    /// After damage: a line that begins a new value. `at_line`: whether a line is about to begin.
    Recover { at_line: bool },
    /// After damage: a value that begins like the damaged one, after a comma; at the top level also
    /// directly after another value. `last` is the last byte passed that is not blank.
    Again { beginning: Vec<u8>, last: u8 },
}

/// Number of bytes between values. Hand-made files have commas between values at the top level;
/// concatenated files have a byte order mark before each; 0x1e begins a record of a JSON text
/// sequence (RFC 7464).
fn apart(bytes: &[u8], top: bool) -> usize {
    let mut rest = bytes;
    loop {
        match rest {
            [first, after @ ..] if first.is_ascii_whitespace() || matches!(first, b',' | 0x1e) => {
                rest = after;
            }
            _ if top && rest.starts_with(MARK) => rest = &rest[MARK.len()..],
            _ => return bytes.len() - rest.len(),
        }
    }
}

/// Most lists and objects around records.
const DEEPEST: usize = 8;

/// Whether a list of records continues like this, or has ended; `None` if more bytes are needed.
fn begins_list(bytes: &[u8], ended: bool) -> Option<bool> {
    let blank = blanks(bytes);
    match bytes.get(blank) {
        None if !ended && blank <= LIMIT => None,
        first => Some(matches!(first, Some(b'{' | b'[' | b']'))),
    }
}

#[derive(Debug)]
pub(super) struct Json {
    pub(super) levels: Vec<Level>,
    pub(super) doing: SplitterState,
    /// How the last good elements of a list began: first bracket and key.
    pub(super) beginning: Vec<u8>,
    /// Whether values at the top level are on one line each, once that is known.
    one_line: Option<bool>,
    /// Whether there was a list.
    pub(super) opened: bool,
    /// The column names of the current table.
    pub(super) columns: Vec<String>,
}

impl Json {
    pub(super) fn new() -> Self {
        Self {
            levels: Vec::new(),
            doing: SplitterState::Seek,
            beginning: Vec::new(),
            one_line: None,
            opened: false,
            columns: Vec::new(),
        }
    }

    /// What the bytes begin with. They start where the last step ended, in this column (from 1).
    pub(super) fn step(&mut self, bytes: &[u8], column: u64, ended: bool) -> FrameStep {
        match &mut self.doing {
            SplitterState::Seek => self.seek(bytes, column, ended),
            SplitterState::Scan(_) | SplitterState::Drop(_) => self.scan(bytes, ended),
            SplitterState::Junk { .. } => self.junk(bytes, ended),
            SplitterState::Recover { at_line } => {
                let at_line = *at_line;
                self.recover(bytes, at_line, ended)
            }
            SplitterState::Again { .. } => self.again(bytes, ended),
        }
    }

    fn seek(&mut self, bytes: &[u8], column: u64, ended: bool) -> FrameStep {
        if matches!(self.levels.last(), Some(Level::Object)) {
            self.doing = SplitterState::Scan(Scan::rest());
            return self.scan(bytes, ended);
        }
        let between = apart(bytes, self.levels.is_empty());
        if let Some(Level::List { indent, empty: true, .. }) = self.levels.last_mut()
            && memchr(b'\n', &bytes[..between]).is_some()
        {
            // Set when the first element is seen.
            *indent = Some(0);
        }
        if between > 0 {
            return FrameStep::Pass(between);
        }
        if !ended && bytes.len() < MARK.len() && self.levels.is_empty() && MARK.starts_with(bytes) {
            return FrameStep::More;
        }
        let Some(first) = bytes.first() else {
            return match (ended, self.levels.is_empty()) {
                (false, _) => FrameStep::More,
                (true, true) => FrameStep::End,
                (true, false) => FrameStep::Cut { record: false },
            };
        };
        if *first == b'[' && self.may_hold_list() {
            match begins_list(&bytes[1..], ended) {
                None => return FrameStep::More,
                Some(true) => {
                    self.open(List::Records);
                    return FrameStep::Pass(1);
                }
                Some(false) => {}
            }
        }
        let Some(Level::List { list, indent, empty }) = self.levels.last_mut() else {
            return self.seek_top(*first, bytes, column, ended);
        };
        if *first == b']' {
            self.levels.pop();
            return FrameStep::Pass(1);
        }
        if *empty {
            *empty = false;
            *indent = indent.and(usize::try_from(column - 1).ok());
        }
        let rows = *list == List::Rows;
        let lines = indent.map_or(Lines::Loose, Lines::Indented);
        if *first == b'{' || (rows && *first == b'[') {
            self.doing = SplitterState::Scan(Scan::value(lines, true));
            self.scan(bytes, ended)
        } else {
            self.doing = SplitterState::Junk { list: true, scanned: 0, dropped: false };
            self.junk(bytes, ended)
        }
    }

    fn seek_top(&mut self, first: u8, bytes: &[u8], column: u64, ended: bool) -> FrameStep {
        match first {
            b'[' => {
                self.open(List::Records);
                FrameStep::Pass(1)
            }
            b'{' => {
                let lines = match self.one_line {
                    None => Lines::Loose,
                    Some(true) => Lines::Strict,
                    Some(false) => Lines::Indented(0),
                };
                self.doing = SplitterState::Scan(Scan::value(lines, false));
                self.scan(bytes, ended)
            }
            // Elements of a list that was closed too early may follow on its line.
            _ if column > 1 && !self.beginning.is_empty() => {
                let beginning = self.beginning.clone();
                self.doing = SplitterState::Again { beginning, last: first };
                FrameStep::Bad {
                    at: 0,
                    fault: Fault::InvalidJson,
                    message: "malformed JSON",
                    next: 1,
                }
            }
            _ => {
                self.doing = SplitterState::Junk { list: false, scanned: 0, dropped: false };
                self.junk(bytes, ended)
            }
        }
    }

    /// Whether an array here is a list of records inside a list: pages that were combined.
    fn may_hold_list(&self) -> bool {
        let in_list = matches!(self.levels.last(), Some(Level::List { list: List::Records, .. }));
        in_list && self.levels.len() < DEEPEST
    }

    fn open(&mut self, list: List) {
        self.opened = true;
        if list == List::Columns {
            self.columns.clear();
        }
        self.levels.push(Level::List { list, indent: None, empty: true });
    }

    fn scan(&mut self, bytes: &[u8], ended: bool) -> FrameStep {
        let (SplitterState::Scan(scan) | SplitterState::Drop(scan)) = &mut self.doing else {
            return FrameStep::More;
        };
        let found = scan.run(bytes, ended);
        let scanned = scan.scanned();
        let dropped = matches!(self.doing, SplitterState::Drop(_));
        let rest = matches!(self.levels.last(), Some(Level::Object));
        match found {
            Some(ScanResult::Whole(len)) => {
                self.doing = SplitterState::Seek;
                if rest {
                    self.levels.pop();
                    return FrameStep::Pass(len);
                }
                if dropped {
                    return FrameStep::Pass(len);
                }
                if self.levels.is_empty() {
                    self.one_line = Some(memchr(b'\n', &bytes[..len]).is_none());
                } else if self.swallows(&bytes[..len])
                    && let Some(step) = self.damaged(&bytes[..len])
                {
                    return step;
                } else if !bytes.starts_with(&self.beginning) || self.beginning.is_empty() {
                    self.beginning = beginning(bytes).unwrap_or_default().to_vec();
                }
                self.record(bytes, len, len)
            }
            Some(ScanResult::Inside(list, len)) => {
                self.doing = SplitterState::Seek;
                if !rest {
                    self.levels.push(Level::Object);
                }
                self.open(list);
                FrameStep::Pass(len)
            }
            Some(ScanResult::Around(len)) => {
                self.doing = SplitterState::Seek;
                if !rest {
                    self.levels.push(Level::Object);
                }
                self.levels.push(Level::Object);
                FrameStep::Pass(len)
            }
            Some(ScanResult::Broken(len)) => {
                self.broken();
                // The rest of a dropped value is not a second record.
                if dropped || rest {
                    FrameStep::Pass(len + 1)
                } else {
                    self.record(bytes, len, len + 1)
                }
            }
            Some(ScanResult::Stray(len)) => {
                self.levels.pop();
                self.doing = SplitterState::Seek;
                FrameStep::Pass(len)
            }
            Some(ScanResult::Mismatch) if dropped => self.drop_list(),
            Some(ScanResult::Mismatch) => self.damaged(bytes).unwrap_or_else(|| self.drop_list()),
            None if scanned > LIMIT => {
                if !dropped && let Some(step) = self.damaged(bytes) {
                    return step;
                }
                self.give_up(scanned, rest)
            }
            None if !ended => FrameStep::More,
            None if dropped && self.levels.is_empty() => FrameStep::End,
            None if dropped || rest => FrameStep::Cut { record: false },
            None => self.damaged(bytes).unwrap_or(FrameStep::Cut { record: true }),
        }
    }

    /// The value exceeds the limit: drops the bytes scanned so far, but still finds its end.
    fn give_up(&mut self, scanned: usize, rest: bool) -> FrameStep {
        match std::mem::replace(&mut self.doing, SplitterState::Seek) {
            SplitterState::Scan(mut scan) => {
                scan.drop_scanned();
                self.doing = SplitterState::Drop(scan);
                if rest {
                    return FrameStep::Pass(scanned);
                }
                FrameStep::Bad { at: 0, fault: Fault::TooLong, message: TOO_LONG, next: scanned }
            }
            SplitterState::Drop(mut scan) => {
                scan.drop_scanned();
                self.doing = SplitterState::Drop(scan);
                FrameStep::Pass(scanned)
            }
            other => {
                self.doing = other;
                FrameStep::Pass(scanned)
            }
        }
    }

    /// After a value that was cut off by a line end.
    fn broken(&mut self) {
        match self.levels.last() {
            // Its elements are on separate lines: the next one will be found.
            Some(Level::List { indent: Some(_), .. }) => {
                self.doing = SplitterState::Recover { at_line: true };
            }
            // A list on one line that was cut off by a line end, or a value at the top level.
            _ => {
                self.levels.clear();
                self.doing = if self.one_line == Some(false) {
                    SplitterState::Recover { at_line: true }
                } else {
                    SplitterState::Seek
                };
            }
        }
    }

    fn record(&mut self, bytes: &[u8], len: usize, next: usize) -> FrameStep {
        if len > LIMIT {
            return FrameStep::Bad { at: 0, fault: Fault::TooLong, message: TOO_LONG, next };
        }
        match self.levels.last() {
            Some(Level::List { list: List::Columns, .. }) => {
                // The older service's tables call it `ColumnName`.
                #[derive(Deserialize)]
                struct Column {
                    #[serde(alias = "ColumnName", alias = "Name")]
                    name: String,
                }
                match serde_json::from_slice::<Column>(&bytes[..len]) {
                    Ok(column) => {
                        self.columns.push(column.name);
                        FrameStep::Pass(next)
                    }
                    Err(_) => FrameStep::Bad {
                        at: 0,
                        fault: Fault::InvalidJson,
                        message: "malformed JSON: a table's column needs a name",
                        next,
                    },
                }
            }
            // It has neither columns nor rows.
            Some(Level::List { list: List::Tables, .. }) => FrameStep::Pass(next),
            Some(Level::List { list: List::Rows, .. }) => {
                FrameStep::Record { form: RecordSyntax::Row, len, next }
            }
            _ => FrameStep::Record { form: RecordSyntax::Json, len, next },
        }
    }

    fn junk(&mut self, bytes: &[u8], ended: bool) -> FrameStep {
        let SplitterState::Junk { list, scanned, dropped } = &mut self.doing else {
            return FrameStep::More;
        };
        let (list, dropped) = (*list, *dropped);
        let end = bytes[*scanned..].iter().position(|byte| match byte {
            b'\n' => true,
            b',' | b']' => list,
            _ => false,
        });
        match end {
            Some(end) => {
                let end = *scanned + end;
                self.doing = SplitterState::Seek;
                // A list's own bracket is left for the list.
                if dropped {
                    FrameStep::Pass(end)
                } else {
                    self.record(bytes, end.max(1), end.max(1))
                }
            }
            None if bytes.len() > LIMIT => {
                *scanned = 0;
                if dropped {
                    return FrameStep::Pass(bytes.len());
                }
                self.doing = SplitterState::Junk { list, scanned: 0, dropped: true };
                FrameStep::Bad {
                    at: 0,
                    fault: Fault::TooLong,
                    message: TOO_LONG,
                    next: bytes.len(),
                }
            }
            None if !ended => {
                *scanned = bytes.len();
                FrameStep::More
            }
            None if dropped => FrameStep::End,
            None => FrameStep::Cut { record: true },
        }
    }
}
