//! Watches a directory: reads new files, and continues files that have grown.

use super::{
    ImportCounts, ImportError, ImportObserver, Input, Options, Shape, Sink, StreamPosition, files,
    import,
};
use domain::Source;
use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use store::Clock;
use tokio_util::sync::CancellationToken;

/// After this many rounds without change a file counts as finished, including an unterminated
/// record at its end.
const SETTLED: u32 = 5;
/// How many bytes before the last position are compared before reading on: a file that was replaced
/// instead of extended is read from its beginning.
const BEFORE: u64 = 64;

/// State of a file when it was last read.
struct FileState {
    inode: u64,
    length: u64,
    changed: Option<SystemTime>,
    resume: Option<(StreamPosition, Vec<u8>)>,
    left: bool,
    quiet: u32,
}

/// A watched directory.
pub struct Follow {
    directory: PathBuf,
    shape: Shape,
    source: Source,
    clock: Clock,
    seen: HashMap<PathBuf, FileState>,
}

/// The result of one round.
#[derive(Debug, Default)]
pub struct Round {
    /// Counts of the records.
    pub report: ImportCounts,
    /// What could not be read; reported once for each change.
    pub errors: Vec<ImportError>,
    /// Whether anything was read.
    pub worked: bool,
}

impl Follow {
    /// Starts watching; the first round reads what exists already.
    ///
    /// # Errors
    /// Never: the source's name is valid.
    pub fn new(directory: &Path, shape: Shape, clock: Clock) -> Result<Self, &'static str> {
        Ok(Self {
            directory: directory.to_owned(),
            shape,
            source: "import".parse()?,
            clock,
            seen: HashMap::new(),
        })
    }

    /// Reads what is new. Call it once a second.
    ///
    /// # Errors
    /// If the directory itself cannot be read.
    pub async fn step<S: Sink>(
        &mut self,
        sink: &S,
        watch: &mut dyn ImportObserver,
        stop: &CancellationToken,
    ) -> io::Result<Round> {
        let found = files(&self.directory)?;
        self.seen.retain(|path, _| found.binary_search(path).is_ok());
        let mut round = Round::default();
        for path in found {
            if stop.is_cancelled() {
                break;
            }
            self.file(&path, sink, watch, stop, &mut round).await;
        }
        Ok(round)
    }

    async fn file<S: Sink>(
        &mut self,
        path: &Path,
        sink: &S,
        watch: &mut dyn ImportObserver,
        stop: &CancellationToken,
        round: &mut Round,
    ) {
        // Deleted since it was listed: the next round notices.
        let Ok(data) = std::fs::metadata(path) else { return };
        let mut growing = true;
        if let Some(seen) = self.seen.get_mut(path)
            && seen.is(&data)
        {
            seen.quiet = seen.quiet.saturating_add(1);
            if !seen.left || seen.quiet != SETTLED {
                return;
            }
            growing = false;
        }
        let name: Arc<str> = path.display().to_string().into();
        let opened = File::open(path).and_then(|file| self.place(path, &data, file));
        let (input, from) = match opened {
            Ok(opened) => opened,
            Err(cause) => {
                round.errors.push(ImportError::Open { file: name, cause });
                self.seen.insert(path.to_owned(), FileState::of(&data));
                return;
            }
        };
        let options = Options {
            file: name,
            shape: self.shape,
            source: self.source.clone(),
            now: self.clock.now(),
            from,
            growing,
        };
        // Not beyond the known length: later bytes are left for the next round.
        let input = input.take(data.len().saturating_sub(from.offset));
        let input = Input::Stream(Box::new(input));
        let outcome = import(input, options, sink, watch, stop).await;
        round.worked = true;
        round.report += &outcome.report;
        if stop.is_cancelled() {
            return;
        }
        let store_is_away = matches!(outcome.error, Some(ImportError::Ingest(_)));
        round.errors.extend(outcome.error);
        if store_is_away {
            // Tries again in the next round.
            return;
        }
        let mut seen = FileState::of(&data);
        seen.left = outcome.left;
        seen.resume = outcome.resume.and_then(|place| Some((place, before(path, place).ok()?)));
        if !growing {
            seen.quiet = SETTLED;
        }
        self.seen.insert(path.to_owned(), seen);
    }

    /// Where to start reading a file.
    fn place(
        &self,
        path: &Path,
        data: &Metadata,
        mut file: File,
    ) -> io::Result<(File, StreamPosition)> {
        if let Some(seen) = self.seen.get(path)
            && let Some((place, bytes)) = &seen.resume
            && seen.inode == data.ino()
            && place.offset <= data.len()
            && before(path, *place)? == *bytes
        {
            file.seek(SeekFrom::Start(place.offset))?;
            return Ok((file, *place));
        }
        Ok((file, StreamPosition::START))
    }
}

impl FileState {
    fn of(data: &Metadata) -> Self {
        Self {
            inode: data.ino(),
            length: data.len(),
            changed: data.modified().ok(),
            resume: None,
            left: false,
            quiet: 0,
        }
    }

    fn is(&self, data: &Metadata) -> bool {
        self.inode == data.ino()
            && self.length == data.len()
            && self.changed == data.modified().ok()
    }
}

/// The bytes before a position.
fn before(path: &Path, place: StreamPosition) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let from = place.offset.saturating_sub(BEFORE);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(place.offset - from).read_to_end(&mut bytes)?;
    Ok(bytes)
}
