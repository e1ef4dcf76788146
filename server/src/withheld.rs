//! Settings that contain a secret: accepted only from files and the environment, since everybody on
//! a machine sees its command lines, and never shown.

use clap::ArgMatches;
use clap::parser::ValueSource;
use std::fmt;

/// The settings with a secret, by their names in the configuration file, with their environment
/// variables. For each there is a setting `…_file` that names a file with the value.
pub(crate) const SETTINGS: [(&str, &str); 4] = [
    ("database_url", "DATABASE_URL"),
    ("database_migrate_url", "DATABASE_MIGRATE_URL"),
    ("secret", "TOLLWARDEN_SECRET"),
    ("smtp_url", "TOLLWARDEN_SMTP_URL"),
];

pub(crate) fn is_secret(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, _)| *setting == name)
}

/// A value that is never shown. Every text parses; whoever uses it validates it, and reports errors
/// without showing it.
#[derive(Clone, PartialEq, Eq)]
pub struct Withheld(String);

impl Withheld {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Withheld {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Refuses secrets given as flags.
///
/// # Errors
/// A secret was given as a flag; the message says what to do instead.
pub(crate) fn refuse_typed(matches: &ArgMatches) -> Result<(), String> {
    for (name, variable) in SETTINGS {
        let given = matches.ids().any(|id| id == name);
        if given && matches.value_source(name) == Some(ValueSource::CommandLine) {
            let flag = name.replace('_', "-");
            return Err(format!(
                "--{flag} is not accepted: everybody on this machine can see the arguments of \
                 commands; set {variable}, or name a file that contains it with --{flag}-file"
            ));
        }
    }
    matches.subcommand().map_or(Ok(()), |(_, matches)| refuse_typed(matches))
}
