//! Where options come from: flags, then environment, then `tollwarden.toml`, then defaults.
//!
//! The file's values are given to clap as defaults, so there is one set of names, one set of
//! parsers and one wording of errors for all of them.

use crate::cli::Cli;
use crate::commands::CommandFailure;
use crate::{secret_files, withheld};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory as _, FromArgMatches as _};
use engine::private_file;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
const FILE: &str = "tollwarden.toml";

/// Reads arguments, environment and file.
///
/// # Errors
/// An invalid value; the message names the option, the value, where it comes from and what is
/// allowed.
pub(crate) fn read(args: &[OsString]) -> Result<Cli, CommandFailure> {
    let mut command = without_empty_variables(Cli::command());
    // First without the file: to show help with the built-in defaults, and to find the file.
    let file = match command.clone().try_get_matches_from(args) {
        Ok(matches) => matches.get_one::<PathBuf>("config").cloned(),
        Err(error) if is_asked(&error) => return Err(stop(&error, args, &command)),
        // The file may supply a required option.
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
    withheld::refuse_typed(&matches).map_err(CommandFailure::Usage)?;
    let mut cli = Cli::from_arg_matches(&matches)
        .map_err(|error| stop(&error.format(&mut command), args, &command))?;
    secret_files::read_all(&mut cli).map_err(CommandFailure::Message)?;
    Ok(cli)
}

/// Ignores empty environment variables, which compose files and unit files leave behind.
/// `TOLLWARDEN_DATABASE_URL` takes precedence over `DATABASE_URL`.
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
fn table(path: &Path, named: bool) -> Result<Option<toml::Table>, CommandFailure> {
    let root = rustix::process::geteuid().is_root();
    let (text, meta) = match private_file::read_any(path, named || !root) {
        Ok(read) => read,
        Err(error) if error.is_missing() && !named => return Ok(None),
        Err(error) => return Err(CommandFailure::new(format!("the configuration file {error}"))),
    };
    if root && !named && (meta.uid() != 0 || meta.mode() & 0o022 != 0) {
        return Err(CommandFailure::new(format!(
            "{}, in the working directory, could be somebody else's: as root it is taken when it \
             belongs to root and root alone can write it; if you mean it, name it with --config",
            path.display()
        )));
    }
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // toml's own message would quote the line, which may contain a secret.
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
        CommandFailure::new(format!("{}: line {line}: {}", path.display(), error.message()))
    })?;
    if table.keys().any(|key| withheld::is_secret(key)) {
        private_file::check(path, &meta).map_err(|error| CommandFailure::new(error.to_string()))?;
    }
    Ok(Some(table))
}

/// Flattens the table `retention`: `retention.audit_days` becomes `retention_audit_days`.
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
) -> Result<clap::Command, CommandFailure> {
    let refuse = |what: String| CommandFailure::new(format!("{}: {what}", path.display()));
    let Some(arg) = configurable(&command).find(|arg| arg.get_id() == key).cloned() else {
        let mut known: Vec<_> = configurable(&command).map(|arg| arg.get_id().as_str()).collect();
        known.sort_unstable();
        let known = known.join(", ");
        return Err(refuse(format!("unknown key {key:?}; the keys are {known}")));
    };
    let values = words(value).ok_or_else(|| {
        let value = value_text(key, value);
        refuse(format!(
            "{key} = {value} must be a text, a number, true or false, or a list of these"
        ))
    })?;
    // Parse it alone first, so that the error can name the file.
    let typed = values.iter().map(|word| format!("--{}={word}", key.replace('_', "-")));
    let trial = clap::Command::new("tollwarden").no_binary_name(true).arg(arg);
    if let Err(error) = trial.try_get_matches_from(typed) {
        let reason = std::error::Error::source(&error)
            .map_or_else(|| "must be a single value".to_owned(), ToString::to_string);
        return Err(refuse(format!("{key} = {}: {reason}", value_text(key, value))));
    }
    let set = |arg: Arg| arg.default_values(values.clone());
    Ok(if command.get_arguments().any(|arg| arg.get_id() == key) {
        command.mut_arg(key, set)
    } else {
        command.mut_subcommand("serve", |serve| serve.mut_arg(key, set))
    })
}

/// The value for an error message, without secrets.
fn value_text(key: &str, value: &toml::Value) -> String {
    if withheld::is_secret(key) { "…".to_owned() } else { value.to_string() }
}

/// The options of all subcommands and those of `serve`.
fn options(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    let serve = command.find_subcommand("serve").into_iter();
    command.get_arguments().chain(serve.flat_map(clap::Command::get_arguments))
}

/// The options that the file may set: not the file itself, nor clap's `--help` and `--version`.
fn configurable(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    options(command).filter(|arg| !["config", "help", "version"].contains(&arg.get_id().as_str()))
}

/// The value as command-line arguments; `None` for types that no option has.
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

/// clap's message, with the environment variable that the value comes from, which clap does not
/// name.
fn stop(error: &clap::Error, args: &[OsString], command: &clap::Command) -> CommandFailure {
    let text = error.render().to_string();
    if is_asked(error) {
        // Without a subcommand, help is the error.
        return if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            CommandFailure::Usage(text)
        } else {
            CommandFailure::Help(text)
        };
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    match variable(error, args, command) {
        Some(name) => {
            CommandFailure::Usage(format!("{}\n\nThe value comes from {name}.", text.trim_end()))
        }
        None => CommandFailure::Usage(text.trim_end().to_owned()),
    }
}

/// The environment variable with the refused value, unless the value was typed.
fn variable(error: &clap::Error, args: &[OsString], command: &clap::Command) -> Option<String> {
    let Some(ContextValue::String(refused)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    // `--listen <ADDRESS:PORT>`, `--insecure-http[=<true|false>]`
    let long = refused.strip_prefix("--")?.split([' ', '[', '=']).next()?;
    let typed = args.iter().filter_map(|arg| arg.to_str()?.strip_prefix("--")).any(|arg| {
        arg.strip_prefix(long).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    });
    let variable = options(command).find(|arg| arg.get_long() == Some(long))?.get_env()?;
    let set = std::env::var_os(variable).is_some();
    (!typed && set).then(|| variable.to_string_lossy().into_owned())
}
