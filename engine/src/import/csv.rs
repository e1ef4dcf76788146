//! Splits a table into lines. A quoted cell may contain line ends; if a quote is never closed, only
//! its line is lost.

use super::frame::{FrameStep, LIMIT, RecordSyntax, TOO_LONG};
use domain::Fault;
use memchr::{memchr, memchr2};

/// Where in a line the scan is.
#[derive(Debug, Clone, Copy)]
enum At {
    /// Before a cell.
    Cell,
    /// In a cell without quotes.
    Bare,
    /// In a quoted cell that began at this byte.
    Quoted(usize),
    /// After a quote in a quoted cell: the cell's end, or the first half of an escaped quote.
    Quote(usize),
}

#[derive(Debug)]
pub(super) struct Csv {
    delimiter: u8,
    header: bool,
    scanned: usize,
    at: At,
    /// Whether the rest of a bad line is being skipped.
    skip: bool,
}

impl Csv {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, header: true, scanned: 0, at: At::Cell, skip: false }
    }

    /// What the bytes begin with. They start where the last step ended.
    pub(super) fn step(&mut self, bytes: &[u8], ended: bool) -> FrameStep {
        if self.skip {
            return match memchr(b'\n', bytes) {
                Some(end) => {
                    self.skip = false;
                    FrameStep::Pass(end + 1)
                }
                None if !bytes.is_empty() => FrameStep::Pass(bytes.len()),
                None if ended => FrameStep::End,
                None => FrameStep::More,
            };
        }
        if self.scanned == 0 {
            // Blank lines are not records.
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if blank > 0 {
                return FrameStep::Pass(blank);
            }
            if bytes.is_empty() {
                return if ended { FrameStep::End } else { FrameStep::More };
            }
        }
        let step = self.scan(bytes, ended);
        if !matches!(step, FrameStep::More) {
            self.scanned = 0;
            self.at = At::Cell;
        }
        step
    }

    fn scan(&mut self, bytes: &[u8], ended: bool) -> FrameStep {
        while self.scanned < bytes.len() {
            let rest = &bytes[self.scanned..];
            match self.at {
                At::Cell if rest[0] == b'"' => {
                    self.at = At::Quoted(self.scanned);
                    self.scanned += 1;
                }
                At::Cell => self.at = At::Bare,
                At::Bare => match memchr2(self.delimiter, b'\n', rest) {
                    None => self.scanned = bytes.len(),
                    Some(end) if rest[end] == b'\n' => {
                        return self.line(self.scanned + end, RecordSyntax::Cells);
                    }
                    Some(end) => {
                        self.scanned += end + 1;
                        self.at = At::Cell;
                    }
                },
                At::Quoted(from) => match memchr(b'"', rest) {
                    None => self.scanned = bytes.len(),
                    Some(quote) => {
                        self.scanned += quote + 1;
                        self.at = At::Quote(from);
                    }
                },
                At::Quote(from) => match rest[0] {
                    b'"' => {
                        self.scanned += 1;
                        self.at = At::Quoted(from);
                    }
                    b'\n' => return self.line(self.scanned, RecordSyntax::Cells),
                    b'\r' if rest.len() == 1 && !ended => break,
                    b'\r' if rest.len() == 1 || rest[1] == b'\n' => {
                        self.scanned += 1;
                        self.at = At::Bare;
                    }
                    byte if byte == self.delimiter => {
                        self.scanned += 1;
                        self.at = At::Cell;
                    }
                    _ => {
                        const WHAT: &str = "malformed CSV: text behind a closing quote";
                        return self.bad(bytes, self.scanned, Fault::Unreadable, WHAT);
                    }
                },
            }
        }
        if self.scanned > LIMIT {
            return match self.at {
                At::Quoted(from) => {
                    const WHAT: &str =
                        "malformed CSV: the quote that opens here is not closed within 65536 bytes";
                    self.bad(bytes, from, Fault::Unreadable, WHAT)
                }
                _ => self.bad(bytes, 0, Fault::TooLong, TOO_LONG),
            };
        }
        match self.at {
            _ if !ended => FrameStep::More,
            At::Quoted(_) => FrameStep::Cut { record: true },
            _ => self.line(bytes.len(), RecordSyntax::LastCells),
        }
    }

    /// A line that ends before byte `end`.
    fn line(&mut self, end: usize, cells: RecordSyntax) -> FrameStep {
        let next = end + 1;
        if end > LIMIT + 1 {
            return FrameStep::Bad { at: 0, fault: Fault::TooLong, message: TOO_LONG, next };
        }
        let form = if self.header { RecordSyntax::Header(self.delimiter) } else { cells };
        self.header = false;
        FrameStep::Record { form, len: end, next }
    }

    /// A bad line: the next one begins after the first line end at `at` or later.
    fn bad(&mut self, bytes: &[u8], at: usize, fault: Fault, message: &'static str) -> FrameStep {
        let next = match memchr(b'\n', &bytes[at..]) {
            Some(end) => at + end + 1,
            None => {
                self.skip = true;
                bytes.len()
            }
        };
        FrameStep::Bad { at, fault, message, next }
    }
}
