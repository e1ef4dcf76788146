//! Where options come from: flags, then environment, then `tollwarden.toml`, then defaults.
//!
//! The file's values are given to clap as defaults, so there is one set of names, one set of
//! parsers and one wording of errors for all of them.

use crate::cli::Cli;
use crate::{secret_files, withheld};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory as _, FromArgMatches as _};
use engine::private_file;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
const FILE: &str = "tollwarden.toml";

/// Why there is nothing to do: what to print, and the exit code.
#[derive(Debug)]
pub enum Stop {
    /// Help or version, for stdout; exit code 0.
    Asked(String),
    /// What is wrong, for stderr; exit code 2.
    Usage(String),
    /// What is wrong with the configuration file, for stderr; exit code 1.
    File(String),
}

/// Reads arguments, environment and file.
///
/// # Errors
/// Names the option, its value, where that came from and what is allowed.
pub fn read(args: &[OsString]) -> Result<Cli, Stop> {
    let mut command = without_empty_variables(Cli::command());
    // First without the file: help shows the built-in defaults, and the file is found.
    let file = match command.clone().try_get_matches_from(args) {
        Ok(matches) => matches.get_one::<PathBuf>("config").cloned(),
        Err(error) if is_asked(&error) => return Err(stop(&error, args, &command)),
        // The file may put it right: an option may be required.
        Err(_) => command
            .clone()
            .ignore_errors(true)
            .try_get_matches_from(args)
            .ok()
            .and_then(|matches| matches.get_one::<PathBuf>("config").cloned()),
    };
    let path = file.clone().unwrap_or_else(|| PathBuf::from(FILE));
    if let Some(table) = table(&path, file.is_some())? {
        for (key, value) in unfolded(table) {
            command = with(command, &path, &key, &value)?;
        }
    }
    let matches =
        command.clone().try_get_matches_from(args).map_err(|error| stop(&error, args, &command))?;
    withheld::refuse_typed(&matches).map_err(Stop::Usage)?;
    let mut cli = Cli::from_arg_matches(&matches)
        .map_err(|error| stop(&error.format(&mut command), args, &command))?;
    secret_files::read_all(&mut cli).map_err(Stop::File)?;
    Ok(cli)
}

/// A variable that is set to nothing is not set: compose files and unit files leave such behind.
/// `TOLLWARDEN_DATABASE_URL` goes before `DATABASE_URL`.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let clear = |arg: Arg| match arg.get_env() {
        Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => {
            arg.env(None::<&'static str>)
        }
        _ => arg,
    };
    let own = "TOLLWARDEN_DATABASE_URL";
    let command = match std::env::var_os(own) {
        Some(url) if !url.is_empty() => command.mut_arg("database_url", |arg| arg.env(own)),
        _ => command,
    };
    command.mut_args(clear).mut_subcommands(|subcommand| subcommand.mut_args(clear))
}

/// The file's keys; `None` when there is no file and none was named.
fn table(path: &Path, named: bool) -> Result<Option<toml::Table>, Stop> {
    let root = rustix::process::geteuid().is_root();
    let (text, meta) = match private_file::read_any(path, named || !root) {
        Ok(read) => read,
        Err(error) if error.is_missing() && !named => return Ok(None),
        Err(error) => return Err(Stop::File(format!("the configuration file {error}"))),
    };
    if root && !named && (meta.uid() != 0 || meta.mode() & 0o022 != 0) {
        return Err(Stop::File(format!(
            "{}, in the working directory, could be somebody else's: as root it is taken when it \
             belongs to root and root alone can write it; if you mean it, name it with --config",
            path.display()
        )));
    }
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // Its own words would quote the line, which may hold a secret.
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
        Stop::File(format!("{}: line {line}: {}", path.display(), error.message()))
    })?;
    if table.keys().any(|key| withheld::is_secret(key)) {
        private_file::check(path, &meta).map_err(|error| Stop::File(error.to_string()))?;
    }
    Ok(Some(table))
}

/// The keys of the table `retention` as options have them: `retention.audit_days` is
/// `retention_audit_days`.
fn unfolded(table: toml::Table) -> Vec<(String, toml::Value)> {
    let mut keys = Vec::with_capacity(table.len());
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) if key == "retention" => {
                keys.extend(
                    inner.into_iter().map(|(name, value)| (format!("{key}_{name}"), value)),
                );
            }
            value => keys.push((key, value)),
        }
    }
    keys
}

/// Makes a key's value the default of its option.
fn with(
    command: clap::Command,
    path: &Path,
    key: &str,
    value: &toml::Value,
) -> Result<clap::Command, Stop> {
    let refuse = |what: String| Stop::File(format!("{}: {what}", path.display()));
    let own =
        |command: &clap::Command| command.get_arguments().find(|arg| arg.get_id() == key).cloned();
    let of_serve = command.find_subcommand("serve").and_then(own);
    let everywhere = own(&command);
    let Some(arg) = everywhere.clone().or_else(|| of_serve.clone()).filter(is_configurable) else {
        let mut known: Vec<String> = command
            .get_arguments()
            .chain(
                command.find_subcommand("serve").into_iter().flat_map(clap::Command::get_arguments),
            )
            .filter(|arg| is_configurable(arg))
            .map(|arg| arg.get_id().to_string())
            .collect();
        known.sort();
        let known = known.join(", ");
        return Err(refuse(format!("unknown key {key:?}; the keys are {known}")));
    };
    let values = words(value).ok_or_else(|| {
        let value = shown(key, value);
        refuse(format!(
            "{key} = {value} must be a text, a number, true or false, or a list of these"
        ))
    })?;
    // Tried alone first, so that the error can say where the value stands.
    let typed = values.iter().map(|word| format!("--{}={word}", key.replace('_', "-")));
    let trial = clap::Command::new("tollwarden").no_binary_name(true).arg(arg);
    if let Err(error) = trial.try_get_matches_from(typed) {
        let reason = std::error::Error::source(&error)
            .map_or_else(|| "must be a single value".to_owned(), ToString::to_string);
        return Err(refuse(format!("{key} = {}: {reason}", shown(key, value))));
    }
    let set = |arg: Arg| arg.default_values(values.clone());
    Ok(if everywhere.is_some() {
        command.mut_arg(key, set)
    } else {
        command.mut_subcommand("serve", |serve| serve.mut_arg(key, set))
    })
}

/// A value as an error may show it.
fn shown(key: &str, value: &toml::Value) -> String {
    if withheld::is_secret(key) { "…".to_owned() } else { value.to_string() }
}

/// Not the file itself, and not `--help` and `--version`, which clap adds.
fn is_configurable(arg: &Arg) -> bool {
    !["config", "help", "version"].iter().any(|id| arg.get_id() == id)
}

/// The value as it would be typed.
fn words(value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Integer(number) => Some(vec![number.to_string()]),
        toml::Value::Boolean(yes) => Some(vec![yes.to_string()]),
        toml::Value::Array(list) => {
            let words: Option<Vec<Vec<String>>> = list.iter().map(words).collect();
            words.map(|words| words.concat())
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn is_asked(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// What clap has to say, with what it does not know: that a value came from the environment.
fn stop(error: &clap::Error, args: &[OsString], command: &clap::Command) -> Stop {
    let text = error.render().to_string();
    if is_asked(error) {
        // Without a subcommand, help is the error.
        return if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            Stop::Usage(text)
        } else {
            Stop::Asked(text)
        };
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    match variable(error, args, command) {
        Some(name) => Stop::Usage(format!("{}\n\nThe value comes from {name}.", text.trim_end())),
        None => Stop::Usage(text.trim_end().to_owned()),
    }
}

/// The environment variable that holds the value which clap refuses, unless it was typed.
fn variable(error: &clap::Error, args: &[OsString], command: &clap::Command) -> Option<String> {
    let Some(ContextValue::String(refused)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    // `--listen <ADDRESS:PORT>`, `--insecure-http[=<true|false>]`
    let long = refused.strip_prefix("--")?.split([' ', '[', '=']).next()?;
    let typed = args.iter().filter_map(|arg| arg.to_str()?.strip_prefix("--")).any(|arg| {
        arg.strip_prefix(long).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    });
    let serve = command.find_subcommand("serve").into_iter();
    let variable = command
        .get_arguments()
        .chain(serve.flat_map(clap::Command::get_arguments))
        .find(|arg| arg.get_long() == Some(long))?
        .get_env()?;
    let set = std::env::var_os(variable).is_some();
    (!typed && set).then(|| variable.to_string_lossy().into_owned())
}
