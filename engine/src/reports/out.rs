//! Writes rows in the requested format.

use super::cell::Cell;
use super::head::Head;
use super::pdf;
use super::pieces::{NotCompleted, Pieces, pack};
use super::text::Text;
use super::xlsx;
use crate::Error;
use domain::PhoneNumber;
use domain::reports::{Column, Format, Kind, Question};
use domain::workbook::Sight;
use std::borrow::Cow;

enum Writer {
    Text(Text),
    Xlsx(Box<xlsx::Book>),
    Pdf(Box<pdf::Document>),
}

/// A report being written.
pub(super) struct Out {
    writer: Writer,
    columns: &'static [Column],
    sight: Sight,
    rows: u64,
    pieces: Pieces,
}

/// After this many rows, a writer that sends nothing yet checks whether its reader still waits, and
/// lets other reports take their turns.
const LOOK: u64 = 1_024;

impl Out {
    pub(super) fn begin(
        question: &Question,
        head: Head,
        sight: Sight,
        pieces: Pieces,
    ) -> Result<Self, Error> {
        let columns = question.report.columns();
        let writer = match question.format {
            Format::Csv => Writer::Text(Text::csv(columns, question.bom)),
            Format::Json => Writer::Text(Text::json(columns)),
            Format::Xlsx => Writer::Xlsx(Box::new(xlsx::Book::begin(columns, head)?)),
            Format::Pdf => Writer::Pdf(Box::new(pdf::Document::begin(columns, head))),
        };
        Ok(Self { writer, columns, sight, rows: 0, pieces })
    }

    /// Adds a chart of the rows, in formats that show one.
    pub(super) fn picture(&mut self, picture: impl FnOnce() -> pdf::Picture) {
        if let Writer::Pdf(document) = &mut self.writer {
            document.picture(picture());
        }
    }

    /// Writes one row, with an unmasked cell for each column; this function masks them.
    pub(super) async fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), NotCompleted> {
        if self.sight == Sight::Whole {
            return self.written(cells).await;
        }
        let of_phone = |(column, cell): (&Column, &Cell<'_>)| match cell {
            Cell::Text(text) if column.kind == Kind::Phone => PhoneNumber::from_e164(text).ok(),
            _ => None,
        };
        let about = self.columns.iter().zip(cells).find_map(of_phone);
        let seen = self.columns.iter().zip(cells).map(|(column, cell)| match cell {
            Cell::Text(text) => Some(masked(text, column, about, self.sight)),
            _ => None,
        });
        let seen: Vec<Option<Cow<'_, str>>> = seen.collect();
        let seen = seen.iter().map(Option::as_deref).zip(cells);
        let cells: Vec<_> = seen.map(|(seen, cell)| seen.map_or(*cell, Cell::Text)).collect();
        self.written(&cells).await
    }

    async fn written(&mut self, cells: &[Cell<'_>]) -> Result<(), NotCompleted> {
        self.rows += 1;
        match &mut self.writer {
            Writer::Text(text) => {
                text.row(cells);
                if let Some(piece) = text.piece() {
                    self.pieces.send(piece).await?;
                    self.pieces.turn().await;
                }
                return Ok(());
            }
            Writer::Xlsx(book) => book.row(cells)?,
            Writer::Pdf(document) => document.row(cells)?,
        }
        if self.rows.is_multiple_of(LOOK) {
            if self.pieces.is_unheard() {
                return Err(NotCompleted::Unheard);
            }
            self.pieces.turn().await;
        }
        Ok(())
    }

    /// Finishes the report and sends what is left.
    ///
    /// # Errors
    /// The error that ended it, if a reader still waits.
    pub(super) async fn end(self, written: Result<(), NotCompleted>) -> Result<(), Error> {
        let Self { writer, mut pieces, .. } = self;
        let ended = match (written, writer) {
            (Err(cut), _) => Err(cut),
            (Ok(()), Writer::Text(text)) => pieces.send(text.end()).await,
            (Ok(()), Writer::Xlsx(book)) => pack(pieces, |out| book.end(out)).await,
            (Ok(()), Writer::Pdf(document)) => pack(pieces, |out| document.end(out)).await,
        };
        match ended {
            Ok(()) | Err(NotCompleted::Unheard) => Ok(()),
            Err(NotCompleted::Failed(error)) => Err(error),
        }
    }
}

/// A cell as a reader who may not see whole numbers gets it. Every text of every report passes
/// through here on its way to the file; only text that cannot contain a number stays unchanged.
/// `about` is the number of the row.
fn masked<'t>(
    text: &'t str,
    column: &Column,
    about: Option<PhoneNumber>,
    sight: Sight,
) -> Cow<'t, str> {
    match column.kind {
        Kind::Ip | Kind::Money | Kind::Number | Kind::Time | Kind::Count | Kind::Rate => {
            Cow::Borrowed(text)
        }
        Kind::Text if column.name == "hash" => Cow::Borrowed(text),
        // Tollwarden's own documents, in which numbers are only counts.
        Kind::Text if matches!(column.name, "before" | "after") => sight.document(text),
        Kind::Text | Kind::Phone => sight.about(text, about),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::handles::HandleKey;
    use domain::period::parse_time;
    use std::time::Duration;
    use tokio::sync::mpsc;

    /// In every format, writing stops soon after its reader has gone, also in those that send
    /// nothing before the last row.
    #[tokio::test]
    async fn nobody_is_written_for_who_has_gone() {
        let now = parse_time("2026-11-20T12:00:00Z").unwrap();
        let key = HandleKey::new(&[3; 32]);
        for format in Format::ALL {
            let pairs = [("format".to_owned(), format.to_string())];
            let report = "failure-reasons".parse().unwrap();
            let question = Question::read(report, &pairs, &key, Sight::Whole, now).unwrap();
            let head = Head::of(&question, Sight::Whole, "a test");
            let (sender, receiver) = mpsc::channel(4);
            let pieces = Pieces::new(sender, Duration::from_secs(60), None);
            let mut out = Out::begin(&question, head, Sight::Whole, pieces).unwrap();
            let cells = [Cell::Text("busy"), Cell::Text("the line was busy"), Cell::Count(1)];
            out.row(&cells).await.unwrap();
            drop(receiver);
            let mut rows = 0;
            let cut = loop {
                match out.row(&cells).await {
                    Ok(()) if rows < 10_000 => rows += 1,
                    ended => break ended,
                }
            };
            assert!(
                matches!(cut, Err(NotCompleted::Unheard)),
                "{format}: {rows} more rows were written"
            );
            assert!(out.end(cut).await.is_ok(), "{format}");
        }
    }
}
