//! Logs in: a stream of bytes of any size becomes events, in bounded memory.
//!
//! What the stream holds is told by its content: JSON lines, an array, an object with a `value`,
//! `records` or `Results` array, a Log Analytics answer with `tables`, or a CSV of Microsoft's audit
//! log; any of them plain or gzip. Records are our own events or Microsoft's, record by record.
//!
//! A thread splits and parses; the caller's task writes. One bad record never stops a file. What
//! is committed stays, whatever happens afterwards.

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
use crate::ingest::{Counts, Ingest, Via};
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
pub use input::{Place, Upload, is_marked, unmarked, upload};
pub use run::{Input, import};

/// Whose records a log holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Told record by record.
    #[default]
    Auto,
    /// Our own events.
    Neutral,
    /// Microsoft's; a record that names no service is told by its id.
    Azure,
    /// Microsoft's; a record that names no service is Azure AD B2C's.
    B2c,
    /// Microsoft's; a record that names no service is Entra ID's.
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

/// What a user says of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whose records it holds.
    pub format: Format,
    /// How it writes dates that do not begin with the year.
    pub dates: Dates,
}

/// How to read a log.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name that rejections are told with.
    pub file: Arc<str>,
    /// What it holds, as far as the user has said.
    pub shape: Shape,
    /// The source of our own events that name none.
    pub source: Source,
    /// The present: events may not lie more than 24 hours ahead.
    pub now: DateTime<Utc>,
    /// Where the stream begins in its file.
    pub from: Place,
    /// Whether the file may still be growing: a record cut off at its end is left for later
    /// instead of being rejected.
    pub growing: bool,
}

impl Options {
    /// A whole file, told record by record; events without a source are `import`'s.
    ///
    /// # Errors
    /// Never: the name is a good one.
    pub fn new(file: &str, now: DateTime<Utc>) -> Result<Self, &'static str> {
        Ok(Self {
            file: file.into(),
            shape: Shape::default(),
            source: "import".parse()?,
            now,
            from: Place::START,
            growing: false,
        })
    }
}

/// What became of a log's records; the five counts behind the first add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Records found.
    pub read: u64,
    /// New events.
    pub accepted: u64,
    /// Events known already that lacked something which this record has.
    pub enriched: u64,
    /// Events known already.
    pub duplicates: u64,
    /// Records that are no phone verification.
    pub ignored: u64,
    /// Records that could not be taken.
    pub rejected: u64,
    /// Of what kinds the ignored ones are.
    pub ignored_kinds: IgnoredKinds,
}

impl std::ops::AddAssign<&Self> for Report {
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

/// A record that was not taken. Shown as `file:line: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u64,
    /// Why.
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

/// How far an import is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file read, packed if it is.
    pub bytes: u64,
    /// What became of the records so far.
    pub report: Report,
}

/// Who looks on.
pub trait Watch: Send {
    /// A record was not taken.
    fn rejected(&mut self, _record: &Rejected) {}

    /// A batch is committed.
    fn progress(&mut self, _progress: Progress) {}
}

/// Nobody looks on.
impl Watch for () {}

/// Where events go.
pub trait Sink: Send + Sync {
    /// Takes a batch; answers when it is durable.
    fn submit(&self, events: Vec<Event>)
    -> impl Future<Output = Result<Counts, QueueError>> + Send;
}

/// The door for events, and the way they came.
#[derive(Debug, Clone)]
pub struct Door(pub Ingest, pub Via);

impl Sink for Door {
    async fn submit(&self, events: Vec<Event>) -> Result<Counts, QueueError> {
        self.0.submit(events, self.1).await
    }
}

/// How an import ended.
#[derive(Debug)]
pub struct Outcome {
    /// What became of the records; exact, however it ended.
    pub report: Report,
    /// Why it ended before its end; none also when it was called off.
    pub error: Option<ImportError>,
    /// Where reading may go on when the file has grown, if it may.
    pub resume: Option<Place>,
    /// Whether a record at the end was left for later (see [`Options::growing`]).
    pub left: bool,
}

/// All files under a directory, sorted; hidden ones are left out.
///
/// # Errors
/// When a directory cannot be read.
pub fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Follows links, as `open` would; one that leads nowhere is no file.
            match std::fs::metadata(entry.path()) {
                // A link to a directory may lead back up, without end.
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
