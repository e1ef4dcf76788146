//! XLSX: a sheet of typed cells, and one that says what they show. Rows are kept in a file until
//! the last one; then the workbook is compressed while it is sent.

use super::cell::Cell;
use super::head::{Head, thousands};
use super::pieces::Sending;
use crate::Error;
use chrono::{DateTime, Utc};
use domain::reports::{Column, Kind};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use std::borrow::Cow;

/// Most characters in a cell (Excel's specification, "Total number of characters that a cell can
/// contain").
const CELL: usize = 32_767;
/// How many rows determine the column widths.
const MEASURED: u32 = 500;
/// Minimum and maximum width of a text column, in characters.
const WIDTHS: (usize, usize) = (9, 60);

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        Self::Report(std::io::Error::other(error))
    }
}

/// A workbook being written.
pub(super) struct Book {
    book: Workbook,
    sheet: Worksheet,
    columns: &'static [Column],
    head: Head,
    widths: Vec<usize>,
    rows: u32,
    /// Number of cells that were cut.
    cut: u64,
    formats: Formats,
}

struct Formats {
    strong: Format,
    time: Format,
    count: Format,
    plain: Format,
    rate: Format,
}

impl Book {
    pub(super) fn begin(columns: &'static [Column], head: Head) -> Result<Self, Error> {
        let mut book = Workbook::new();
        // The file's own timestamp is that of the question, so that the same question gives the
        // same file.
        let properties = DocProperties::new()
            .set_title(head.title)
            .set_subject(head.name)
            .set_company("Tollwarden")
            .set_creation_datetime(&ExcelDateTime::from_timestamp(head.as_of.timestamp())?);
        book.set_properties(&properties);
        let formats = Formats {
            strong: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0x00E9_EDF2))
                .set_border_bottom(FormatBorder::Thin),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            count: Format::new().set_num_format("#,##0"),
            plain: Format::new().set_num_format("0"),
            rate: Format::new().set_num_format("0.0000"),
        };
        let mut sheet = book.new_worksheet_with_constant_memory()?;
        sheet.set_name(head.name)?;
        for (at, column) in columns.iter().enumerate() {
            let mut strong = formats.strong.clone();
            if column.kind.is_number() {
                strong = strong.set_align(FormatAlign::Right);
            }
            sheet.write_string_with_format(0, place(at), column.name, &strong)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        let widths = columns.iter().map(|column| column.name.len() + 2).collect();
        Ok(Self { book, sheet, columns, head, widths, rows: 0, cut: 0, formats })
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        self.rows += 1;
        for (at, cell) in cells.iter().enumerate() {
            let (row, column) = (self.rows, place(at));
            let kind = self.columns.get(at).map_or(Kind::Text, |column| column.kind);
            match *cell {
                Cell::Nothing | Cell::Text("") => {}
                Cell::Text(words) => {
                    if self.rows <= MEASURED {
                        let longest = words.lines().map(|line| line.chars().count()).max();
                        self.widths[at] = self.widths[at].max(longest.unwrap_or(0) + 2);
                    }
                    let kept = shortened(words);
                    self.cut += u64::from(kept.len() < words.len());
                    self.sheet.write_string(row, column, kept)?;
                }
                Cell::Time(time) => {
                    let format = &self.formats.time;
                    self.sheet.write_number_with_format(row, column, serial(time), format)?;
                }
                Cell::Count(count) => {
                    let format = match kind {
                        Kind::Number => &self.formats.plain,
                        _ => &self.formats.count,
                    };
                    // Excel's numbers are doubles: exact up to 2^53.
                    self.sheet.write_number_with_format(row, column, count as f64, format)?;
                }
                Cell::Rate(rate) => {
                    let (rate, format) = (rate as f64 / 10_000.0, &self.formats.rate);
                    self.sheet.write_number_with_format(row, column, rate, format)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn end(mut self: Box<Self>, out: &mut Sending) -> Result<(), Error> {
        for (at, column) in self.columns.iter().enumerate() {
            let width = match column.kind {
                Kind::Time => 24,
                Kind::Phone => 18,
                Kind::Number | Kind::Count | Kind::Rate => 12,
                Kind::Text | Kind::Money | Kind::Ip => self.widths[at].clamp(WIDTHS.0, WIDTHS.1),
            };
            // At most 60.
            self.sheet.set_column_width(place(at), width as f64)?;
        }
        let last = place(self.columns.len().saturating_sub(1));
        self.sheet.autofilter(0, 0, self.rows, last)?;
        let about = self.about()?;
        self.book.push_worksheet(self.sheet);
        self.book.push_worksheet(about);
        Ok(self.book.save_to_writer(out)?)
    }

    /// The sheet that says what the rows show.
    fn about(&self) -> Result<Worksheet, Error> {
        let mut about = Worksheet::new();
        about.set_name("About")?;
        let mut lines = vec![("Title", self.head.title.to_owned())];
        lines.extend(self.head.lines.iter().cloned());
        lines.push(("Rows", thousands(u64::from(self.rows))));
        if self.cut > 0 {
            let cut = self.cut;
            let words = format!("{cut} longer than a cell can be; csv and json contain all of it");
            lines.push(("Cells cut", words));
        }
        for (row, (name, value)) in (0..).zip(&lines) {
            about.write_string_with_format(row, 0, *name, &self.formats.strong)?;
            about.write_string(row, 1, shortened(value))?;
        }
        about.set_column_width(0, 20)?;
        about.set_column_width(1, 60)?;
        Ok(about)
    }
}

/// A column's index; no report has many columns.
fn place(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A text that fits into a cell; longer text is cut and ends with `…`.
fn shortened(text: &str) -> Cow<'_, str> {
    // The limit counts UTF-16 units; no text has more of them than bytes.
    if text.len() <= CELL || text.encode_utf16().count() <= CELL {
        return Cow::Borrowed(text);
    }
    let mut units = 1;
    let mut kept: String = text
        .chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units <= CELL
        })
        .collect();
    kept.push('…');
    Cow::Owned(kept)
}

/// A time as a spreadsheet's serial number: days since the end of 1899 (dates are exact from March
/// 1900 on).
fn serial(time: DateTime<Utc>) -> f64 {
    const UNIX: f64 = 25_569.0;
    let micros = time.timestamp_micros();
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    UNIX + days as f64 + rest as f64 / 86_400_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    #[test]
    fn times_are_days() {
        let of = |text| serial(parse_time(text).unwrap());
        assert_eq!(of("2000-01-01T00:00:00Z"), 36_526.0);
        assert_eq!(of("2026-11-20T12:00:00Z"), 46_346.5);
    }

    #[test]
    fn what_is_longer_than_a_cell_is_cut() {
        let whole = "x".repeat(CELL);
        assert_eq!(shortened(&whole), whole);
        let long = "é😀".repeat(CELL);
        let kept = shortened(&long);
        assert!(kept.ends_with('…') && kept.encode_utf16().count() <= CELL);
    }
}
