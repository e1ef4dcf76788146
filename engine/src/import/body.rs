//! A request's body with Microsoft's records.

use super::input::{Buffer, Place};
use super::parse::{Parser, item};
use super::reader::{Item, Reader};
use super::{Format, Options};
use chrono::{DateTime, Utc};
use domain::sources::{Read, Rejection};
use std::io::Cursor;

/// Why a body is no log at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body {0}")]
pub struct NotALog(pub String);

/// Reads the records of a body in any of Microsoft's shapes, in order: a Graph page, diagnostic
/// settings' lines or `records` array, Log Analytics' JSON or CSV. The body is unpacked already.
/// A record's place in the list is its index.
///
/// # Errors
/// When the body is no log at all. A record that cannot be read is a rejection in its place; its
/// code is `malformed` where JSON or CSV is, and the message has line and column.
pub fn read_azure_body(
    body: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<Vec<Result<Read, Rejection>>, NotALog> {
    let mut options = Options::new("", now).map_err(|message| NotALog(message.to_owned()))?;
    // Our own events have a door of their own.
    options.format = Format::Azure;
    let mut reader = Reader::new(Buffer::new(Box::new(Cursor::new(body)), Place::START), false);
    let mut parser = Parser::new(&options);
    let mut records = Vec::new();
    loop {
        match reader.next().map_err(|what| NotALog(what.to_owned()))? {
            Item::End => return Ok(records),
            // Memory does not fail to be read.
            Item::Wait => reader.fill().map_err(|error| NotALog(error.to_string()))?,
            found => {
                let (record, last) = item(&mut parser, found).map_err(NotALog)?;
                records.extend(record.map(|read| read.map_err(|(_, why)| why)));
                if last {
                    return Ok(records);
                }
            }
        }
    }
}
