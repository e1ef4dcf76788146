//! Where rows go: a writer for each format, and the pieces it sends to whoever asked.

use super::head::Head;
use super::pdf;
use super::text::Text;
use super::xlsx;
use crate::Error;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::reports::{Format, Question};
use std::io::{self, Write};
use tokio::sync::mpsc;

pub(super) type Pieces = mpsc::Sender<Result<Bytes, Error>>;

/// A cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Nothing,
    /// Words, a number or an address; may be empty.
    Text(&'a str),
    /// An instant.
    Time(DateTime<Utc>),
    /// How many, or which.
    Count(u64),
    /// A share in ten-thousandths.
    Rate(u64),
}

/// Why a report was not written to its end.
#[derive(Debug)]
pub(super) enum Cut {
    /// What cannot be read or written.
    Failed(Error),
    /// Whoever asked has gone.
    Unheard,
}

impl From<store::Error> for Cut {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Cut {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

enum Writer {
    Text(Text),
    Xlsx(Box<xlsx::Book>),
    Pdf(Box<pdf::Document>),
}

/// A report being written.
pub(super) struct Out {
    writer: Writer,
    rows: u64,
    pieces: Pieces,
}

/// Rows after which a writer that sends nothing yet looks whether anybody waits for it.
const LOOK: u64 = 1_024;

impl Out {
    pub(super) fn begin(question: &Question, head: Head, pieces: Pieces) -> Result<Self, Error> {
        let columns = question.report.columns();
        let writer = match question.format {
            Format::Csv => Writer::Text(Text::csv(columns)),
            Format::Json => Writer::Text(Text::json(columns)),
            Format::Xlsx => Writer::Xlsx(Box::new(xlsx::Book::begin(columns, head)?)),
            Format::Pdf => Writer::Pdf(Box::new(pdf::Document::begin(columns, head))),
        };
        Ok(Self { writer, rows: 0, pieces })
    }

    /// A picture of the rows, for the format that shows one.
    pub(super) fn picture(&mut self, picture: impl FnOnce() -> pdf::Picture) {
        if let Writer::Pdf(document) = &mut self.writer {
            document.picture(picture());
        }
    }

    /// One row, with a cell for each column.
    pub(super) async fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Cut> {
        self.rows += 1;
        match &mut self.writer {
            Writer::Text(text) => {
                text.row(cells);
                match text.piece() {
                    None => return Ok(()),
                    Some(piece) => {
                        return self.pieces.send(Ok(piece)).await.map_err(|_| Cut::Unheard);
                    }
                }
            }
            Writer::Xlsx(book) => book.row(cells)?,
            Writer::Pdf(document) => document.row(cells)?,
        }
        if self.rows.is_multiple_of(LOOK) && self.pieces.is_closed() {
            return Err(Cut::Unheard);
        }
        Ok(())
    }

    /// The end: what is left goes on its way, or the error that ended it.
    pub(super) async fn end(self, written: Result<(), Cut>) {
        let Self { writer, pieces, .. } = self;
        let failed = match (written, writer) {
            (Err(Cut::Unheard), _) => return,
            (Err(Cut::Failed(error)), _) => Some(error),
            (Ok(()), Writer::Text(text)) => {
                // Whoever asked may have gone meanwhile.
                let _ = pieces.send(Ok(text.end())).await;
                None
            }
            (Ok(()), Writer::Xlsx(book)) => pack(pieces.clone(), |out| book.end(out)).await,
            (Ok(()), Writer::Pdf(document)) => pack(pieces.clone(), |out| document.end(out)).await,
        };
        if let Some(error) = failed {
            let _ = pieces.send(Err(error)).await;
        }
    }
}

/// Writes a file where waiting holds nobody up; the error, if somebody still waits for it.
async fn pack(
    pieces: Pieces,
    write: impl FnOnce(&mut Sending) -> Result<(), Error> + Send + 'static,
) -> Option<Error> {
    let written = tokio::task::spawn_blocking(move || {
        let mut out = Sending { pieces, waiting: Vec::with_capacity(super::PIECE) };
        write(&mut out)?;
        out.flush().map_err(|error| Error::Report(error.to_string()))
    });
    match written.await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(ended) => Some(Error::Report(ended.to_string())),
    }
}

/// A file on its way, piece by piece.
pub(super) struct Sending {
    pieces: Pieces,
    waiting: Vec<u8>,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= super::PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(super::PIECE));
        let sent = self.pieces.blocking_send(Ok(piece.into()));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody waits for it"))
    }
}
