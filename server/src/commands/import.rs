//! `tollwarden import`: reads logs into the store.

use super::{CommandFailure, progress_bar, put, say};
use crate::cli::{Global, ImportArgs};
use crate::opened::{self, OpenedDatabase};
use engine::agent::Agents;
use engine::import::{
    EventSink, Follow, ImportCounts, ImportError, ImportObserver, Input, Options, Progress,
    Rejected, Shape, files, import,
};
use engine::ingest::{Ingest, Via};
use indicatif::ProgressBar;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long the current batch may take after a signal.
const GRACE: Duration = Duration::from_secs(20);
/// The interval at which directories are checked.
const LOOK: Duration = Duration::from_secs(1);
/// The exit code for rejected records with `--strict`.
const STRICT: u8 = 3;

/// Imports the named sources and prints the counts.
///
/// # Errors
/// The store or a source cannot be used, or a signal arrived. The counts are printed all the same.
pub(super) async fn run(global: &Global, args: &ImportArgs) -> Result<ExitCode, CommandFailure> {
    let format = args
        .format
        .parse()
        .map_err(|message| CommandFailure::new(format!("--format {}: {message}", args.format)))?;
    let shape = Shape { format, dates: args.dates.unwrap_or_default() };
    let sources = sources(args)?;
    opened::with(global, GRACE, async |opened| {
        let ingest =
            Ingest::start(opened.db.clone(), Arc::new(Agents::default()), Arc::new(Notify::new()))
                .await?;
        let door = EventSink(ingest, if args.follow { Via::Follow } else { Via::Import });
        let (report, failed) = (ImportCounts::default(), false);
        let mut run = Run { opened: &opened, sources: &sources, shape, door, report, failed };
        let outcome = if args.follow { run.follow().await } else { run.once().await };
        put(serde_json::to_string(&run.report)?)?;
        outcome?;
        if opened.stop.is_cancelled() {
            return Err(CommandFailure::Interrupted);
        }
        Ok(if run.failed {
            ExitCode::FAILURE
        } else if args.strict && run.report.rejected > 0 {
            ExitCode::from(STRICT)
        } else {
            ExitCode::SUCCESS
        })
    })
    .await
}

struct Run<'a> {
    opened: &'a OpenedDatabase,
    sources: &'a [Source],
    shape: Shape,
    door: EventSink,
    report: ImportCounts,
    /// Whether a file could not be read to its end.
    failed: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Source {
    Stdin,
    File(PathBuf),
    Directory(PathBuf),
}

fn sources(args: &ImportArgs) -> Result<Vec<Source>, CommandFailure> {
    let mut sources = Vec::with_capacity(args.paths.len());
    for path in &args.paths {
        let source = match path {
            path if path.as_os_str() == "-" => Source::Stdin,
            path if path.is_dir() => Source::Directory(path.clone()),
            path => Source::File(path.clone()),
        };
        if args.follow && !matches!(source, Source::Directory(_)) {
            let path = path.display();
            return Err(CommandFailure::new(format!(
                "--follow watches directories; {path} is not a directory"
            )));
        }
        sources.push(source);
    }
    if sources.iter().filter(|source| **source == Source::Stdin).count() > 1 {
        return Err(CommandFailure::new("- (stdin) can be read only once"));
    }
    Ok(sources)
}

impl Run<'_> {
    async fn once(&mut self) -> Result<(), CommandFailure> {
        let mut inputs: Vec<Option<PathBuf>> = Vec::new();
        for source in self.sources {
            match source {
                Source::Stdin => inputs.push(None),
                Source::File(path) => inputs.push(Some(path.clone())),
                Source::Directory(path) => {
                    let found = files(path).map_err(|error| unreadable(path, &error))?;
                    inputs.extend(found.into_iter().map(Some));
                }
            }
        }
        let size = |path: &PathBuf| std::fs::metadata(path).map(|data| data.len()).ok();
        let total = inputs.iter().map(|path| path.as_ref().and_then(size)).sum();
        let mut terminal = Terminal::new(total);
        for path in inputs {
            let name = path.as_ref().map_or("-".to_owned(), |path| path.display().to_string());
            let mut options =
                Options::new(&name, self.opened.db.clock.now()).map_err(CommandFailure::new)?;
            options.shape = self.shape;
            let input = match path {
                None => Input::Stream(Box::new(std::io::stdin())),
                Some(path) => Input::File(path),
            };
            let outcome =
                import(input, options, &self.door, &mut terminal, &self.opened.stop).await;
            terminal.file_done(&outcome.report);
            self.report += &outcome.report;
            match outcome.error {
                None => {}
                // The next file would fail the same way.
                Some(error @ ImportError::Ingest(_)) => {
                    terminal.end();
                    return Err(CommandFailure::from(error));
                }
                Some(error) => {
                    self.failed = true;
                    terminal.line(format_args!("{error}"));
                }
            }
            if self.opened.stop.is_cancelled() {
                break;
            }
        }
        terminal.end();
        Ok(())
    }

    async fn follow(&mut self) -> Result<(), CommandFailure> {
        let mut watched = Vec::new();
        for source in self.sources {
            if let Source::Directory(path) = source {
                std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
                let follow = Follow::new(path, self.shape, self.opened.db.clock)
                    .map_err(CommandFailure::new)?;
                watched.push((path, follow));
            }
        }
        let mut terminal = Terminal::new(None);
        let mut told = String::new();
        while !self.opened.stop.is_cancelled() {
            let mut trouble = String::new();
            for (path, follow) in &mut watched {
                match follow.step(&self.door, &mut terminal, &self.opened.stop).await {
                    Ok(round) => {
                        terminal.file_done(&round.report);
                        self.report += &round.report;
                        for error in round.errors {
                            // Returned every second until they are over; printed once.
                            if matches!(error, ImportError::Ingest(_)) {
                                let _ = writeln!(trouble, "{error}; trying again");
                            } else {
                                terminal.line(format_args!("{error}"));
                            }
                        }
                    }
                    Err(error) => {
                        let _ = writeln!(trouble, "{}: {error}; trying again", path.display());
                    }
                }
            }
            if trouble != told {
                for line in trouble.lines() {
                    terminal.line(format_args!("{line}"));
                }
                told = trouble;
            }
            let _ = tokio::time::timeout(LOOK, self.opened.stop.cancelled()).await;
        }
        terminal.end();
        Ok(())
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandFailure {
    CommandFailure::new(format!("{}: cannot be read: {error}", path.display()))
}

/// Shows progress if stderr is a terminal, and rejected records in any case.
struct Terminal {
    bar: ProgressBar,
    begun: Instant,
    /// Totals of the finished files.
    bytes: u64,
    before: ImportCounts,
    last: Progress,
    lines: String,
}

impl Terminal {
    /// `total` is the size of all files in bytes, if known.
    fn new(total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{bar:30} {percent:>3}% of {total_bytes}, {msg}, {eta} left",
            None => "{spinner} {bytes}, {msg}",
        };
        Self {
            bar: progress_bar(total, template),
            begun: Instant::now(),
            bytes: 0,
            before: ImportCounts::default(),
            last: Progress::default(),
            lines: String::new(),
        }
    }

    fn file_done(&mut self, report: &ImportCounts) {
        self.bytes += self.last.bytes;
        self.last = Progress::default();
        self.before += report;
    }

    /// Prints a line without disturbing the bar.
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.bar.suspend(|| say(text));
    }

    fn end(&mut self) {
        self.flush();
        self.bar.finish_and_clear();
    }

    fn flush(&mut self) {
        if !self.lines.is_empty() {
            let lines = std::mem::take(&mut self.lines);
            // A closed stderr is not an error.
            self.bar.suspend(|| {
                let _ = std::io::stderr().write_all(lines.as_bytes());
            });
        }
    }
}

impl ImportObserver for Terminal {
    fn rejected(&mut self, record: &Rejected) {
        let _ = writeln!(self.lines, "{}", Printable(record));
    }

    fn progress(&mut self, progress: Progress) {
        self.flush();
        let records = self.before.read + progress.report.read;
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = records as f64 / seconds;
        self.bar.set_message(format!("{records} records, {rate:.0}/s"));
        self.bar.set_position(self.bytes + progress.bytes);
        self.last = progress;
    }
}

/// A rejection on one line, with control characters escaped: a log must not control the terminal.
struct Printable<'a>(&'a Rejected);

impl std::fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in self.0.to_string().chars() {
            if letter.is_control() {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}
