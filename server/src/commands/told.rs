//! How commands speak: what went wrong, words for the operator, lines of output.

use std::fmt::Display;
use std::io::Write as _;

/// Why a subcommand did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// What went wrong, for stderr; exit code 1.
    Message(String),
    /// A signal came; exit code 130, as shells report it.
    Interrupted,
    /// Whoever read our output has gone (`| head`): no reason to say anything.
    Unheard,
}

impl Failure {
    /// With a message for people.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let broken = (&error as &dyn std::error::Error)
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
        // What the database said itself may hold statements and rows.
        tracing::debug!("{}", store::whole(&error));
        if broken { Self::Unheard } else { Self::Message(error.to_string()) }
    }
}

/// Says something to the operator.
pub fn say(text: impl Display) {
    // With stderr closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "tollwarden: {text}");
}

/// Puts one line of the contract's output on stdout.
///
/// # Errors
/// When it cannot be written.
pub fn put(line: impl Display) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    Ok(())
}
