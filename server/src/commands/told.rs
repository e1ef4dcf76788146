//! Output of the commands: errors, messages and results.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::Write as _;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) enum CommandFailure {
    /// Help or version, for stdout; exit code 0.
    Help(String),
    /// A usage error for stderr; exit code 2.
    Usage(String),
    /// Any other error for stderr; exit code 1.
    Message(String),
    /// A signal arrived; exit code 130, as shells report it.
    Interrupted,
    /// The reader of stdout has gone (`| head`); exit code 0.
    Unheard,
}

impl CommandFailure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }
}

impl<E: std::error::Error + 'static> From<E> for CommandFailure {
    fn from(error: E) -> Self {
        let broken = (&error as &dyn std::error::Error)
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
        // Only at debug level: the database's own message may contain statements and rows.
        tracing::debug!("{}", store::with_sources(&error));
        if broken { Self::Unheard } else { Self::Message(error.to_string()) }
    }
}

/// Prints a message to stderr.
pub(crate) fn say(text: impl Display) {
    // A closed stderr is not an error.
    let _ = writeln!(std::io::stderr(), "tollwarden: {text}");
}

/// Prints one line of the command's result to stdout.
pub(crate) fn put(line: impl Display) -> Result<(), CommandFailure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    Ok(())
}

/// A progress bar on stderr, invisible unless that is a terminal; without `total` a spinner.
pub(crate) fn progress_bar(total: Option<u64>, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
    // An invalid template would leave the plain bar.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
