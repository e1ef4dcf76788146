//! Settings that hold a secret: taken from files and from the environment alone, since everybody on
//! a machine sees the words of its commands, and shown nowhere.

use clap::ArgMatches;
use clap::parser::ValueSource;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The settings that hold a secret, as the configuration file names them, with their variables.
/// Each has a companion `…_file` that names a file with the value.
pub const SETTINGS: [(&str, &str); 4] = [
    ("database_url", "DATABASE_URL"),
    ("database_migrate_url", "DATABASE_MIGRATE_URL"),
    ("secret", "TOLLWARDEN_SECRET"),
    ("smtp_url", "TOLLWARDEN_SMTP_URL"),
];

/// Whether a setting holds a secret.
pub fn is_secret(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, _)| *setting == name)
}

/// A value that is shown nowhere. Every text is one: what is wrong with it is said by whoever reads
/// it, without showing it.
#[derive(Clone, PartialEq, Eq)]
pub struct Withheld(String);

impl Withheld {
    /// A value that is not to be shown.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The value.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Withheld {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::of(text))
    }
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Refuses secrets that were typed as flags.
///
/// # Errors
/// What to do instead.
pub fn refuse_typed(matches: &ArgMatches) -> Result<(), String> {
    for (name, variable) in SETTINGS {
        let given = matches.ids().any(|id| id == name);
        if given && matches.value_source(name) == Some(ValueSource::CommandLine) {
            let flag = name.replace('_', "-");
            return Err(format!(
                "--{flag} is not taken: everybody on this machine sees the words of its commands; \
                 set {variable}, or name a file that holds it with --{flag}-file"
            ));
        }
    }
    matches.subcommand().map_or(Ok(()), |(_, matches)| refuse_typed(matches))
}
