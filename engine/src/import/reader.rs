//! Reads a stream record by record.

use super::csv::Csv;
use super::detect::{Kind, detect};
use super::frame::{FrameStep, RecordSyntax};
use super::input::{Buffer, StreamPosition};
use super::json::Json;
use domain::Fault;
use std::io;

/// A record from the stream, or why there is none.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Record {
        form: RecordSyntax,
        at: StreamPosition,
        bytes: &'a [u8],
        columns: &'a [String],
    },
    Bad {
        at: StreamPosition,
        fault: Fault,
        message: &'static str,
    },
    /// The stream ends inside a record, or inside the list around the records.
    Cut {
        record: bool,
        at: StreamPosition,
        bytes: &'a [u8],
    },
    /// No complete record is in the buffer; [`Reader::fill`] may bring one.
    Wait,
    End,
}

enum Splitter {
    Unknown,
    Json(Json),
    Csv(Csv),
}

/// Reads records from a buffered stream.
pub(super) struct Reader {
    buffer: Buffer,
    splitter: Splitter,
    /// Bytes of the record returned last.
    given: usize,
    /// Whether a last line without a line end may still grow.
    growing: bool,
}

impl Reader {
    pub(super) fn new(buffer: Buffer, growing: bool) -> Self {
        Self { buffer, splitter: Splitter::Unknown, given: 0, growing }
    }

    /// Start of the next record, or slightly before it.
    pub(super) fn place(&self) -> StreamPosition {
        let bytes = self.buffer.bytes();
        self.buffer.place().after(&bytes[..self.given.min(bytes.len())])
    }

    /// Whether reading can continue at [`Reader::place`] after the file has grown: only if each
    /// value is independent.
    pub(super) fn resumable(&self) -> bool {
        let each_for_itself = matches!(&self.splitter, Splitter::Json(json) if !json.opened);
        each_for_itself && self.buffer.is_plain()
    }

    /// Reads more; may block.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        self.pass_given();
        self.buffer.fill()
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.buffer.held()
    }

    fn pass_given(&mut self) {
        let given = std::mem::take(&mut self.given).min(self.buffer.bytes().len());
        self.buffer.pass(given);
    }

    /// The next record.
    ///
    /// # Errors
    /// What the file is instead of a log.
    pub(super) fn next(&mut self) -> Result<Item<'_>, &'static str> {
        self.pass_given();
        loop {
            let ended = self.buffer.ended();
            let step = match &mut self.splitter {
                Splitter::Unknown => match detect(self.buffer.bytes(), ended) {
                    None => FrameStep::More,
                    Some(kind) => {
                        let (kind, skip) = kind?;
                        self.splitter = match kind {
                            Kind::Json => Splitter::Json(Json::new()),
                            Kind::Csv { delimiter, returns } => {
                                if returns {
                                    self.buffer.end_lines_by_returns();
                                }
                                Splitter::Csv(Csv::new(delimiter))
                            }
                        };
                        FrameStep::Pass(skip)
                    }
                },
                Splitter::Json(json) => {
                    json.step(self.buffer.bytes(), self.buffer.place().column, ended)
                }
                Splitter::Csv(csv) => csv.step(self.buffer.bytes(), ended),
            };
            let at = self.buffer.place();
            match step {
                FrameStep::Pass(count) => self.buffer.pass(count),
                FrameStep::More if ended => return Ok(Item::End),
                FrameStep::More => return Ok(Item::Wait),
                FrameStep::End => return Ok(Item::End),
                FrameStep::Record { next, .. }
                    if self.growing && next > self.buffer.bytes().len() =>
                {
                    return Ok(Item::Cut { record: true, at, bytes: self.buffer.bytes() });
                }
                FrameStep::Record { form, len, next } => {
                    self.given = next;
                    let columns = match &self.splitter {
                        Splitter::Json(json) => json.columns.as_slice(),
                        _ => &[],
                    };
                    let bytes = &self.buffer.bytes()[..len];
                    return Ok(Item::Record { form, at, bytes, columns });
                }
                FrameStep::Bad { at: wrong, fault, message, next } => {
                    let at = at.after(&self.buffer.bytes()[..wrong]);
                    self.given = next;
                    return Ok(Item::Bad { at, fault, message });
                }
                FrameStep::Cut { record } => {
                    return Ok(Item::Cut { record, at, bytes: self.buffer.bytes() });
                }
            }
        }
    }
}
