//! Watches a directory: new files are read, grown ones read on.

use super::{ImportError, Input, Options, Place, Report, Shape, Sink, Watch, files, import};
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

/// Rounds after which a file that no longer changes is taken for finished, with the record at
/// its end that nothing ended.
const SETTLED: u32 = 5;
/// Bytes before the place reached that are compared before reading on: a file that was replaced
/// instead of grown is read from its beginning.
const BEFORE: u64 = 64;

/// What a file was when it was read last.
struct Seen {
    inode: u64,
    length: u64,
    changed: Option<SystemTime>,
    resume: Option<(Place, Vec<u8>)>,
    left: bool,
    quiet: u32,
}

/// A directory that is watched.
pub struct Follow {
    directory: PathBuf,
    shape: Shape,
    source: Source,
    clock: Clock,
    seen: HashMap<PathBuf, Seen>,
}

/// What one round brought.
#[derive(Debug, Default)]
pub struct Round {
    /// What became of the records.
    pub report: Report,
    /// What could not be read; told once for each change.
    pub errors: Vec<ImportError>,
    /// Whether anything was read.
    pub worked: bool,
}

impl Follow {
    /// Begins to watch; what is there already is read in the first round.
    ///
    /// # Errors
    /// Never: the name of the source is a good one.
    pub fn new(directory: &Path, shape: Shape, clock: Clock) -> Result<Self, &'static str> {
        Ok(Self {
            directory: directory.to_owned(),
            shape,
            source: "import".parse()?,
            clock,
            seen: HashMap::new(),
        })
    }

    /// Reads what is new. Called once a second.
    ///
    /// # Errors
    /// When the directory itself cannot be read.
    pub async fn step<S: Sink>(
        &mut self,
        sink: &S,
        watch: &mut dyn Watch,
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
        watch: &mut dyn Watch,
        stop: &CancellationToken,
        round: &mut Round,
    ) {
        // Gone since it was listed: the next round knows.
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
                self.seen.insert(path.to_owned(), Seen::of(&data));
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
        // Not beyond the length seen: what comes later is the next round's.
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
            // The same again in the next round.
            return;
        }
        let mut seen = Seen::of(&data);
        seen.left = outcome.left;
        seen.resume = outcome.resume.and_then(|place| Some((place, before(path, place).ok()?)));
        if !growing {
            seen.quiet = SETTLED;
        }
        self.seen.insert(path.to_owned(), seen);
    }

    /// Where to read a file from.
    fn place(&self, path: &Path, data: &Metadata, mut file: File) -> io::Result<(File, Place)> {
        if let Some(seen) = self.seen.get(path)
            && let Some((place, bytes)) = &seen.resume
            && seen.inode == data.ino()
            && place.offset <= data.len()
            && before(path, *place)? == *bytes
        {
            file.seek(SeekFrom::Start(place.offset))?;
            return Ok((file, *place));
        }
        Ok((file, Place::START))
    }
}

impl Seen {
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

/// The bytes before a place.
fn before(path: &Path, place: Place) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let from = place.offset.saturating_sub(BEFORE);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(place.offset - from).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow").field("directory", &self.directory).finish_non_exhaustive()
    }
}
