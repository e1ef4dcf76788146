//! The files that are named for secrets, in place of the secrets themselves.

use crate::cli::{Cli, Command, Global};
use crate::withheld::Withheld;
use engine::private_file;
use std::path::{Path, PathBuf};

/// Reads the files that are named for secrets.
///
/// # Errors
/// When one cannot be read, others can read it, or the value is given besides.
pub fn read_all(cli: &mut Cli) -> Result<(), String> {
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
    *value = Some(Withheld::of(text.trim_end_matches(['\r', '\n'])));
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
