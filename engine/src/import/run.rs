//! The pipeline: a thread reads, splits and parses; the caller's task writes batches.

use super::input::{Buffer, open};
use super::parse::Parser;
use super::reader::{Item, Reader};
use super::{
    ImportCounts, ImportError, ImportObserver, Options, Outcome, Progress, Rejected, Sink,
};
use domain::Event;
use domain::sources::{IgnoredKinds, Read};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Most events in one batch.
const BATCH: usize = 2_000;
/// Events that the thread passes on at once; a batch consists of several such pieces.
const PIECE: usize = 500;
/// Most pieces that may wait.
const WAITING: usize = 8;

/// What to import.
pub enum Input {
    /// A file, opened by the reading thread.
    File(PathBuf),
    /// A stream.
    Stream(Box<dyn io::Read + Send>),
}

impl Input {
    fn open(self) -> io::Result<Box<dyn io::Read + Send>> {
        match self {
            Self::File(path) => {
                let file = std::fs::File::open(path)?;
                // Opening a directory succeeds; reading it fails with a less clear message.
                if file.metadata()?.is_dir() {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                Ok(Box::new(file))
            }
            Self::Stream(stream) => Ok(stream),
        }
    }
}

/// Records that are parsed but not written yet.
#[derive(Default)]
struct Piece {
    events: Vec<Event>,
    ignored: IgnoredKinds,
    rejected: Vec<Rejected>,
}

impl Piece {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.ignored.is_empty() && self.rejected.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.ignored.merge(&other.ignored);
        self.rejected.extend(other.rejected);
    }
}

/// Imports one stream. If it is cancelled through `stop`, it finishes the current batch.
pub async fn import<S: Sink>(
    input: Input,
    options: Options,
    sink: &S,
    watch: &mut dyn ImportObserver,
    stop: &CancellationToken,
) -> Outcome {
    let bytes = Arc::new(AtomicU64::new(options.from.offset));
    let (pieces, mut ready) = mpsc::channel(WAITING);
    let (ended, end) = oneshot::channel();
    let counter = Arc::clone(&bytes);
    // A separate thread, not one of the runtime's pool: a thread that waits for terminal input must
    // not keep the process from exiting.
    let thread = std::thread::Builder::new().name("import".to_owned()).spawn(move || {
        let end = read(input, &options, &pieces, &counter);
        let _ = ended.send(end);
    });
    let mut outcome = ended_by(None);
    if let Err(cause) = thread {
        outcome.error = Some(ImportError::Thread(cause.to_string()));
        return outcome;
    }
    loop {
        let mut batch = tokio::select! {
            biased;
            () = stop.cancelled() => return outcome,
            piece = ready.recv() => match piece {
                Some(piece) => piece,
                None => break,
            },
        };
        while batch.events.len() <= BATCH - PIECE
            && let Ok(more) = ready.try_recv()
        {
            batch.add(more);
        }
        let Piece { events, ignored, rejected } = batch;
        let count = events.len() as u64;
        let counts =
            if events.is_empty() { Ok(Default::default()) } else { sink.submit(events).await };
        match counts {
            Ok(counts) => {
                outcome.report += &ImportCounts {
                    read: count + ignored.total() + rejected.len() as u64,
                    accepted: counts.accepted,
                    enriched: counts.enriched,
                    duplicates: counts.duplicates,
                    ignored: ignored.total(),
                    rejected: rejected.len() as u64,
                    ignored_kinds: ignored,
                };
            }
            Err(error) => {
                outcome.error = Some(error.into());
                return outcome;
            }
        }
        for record in &rejected {
            watch.rejected(record);
        }
        let bytes = bytes.load(Ordering::Relaxed);
        watch.progress(Progress { bytes, report: outcome.report.clone() });
    }
    match end.await {
        Ok(end) => Outcome { report: outcome.report, ..end },
        Err(_) => {
            outcome.error = Some(ImportError::Thread("it panicked".to_owned()));
            outcome
        }
    }
}

/// An import that ends early, so far without any record.
fn ended_by(error: Option<ImportError>) -> Outcome {
    Outcome { report: ImportCounts::default(), error, resume: None, left: false }
}

/// Body of the reading thread; the outcome has no counts.
fn read(
    input: Input,
    options: &Options,
    pieces: &mpsc::Sender<Piece>,
    count: &Arc<AtomicU64>,
) -> Outcome {
    let opened = input.open().and_then(|input| open(input, Arc::clone(count)));
    let (input, wrapped) = match opened {
        Ok(opened) => opened,
        Err(cause) => {
            return ended_by(Some(ImportError::Open { file: Arc::clone(&options.file), cause }));
        }
    };
    let gzip = wrapped.gzip;
    let mut reader = Reader::new(Buffer::new(input, options.from), options.growing);
    let mut parser = Parser::new(options);
    let mut piece = Piece::default();
    let mut left = false;
    let error = loop {
        let item = match reader.next() {
            Ok(item) => item,
            Err(what) => break Some(not_a_log(options, what.to_owned())),
        };
        match item {
            Item::End => break None,
            Item::Wait => {
                // The next bytes may take long, so the parsed records are sent first.
                if !hand_on(pieces, &mut piece) {
                    return ended_by(None);
                }
                let line = reader.place().line;
                if let Err(cause) = reader.fill() {
                    if options.growing && gzip && cause.kind() == io::ErrorKind::UnexpectedEof {
                        left = true;
                        break None;
                    }
                    break Some(broken(options, line, gzip, &cause));
                }
            }
            Item::Cut { .. } if options.growing => {
                left = true;
                break None;
            }
            item => match take(&mut parser, item, &mut piece, options) {
                Ok(true) => break None,
                Ok(false) => {}
                Err(what) => break Some(not_a_log(options, what)),
            },
        }
        if (piece.events.len() >= PIECE || piece.rejected.len() >= PIECE)
            && !hand_on(pieces, &mut piece)
        {
            return ended_by(None);
        }
    };
    if !hand_on(pieces, &mut piece) {
        return ended_by(None);
    }
    let resume =
        (error.is_none() && wrapped.is_plain() && reader.resumable()).then(|| reader.place());
    Outcome { resume, left, ..ended_by(error) }
}

/// Sends the parsed records; `false` if nobody takes them.
fn hand_on(pieces: &mpsc::Sender<Piece>, piece: &mut Piece) -> bool {
    piece.is_empty() || pieces.blocking_send(std::mem::take(piece)).is_ok()
}

/// Parses an item; returns whether it was the last one.
fn take(
    parser: &mut Parser<'_>,
    item: Item<'_>,
    piece: &mut Piece,
    options: &Options,
) -> Result<bool, String> {
    let (read, last) = super::parse::item(parser, item)?;
    match read {
        None => {}
        Some(Ok(Read::Event(event))) => piece.events.push(*event),
        Some(Ok(Read::Ignored(kind))) => piece.ignored.add(&kind),
        Some(Err((line, why))) => {
            piece.rejected.push(Rejected { file: Arc::clone(&options.file), line, why });
        }
    }
    Ok(last)
}

fn not_a_log(options: &Options, what: String) -> ImportError {
    ImportError::NotALog { file: Arc::clone(&options.file), what }
}

fn broken(options: &Options, line: u64, gzip: bool, cause: &io::Error) -> ImportError {
    let what = match cause.kind() {
        io::ErrorKind::UnexpectedEof if gzip => "the gzip data ends too early".to_owned(),
        _ if gzip => format!("the gzip data is damaged: {cause}"),
        _ => format!("reading failed: {cause}"),
    };
    ImportError::Broken { file: Arc::clone(&options.file), line, what }
}
