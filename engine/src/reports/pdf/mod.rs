//! PDF: title, facts about the rows, a chart if the report has one, and a table whose header is
//! repeated on every page. All layout is done here (krilla draws glyphs but does not lay out text).
//! Rows are kept until the last one, because every page shows their total.

mod fonts;
mod paper;
mod picture;
mod shape;
mod sheet;
mod table;

pub(super) use picture::Picture;

use super::cell::Cell;
use super::head::{Head, too_many};
use super::pieces::Sending;
use crate::Error;
use domain::reports::{Clockface, Column, Format, rate_text};
use std::io::Write as _;
use table::Row;

/// Longer cells are cut before layout: a page could not hold them.
const LONGEST: usize = 4_000;

/// A document being written.
pub(super) struct Document {
    columns: &'static [Column],
    head: Head,
    picture: Option<Picture>,
    rows: Vec<Row>,
    clock: Clockface,
}

impl Document {
    pub(super) fn begin(columns: &'static [Column], head: Head) -> Self {
        let clock = Clockface::default();
        Self { columns, head, picture: None, rows: Vec::new(), clock }
    }

    pub(super) fn picture(&mut self, picture: Picture) {
        self.picture = Some(picture);
    }

    /// Adds a row. There were more rows at the count than fit; later ones must not fill the memory.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        let most = Format::Pdf.most_rows().unwrap_or(u64::MAX);
        if self.rows.len() as u64 >= most {
            let words = too_many(Format::Pdf).map(|invalid| invalid.to_string());
            return Err(Error::Report(std::io::Error::other(words.unwrap_or_default())));
        }
        let clock = &mut self.clock;
        let text = |cell: &Cell<'_>| -> Box<str> {
            match *cell {
                Cell::Nothing => "".into(),
                Cell::Text(words) => bounded(words).into(),
                Cell::Time(time) => {
                    let mut text = String::with_capacity(27);
                    clock.write(time, &mut text);
                    text.into()
                }
                Cell::Count(count) => count.to_string().into(),
                Cell::Rate(rate) => rate_text(rate).into(),
            }
        };
        self.rows.push(cells.iter().map(text).collect());
        Ok(())
    }

    pub(super) fn end(self, out: &mut Sending) -> Result<(), Error> {
        let Self { columns, head, picture, rows, .. } = self;
        let bytes = sheet::set(columns, &head, picture.as_ref(), &rows)?;
        out.write_all(&bytes).map_err(Error::Report)
    }
}

/// The beginning of a text that is far too long for a cell; [`table`] cuts it further and marks it.
fn bounded(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
