//! Importing logs: turns a stream of bytes of any size into events, in bounded memory.
//!
//! The content decides how the stream is read: JSON lines, an array, an object with a `value`,
//! `records` or `Results` array, a Log Analytics answer with `tables`, or a CSV of Microsoft's
//! audit log; each of them plain or gzip. Each record is one of our own events or one of
//! Microsoft's.
//!
//! A thread splits and parses; the caller's task writes. A bad record never stops a file. Committed
//! events stay, whatever happens afterwards.

mod body;
mod colours;
mod csv;
mod detect;
mod error;
mod follow;
mod frame;
mod input;
mod json;
mod mend;
mod parse;
mod reader;
mod run;
mod scan;
#[cfg(test)]
mod tests;

use crate::QueueError;
use crate::ingest::{BatchCounts, Ingest, Via};
use chrono::{DateTime, Utc};
use domain::sources::{Dates, IgnoredKinds, Rejection};
use domain::{Event, Source};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use body::{BodyError, read_azure_body};
pub use error::ImportError;
pub use follow::{Follow, Round};
pub use input::{StreamPosition, is_marked, unmarked};
pub use run::{Input, import};

/// Whose records a log contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Detected for each record.
    #[default]
    Auto,
    /// Our own events.
    Neutral,
    /// Microsoft's; a record that names no service is assigned by its id.
    Azure,
    /// Microsoft's; a record that names no service belongs to Azure AD B2C.
    B2c,
    /// Microsoft's; a record that names no service belongs to Entra ID.
    Entra,
}

impl std::str::FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "neutral" => Ok(Self::Neutral),
            "azure" => Ok(Self::Azure),
            "b2c" => Ok(Self::B2c),
            "entra" => Ok(Self::Entra),
            _ => Err("must be one of auto, neutral, azure, b2c, entra"),
        }
    }
}

/// What a user specifies about a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whose records it contains.
    pub format: Format,
    /// Order of day and month in dates that do not begin with the year.
    pub dates: Dates,
}

/// How to read a log.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file name in rejections.
    pub file: Arc<str>,
    /// What the user specified about its content.
    pub shape: Shape,
    /// Source for our own events that name none.
    pub source: Source,
    /// The current time: events may be at most 24 hours ahead of it.
    pub now: DateTime<Utc>,
    /// Position in the file where the stream begins.
    pub from: StreamPosition,
    /// Whether the file may still grow: a record cut off at its end is left for later instead of
    /// being rejected.
    pub growing: bool,
}

impl Options {
    /// Options for a whole file with detected records; events without a source get `import`.
    ///
    /// # Errors
    /// Never: the source's name is valid.
    pub fn new(file: &str, now: DateTime<Utc>) -> Result<Self, &'static str> {
        Ok(Self {
            file: file.into(),
            shape: Shape::default(),
            source: "import".parse()?,
            now,
            from: StreamPosition::START,
            growing: false,
        })
    }
}

/// Counts of a log's records; the five counts after the first add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Records found.
    pub read: u64,
    /// New events.
    pub accepted: u64,
    /// Known events that were missing a field which this record has.
    pub enriched: u64,
    /// Known events.
    pub duplicates: u64,
    /// Records that are not phone verifications.
    pub ignored: u64,
    /// Records that are not valid.
    pub rejected: u64,
    /// Kinds of the ignored records.
    pub ignored_kinds: IgnoredKinds,
}

impl std::ops::AddAssign<&Self> for ImportCounts {
    fn add_assign(&mut self, other: &Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.enriched += other.enriched;
        self.duplicates += other.duplicates;
        self.ignored += other.ignored;
        self.rejected += other.rejected;
        self.ignored_kinds.merge(&other.ignored_kinds);
    }
}

/// A rejected record. Displayed as `file:line: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Name of the file.
    pub file: Arc<str>,
    /// Line in the file, from 1.
    pub line: u64,
    /// Reason for the rejection.
    pub why: Rejection,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if self.why.field.is_empty() {
            f.write_str(&self.why.message)
        } else {
            write!(f, "{}: {}", self.why.field, self.why.message)
        }
    }
}

/// Progress of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file read so far; compressed bytes if it is compressed.
    pub bytes: u64,
    /// Counts of the records so far.
    pub report: ImportCounts,
}

/// Observes an import.
pub trait ImportObserver: Send {
    /// Called for each rejected record.
    fn rejected(&mut self, _record: &Rejected) {}

    /// Called after each committed batch.
    fn progress(&mut self, _progress: Progress) {}
}

/// No observer.
impl ImportObserver for () {}

/// Where events are written.
pub trait Sink: Send + Sync {
    /// Writes a batch and returns once it is durable.
    fn submit(
        &self,
        events: Vec<Event>,
    ) -> impl Future<Output = Result<BatchCounts, QueueError>> + Send;
}

/// Writes events to the store; `Via` says how they came in.
#[derive(Debug, Clone)]
pub struct EventSink(pub Ingest, pub Via);

impl Sink for EventSink {
    async fn submit(&self, events: Vec<Event>) -> Result<BatchCounts, QueueError> {
        self.0.submit(events, self.1).await
    }
}

/// Result of an import.
#[derive(Debug)]
pub struct Outcome {
    /// Counts of the records; exact, however the import ended.
    pub report: ImportCounts,
    /// Why it stopped early; also `None` if it was cancelled.
    pub error: Option<ImportError>,
    /// Where to continue if the file has grown, if that is possible.
    pub resume: Option<StreamPosition>,
    /// Whether a record at the end was left for later (see [`Options::growing`]).
    pub left: bool,
}

/// All files under a directory, sorted, except hidden ones.
///
/// # Errors
/// If a directory cannot be read.
pub fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Follows links, as `open` would; a broken link is not a file.
            match std::fs::metadata(entry.path()) {
                // A link to a directory may lead back up and cause an endless loop.
                Ok(data) if data.is_dir() && !entry.file_type()?.is_symlink() => {
                    directories.push(entry.path());
                }
                Ok(data) if data.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
