//! Turns the bytes of a record into an event, or rejects them with line and column.

use super::frame::RecordSyntax;
use super::input::StreamPosition;
use super::reader::Item;
use super::{Format, Options};
use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use domain::sources::azure::{self, Field};
use domain::sources::{Read, Rejection, neutral};
use domain::{Fault, Source};
use serde::Deserialize;
use std::cell::Cell;

/// Most cells in a line of a table.
const CELLS: usize = 1_024;

/// The columns of a table.
#[derive(Default)]
struct Header {
    columns: Vec<Option<Column>>,
    /// How many cells a line needs to identify its record: Excel leaves out blank cells at the end.
    needed: usize,
}

struct Column {
    field: Field,
    /// Whether there are several of this kind: the first cell with content counts.
    again: bool,
}

impl Header {
    fn new(fields: Vec<Option<Field>>) -> Self {
        let first = |wanted: &[Field]| {
            fields.iter().position(|field| field.is_some_and(|field| wanted.contains(&field)))
        };
        let needed = [
            first(&[Field::Id]),
            first(&[Field::Operation, Field::Activity]),
            first(&[Field::ActivityTime, Field::LogTime, Field::CreatedTime]),
            first(&[Field::Result]),
        ];
        let needed = needed.into_iter().flatten().max().map_or(0, |last| last + 1);
        let many = |field: &Field| {
            !field.is_repeated()
                && fields.iter().flatten().filter(|other| *other == field).count() > 1
        };
        let column = |field: Field| Column { field, again: many(&field) };
        let columns = fields.iter().map(|field| field.map(column)).collect();
        Self { columns, needed }
    }
}

/// Result for a record; a rejection has its line.
pub(super) type RecordResult = Result<Read, (u64, Rejection)>;

/// Parses the records of one file.
pub(super) struct Parser<'o> {
    options: &'o Options,
    /// Source for records that do not name a service, if the user specified it.
    service: Option<Source>,
    /// Whether the last record was one of our own: the next one probably is too.
    own: bool,
    /// Which other Microsoft log the file contains, if its first record says so.
    other: Cell<Option<&'static str>>,
    /// Whether this is a file, which contains one log; a request may contain several.
    pub(super) whole_file: bool,
    begun: Cell<bool>,
    /// The columns from the table's header.
    header: Header,
    cells: Vec<u8>,
    ends: Vec<usize>,
    csv: csv_core::Reader,
}

impl<'o> Parser<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        let service = match options.shape.format {
            Format::B2c => "b2c".parse().ok(),
            Format::Entra => "entra".parse().ok(),
            Format::Auto | Format::Neutral | Format::Azure => None,
        };
        Self {
            options,
            service,
            own: options.shape.format == Format::Neutral,
            other: Cell::default(),
            whole_file: true,
            begun: Cell::default(),
            header: Header::default(),
            cells: Vec::new(),
            ends: vec![0; CELLS],
            csv: csv_core::Reader::new(),
        }
    }

    pub(super) fn record(
        &mut self,
        form: RecordSyntax,
        at: StreamPosition,
        bytes: &[u8],
        columns: &[String],
    ) -> RecordResult {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(at, bytes, &error))?;
        match form {
            RecordSyntax::Json => self.json(at, text),
            RecordSyntax::Row => self.row(at, text, columns),
            RecordSyntax::Cells => self.line(at, text, true),
            RecordSyntax::LastCells => self.line(at, text, false),
            // See `header`.
            RecordSyntax::Header(_) => Ok(Read::Ignored(String::new())),
        }
    }

    fn json(&mut self, at: StreamPosition, text: &str) -> RecordResult {
        let refused = |rejection| (at.line, rejection);
        if self.own || self.options.shape.format == Format::Neutral {
            let record: neutral::Record<'_> = read_json(at, text)?;
            if !record.is_foreign() || self.options.shape.format == Format::Neutral {
                return self.event(record).map_err(refused);
            }
        }
        let record: azure::Record<'_> = read_json(at, text)?;
        if record.is_recognised() {
            self.own = false;
            return self.judge(&record).map_err(refused);
        }
        if self.options.shape.format != Format::Auto {
            return Err(refused(unknown_shape("is not an audit record of Microsoft's")));
        }
        let record: neutral::Record<'_> = read_json(at, text)?;
        if record.is_unrecognised() {
            return Err(refused(unknown_shape(
                "is neither an event (id, time, kind, ...) nor an audit record of Microsoft's",
            )));
        }
        self.own = true;
        self.event(record).map_err(refused)
    }

    fn event(&self, record: neutral::Record<'_>) -> Result<Read, Rejection> {
        let event = record.event(&self.options.source, self.options.now)?;
        Ok(Read::Event(Box::new(event)))
    }

    fn judge(&self, record: &azure::Record<'_>) -> Result<Read, Rejection> {
        if !self.begun.replace(true) {
            self.other.set(record.other_log());
        }
        record.read(self.service.as_ref(), self.options.shape.dates, self.options.now)
    }

    fn row(&mut self, at: StreamPosition, text: &str, columns: &[String]) -> RecordResult {
        let values: Vec<serde_json::Value> = read_json(at, text)?;
        if values.len() != columns.len() {
            return Err((at.line, cells(values.len(), columns.len())));
        }
        let object = columns.iter().cloned().zip(values).collect();
        let object = serde_json::Value::Object(object);
        azure::Record::deserialize(&object)
            .map_err(|error| Rejection::new(Fault::of_json(&error), "", error.to_string()))
            .and_then(azure::Record::recognised)
            .and_then(|record| self.judge(&record))
            .map_err(|rejection| (at.line, rejection))
    }

    /// Reads the header of a table.
    ///
    /// # Errors
    /// If none of the columns is known.
    pub(super) fn header(&mut self, bytes: &[u8], delimiter: u8) -> Result<(), String> {
        self.csv = ReaderBuilder::new()
            .delimiter(delimiter)
            // The splitter handles line ends; a carriage return alone is not one.
            .terminator(Terminator::Any(b'\n'))
            .build();
        let names = String::from_utf8_lossy(bytes).into_owned();
        let count =
            self.split(&names).map_err(|_| format!("its header has over {CELLS} columns"))?;
        let mut start = 0;
        let mut header = Vec::with_capacity(count);
        for end in &self.ends[..count] {
            let name = String::from_utf8_lossy(&self.cells[start..*end]);
            if name.trim().to_ascii_lowercase().ends_with("[local time]") {
                return Err(format!(
                    "has local times of the person who exported it, in the column {name}, without \
                     the time zone; choose UTC in the portal and export it again"
                ));
            }
            header.push(Field::of_column(&name));
            start = *end;
        }
        let has = |wanted: &[Field]| header.iter().flatten().any(|field| wanted.contains(field));
        let what = has(&[Field::Operation, Field::Activity])
            || header.iter().flatten().any(|field| field.is_of_sign_in());
        let when = has(&[Field::ActivityTime, Field::LogTime, Field::CreatedTime]);
        if self.options.shape.format == Format::Neutral || !what || !when {
            if let Some(other) = azure::other_table(&names) {
                return Err(format!("is {other}"));
            }
            let shown = names.trim_end().chars().filter(|letter| !letter.is_control());
            let names: String = shown.take(120).collect();
            return Err(format!(
                "is neither JSON nor a CSV of Microsoft's audit or sign-in log, which has columns \
                 OperationName and TimeGenerated (in UTC), or the portal's in English; it begins \
                 with: {names}"
            ));
        }
        self.header = Header::new(header);
        Ok(())
    }

    /// Parses a line of a table. `ended` says whether a line end follows.
    fn line(&mut self, at: StreamPosition, text: &str, ended: bool) -> RecordResult {
        let refused = |rejection| (at.line, rejection);
        let count = self.split(text).map_err(refused)?;
        let Header { columns, needed } = &self.header;
        let enough = count >= columns.len() || ended && count >= *needed;
        let surplus = self.ends[..count].get(columns.len().saturating_sub(1)..);
        let surplus = surplus.and_then(|ends| self.cells.get(*ends.first()?..*ends.last()?));
        if !enough || surplus.is_some_and(|cells| !cells.trim_ascii().is_empty()) {
            return Err(refused(cells(count, columns.len())));
        }
        // Cells are parts of UTF-8 text, cut at ASCII characters.
        let cells = std::str::from_utf8(self.cells.get(..self.ends[count - 1]).unwrap_or_default())
            .map_err(|error| refused(Rejection::new(Fault::Unreadable, "", error.to_string())))?;
        let mut record = azure::Record::default();
        let (mut start, mut said) = (0, Vec::new());
        for (column, end) in columns.iter().zip(&self.ends[..count]) {
            if let (Some(Column { field, again }), Some(cell)) = (column, cells.get(start..*end)) {
                let passed = *again && (cell.trim().is_empty() || said.contains(field));
                if *again && !passed {
                    said.push(*field);
                }
                if !passed {
                    record.set(*field, cell);
                }
            }
            start = *end;
        }
        self.judge(&record).map_err(refused)
    }

    /// Splits a line into `cells`, with their ends in `ends`; returns their number, at least one.
    fn split(&mut self, text: &str) -> Result<usize, Rejection> {
        let text = text.strip_suffix('\r').unwrap_or(text);
        // Without its quotes a line never gets longer.
        self.cells.resize(text.len().max(1), 0);
        self.csv.reset();
        let (result, _, written, count) =
            self.csv.read_record(text.as_bytes(), &mut self.cells, &mut self.ends);
        let done = match result {
            // The line has no line end: empty input signals its end.
            ReadRecordResult::InputEmpty => {
                let (cells, ends) = (&mut self.cells[written..], &mut self.ends[count..]);
                let (result, _, _, more) = self.csv.read_record(&[], cells, ends);
                (result == ReadRecordResult::Record).then_some(count + more)
            }
            ReadRecordResult::Record => Some(count),
            _ => None,
        };
        done.filter(|count| *count > 0).ok_or_else(|| {
            Rejection::new(Fault::Unreadable, "", format!("malformed CSV: more than {CELLS} cells"))
        })
    }
}

fn unknown_shape(message: &str) -> Rejection {
    Rejection::new(Fault::Unreadable, "", message)
}

fn cells(found: usize, wanted: usize) -> Rejection {
    let message = format!("malformed CSV: {found} cells where the header has {wanted}");
    Rejection::new(Fault::Unreadable, "", message)
}

/// Parses JSON; an error has its position in the file.
fn read_json<'a, T: Deserialize<'a>>(
    at: StreamPosition,
    text: &'a str,
) -> Result<T, (u64, Rejection)> {
    serde_json::from_str(text).map_err(|error| {
        let first = error.line() <= 1;
        let line = at.line + (error.line() as u64).saturating_sub(1);
        let column = error.column() as u64 + if first { at.column - 1 } else { 0 };
        let message = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&suffix).unwrap_or(&message);
        let message = format!("malformed JSON at line {line}, column {column}: {message}");
        (line, Rejection::new(Fault::of_json(&error), "", message))
    })
}

fn not_utf8(at: StreamPosition, bytes: &[u8], error: &std::str::Utf8Error) -> (u64, Rejection) {
    let wrong = at.after(&bytes[..error.valid_up_to()]);
    let message = format!(
        "is not UTF-8 at line {}, column {}; save the file as UTF-8",
        wrong.line, wrong.column
    );
    (wrong.line, Rejection::new(Fault::Unreadable, "", message))
}

/// Result for one item of a stream, and whether it was the last; nothing for a header.
///
/// # Errors
/// What the stream is instead of a log.
pub(super) fn item(
    parser: &mut Parser<'_>,
    item: Item<'_>,
) -> Result<(Option<RecordResult>, bool), String> {
    let record = match item {
        Item::Record { form: RecordSyntax::Header(delimiter), bytes, .. } => {
            parser.header(bytes, delimiter)?;
            return Ok((None, false));
        }
        Item::Record { form, at, bytes, columns } => {
            let judged = parser.record(form, at, bytes, columns);
            if let Some(other) = parser.other.get().filter(|_| parser.whole_file) {
                return Err(format!("is {other}"));
            }
            judged
        }
        Item::Bad { at, fault, message } => {
            let message = format!("{message} at line {}, column {}", at.line, at.column);
            Err((at.line, Rejection::new(fault, "", message)))
        }
        // A cut-off record is malformed JSON or CSV, and its parser says where.
        Item::Cut { record: true, at, bytes } if parser.header.columns.is_empty() => {
            let cut = parser.record(RecordSyntax::Json, at, bytes, &[]);
            return Ok((Some(cut), true));
        }
        Item::Cut { at, bytes, record } => {
            let end = at.after(bytes);
            let what = if record { "a quoted cell" } else { "its list of records" };
            let message = format!(
                "the file ends before {what} does, at line {}, column {}",
                end.line, end.column
            );
            let cut = Err((end.line, Rejection::new(Fault::Unreadable, "", message)));
            return Ok((Some(cut), true));
        }
        Item::Wait | Item::End => return Ok((None, false)),
    };
    Ok((Some(record), false))
}
