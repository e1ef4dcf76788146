//! Settings that hold a secret: taken from files and from the environment alone, since everybody on
//! a machine sees the words of its commands, and shown nowhere.

use crate::cli::{Cli, Command, Global};
use clap::ArgMatches;
use clap::parser::ValueSource;
use engine::private_file;
use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
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
    /// The value.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Withheld {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
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

/// Reads the files that are named for secrets.
///
/// # Errors
/// When one cannot be read, others can read it, or the value is given besides.
pub fn read_files(cli: &mut Cli) -> Result<(), String> {
    let Global {
        database_url,
        database_url_file,
        database_migrate_url,
        database_migrate_url_file,
        secret,
        secret_file,
        ..
    } = &mut cli.global;
    read("database_url", database_url, database_url_file.as_deref())?;
    read("database_migrate_url", database_migrate_url, database_migrate_url_file.as_deref())?;
    read("secret", secret, secret_file.as_deref())?;
    if let Command::Serve(config) = &mut cli.command {
        read("smtp_url", &mut config.smtp_url, config.smtp_url_file.as_deref())?;
    }
    Ok(())
}

fn read(name: &str, value: &mut Option<Withheld>, file: Option<&Path>) -> Result<(), String> {
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(()) };
    if value.is_some() {
        return Err(format!("{name} and {name}_file are both given; leave one of them out"));
    }
    let text = private_file::read(path, true);
    let text = text.map_err(|error| format!("{name}_file: {error}"))?;
    *value = Some(Withheld(text.trim_end_matches(['\r', '\n']).to_owned()));
    Ok(())
}

/// Where the secret lies that a command may replace.
pub fn secret_path(global: &Global) -> Option<PathBuf> {
    match (&global.secret_file, &global.secret) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(global.data_dir.join("secret")),
    }
}
