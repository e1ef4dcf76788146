//! `tollwarden import`: reads logs into the store.

use super::{Failure, put, say};
use crate::cli::{Global, ImportArgs};
use crate::opened::{self, Opened};
use engine::agent::Agents;
use engine::import::{
    Door, Follow, ImportError, Input, Options, Progress, Rejected, Report, Shape, Watch, files,
    import,
};
use engine::ingest::{Ingest, Via};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long the batch that is being written may take when a signal came.
const GRACE: Duration = Duration::from_secs(20);
/// Between two looks at a directory.
const LOOK: Duration = Duration::from_secs(1);
/// Records were rejected and `--strict` was asked for.
const STRICT: u8 = 3;

/// Reads what the arguments name and prints the counts.
///
/// # Errors
/// When the store cannot be used or a file could not be read to its end. The counts are printed
/// all the same.
pub(super) async fn run(global: &Global, args: &ImportArgs) -> Result<ExitCode, Failure> {
    let format = args
        .format
        .parse()
        .map_err(|message| Failure::new(format!("--format {}: {message}", args.format)))?;
    let shape = Shape { format, dates: args.dates.unwrap_or_default() };
    let sources = sources(args)?;
    opened::with(global, GRACE, async |opened| {
        let ingest =
            Ingest::start(opened.db.clone(), Arc::new(Agents::default()), Arc::new(Notify::new()))
                .await?;
        let mut done = Done::default();
        let outcome = if args.follow {
            follow(&opened, &sources, shape, Door(ingest, Via::Follow), &mut done).await
        } else {
            once(&opened, &sources, shape, Door(ingest, Via::Import), &mut done).await
        };
        put(serde_json::to_string(&done.report)?)?;
        outcome?;
        if opened.stop.is_cancelled() {
            return Err(Failure::Interrupted);
        }
        Ok(if done.failed {
            ExitCode::FAILURE
        } else if args.strict && done.report.rejected > 0 {
            ExitCode::from(STRICT)
        } else {
            ExitCode::SUCCESS
        })
    })
    .await
}

/// What has been done so far.
#[derive(Default)]
struct Done {
    report: Report,
    /// Whether a file could not be read to its end.
    failed: bool,
}

/// What to read.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Stdin,
    File(PathBuf),
    Directory(PathBuf),
}

fn sources(args: &ImportArgs) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::with_capacity(args.paths.len());
    for path in &args.paths {
        let source = match path {
            path if path.as_os_str() == "-" => Source::Stdin,
            path if path.is_dir() => Source::Directory(path.clone()),
            path => Source::File(path.clone()),
        };
        if args.follow && !matches!(source, Source::Directory(_)) {
            let path = path.display();
            return Err(Failure::new(format!("--follow watches directories; {path} is none")));
        }
        sources.push(source);
    }
    if sources.iter().filter(|source| **source == Source::Stdin).count() > 1 {
        return Err(Failure::new("- (stdin) can be read only once"));
    }
    Ok(sources)
}

async fn once(
    opened: &Opened,
    sources: &[Source],
    shape: Shape,
    door: Door,
    done: &mut Done,
) -> Result<(), Failure> {
    let mut inputs: Vec<Option<PathBuf>> = Vec::new();
    for source in sources {
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
        let mut options = Options::new(&name, opened.db.clock.now()).map_err(Failure::new)?;
        options.shape = shape;
        let input = match path {
            None => Input::Stream(Box::new(std::io::stdin())),
            Some(path) => Input::File(path),
        };
        let outcome = import(input, options, &door, &mut terminal, &opened.stop).await;
        terminal.file_done(&outcome.report);
        done.report += &outcome.report;
        match outcome.error {
            None => {}
            // The next file would fare no better.
            Some(error @ ImportError::Ingest(_)) => {
                terminal.end();
                return Err(Failure::from(error));
            }
            Some(error) => {
                done.failed = true;
                terminal.line(format_args!("{error}"));
            }
        }
        if opened.stop.is_cancelled() {
            break;
        }
    }
    terminal.end();
    Ok(())
}

async fn follow(
    opened: &Opened,
    sources: &[Source],
    shape: Shape,
    door: Door,
    done: &mut Done,
) -> Result<(), Failure> {
    let mut watched = Vec::new();
    for source in sources {
        if let Source::Directory(path) = source {
            std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
            let follow = Follow::new(path, shape, opened.db.clock).map_err(Failure::new)?;
            watched.push((path, follow));
        }
    }
    let mut terminal = Terminal::new(None);
    let mut told = String::new();
    while !opened.stop.is_cancelled() {
        let mut trouble = String::new();
        for (path, follow) in &mut watched {
            match follow.step(&door, &mut terminal, &opened.stop).await {
                Ok(round) => {
                    terminal.file_done(&round.report);
                    done.report += &round.report;
                    for error in round.errors {
                        // These come back every second until they are over.
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
        let _ = tokio::time::timeout(LOOK, opened.stop.cancelled()).await;
    }
    terminal.end();
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: cannot be read: {error}", path.display()))
}

/// Shows how far it is on a terminal, and what was rejected on stderr anywhere.
struct Terminal {
    bar: ProgressBar,
    begun: Instant,
    /// Of the files before this one.
    bytes: u64,
    before: Report,
    last: Progress,
    lines: String,
}

impl Terminal {
    /// With the bytes of all files, if they are known.
    fn new(total: Option<u64>) -> Self {
        // Draws nothing where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
        let template = match total {
            Some(_) => "{bar:30} {percent:>3}% of {total_bytes}, {msg}, {eta} left",
            None => "{spinner} {bytes}, {msg}",
        };
        // A template that cannot be read would leave the plain bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            begun: Instant::now(),
            bytes: 0,
            before: Report::default(),
            last: Progress::default(),
            lines: String::new(),
        }
    }

    fn file_done(&mut self, report: &Report) {
        self.bytes += self.last.bytes;
        self.last = Progress::default();
        self.before += report;
    }

    /// A line beside the bar.
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
            // With stderr closed there is nobody to tell.
            self.bar.suspend(|| {
                let _ = std::io::stderr().write_all(lines.as_bytes());
            });
        }
    }
}

impl Watch for Terminal {
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

/// A rejection on one line: what a log says may not speak to the terminal.
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
