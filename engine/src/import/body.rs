//! A request body with Microsoft's records.

use super::input::{Buffer, StreamPosition};
use super::parse::{Parser, item};
use super::reader::{Item, Reader};
use super::{Format, Options};
use chrono::{DateTime, Utc};
use domain::sources::{Read, Rejection};
use std::io;

/// Why a body is refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is not a log.
    #[error("the body {0}")]
    NotALog(String),
    /// It has more records than the limit.
    #[error("the body holds too many records")]
    TooMany,
    /// It ended early.
    #[error("the body cannot be read: {0}")]
    Unread(#[from] io::Error),
}

/// Reads the records of a decompressed body in any of Microsoft's shapes, in order: a Graph page,
/// diagnostic settings' lines or `records` array, Log Analytics' JSON or CSV. A record's index is
/// its position in the list. Reading stops after the first record beyond `most`.
///
/// # Errors
/// [`BodyError`] if the body is not a log, has more than `most` records, or ends early. A record
/// that cannot be read becomes a rejection at its position. If its JSON or CSV is malformed, the
/// rejection's code is `malformed` and its message has line and column.
pub fn read_azure_body(
    body: Box<dyn io::Read + Send>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Result<Read, Rejection>>, BodyError> {
    let not_a_log = |what: &str| BodyError::NotALog(what.to_owned());
    let mut options = Options::new("", now).map_err(not_a_log)?;
    // Our own events have a separate endpoint.
    options.shape.format = Format::Azure;
    let mut reader = Reader::new(Buffer::new(body, StreamPosition::START), false);
    let mut parser = Parser::new(&options);
    parser.whole_file = false;
    let mut records = Vec::new();
    loop {
        match reader.next().map_err(not_a_log)? {
            Item::End => return Ok(records),
            Item::Wait => reader.fill()?,
            found => {
                let (record, last) = item(&mut parser, found).map_err(BodyError::NotALog)?;
                records.extend(record.map(|read| read.map_err(|(_, why)| why)));
                if records.len() > most {
                    return Err(BodyError::TooMany);
                }
                if last {
                    return Ok(records);
                }
            }
        }
    }
}
