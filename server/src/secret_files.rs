//! Settings named `…_file`: files that contain a secret.

use crate::cli::{Cli, Command, Global};
use crate::withheld::Withheld;
use engine::private_file;
use std::path::{Path, PathBuf};

/// Replaces each setting `…_file` by the secret in that file.
///
/// # Errors
/// A file cannot be read or is readable by others, or the value is given, too.
pub(crate) fn read_all(cli: &mut Cli) -> Result<(), String> {
    let all = &mut cli.global;
    read("database_url", &mut all.database_url, all.database_url_file.as_deref())?;
    let migrate_file = all.database_migrate_url_file.as_deref();
    read("database_migrate_url", &mut all.database_migrate_url, migrate_file)?;
    read("secret", &mut all.secret, all.secret_file.as_deref())?;
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
    *value = Some(text.trim_end_matches(['\r', '\n']).into());
    Ok(())
}

/// The file with the server's secret; `None` if the secret comes from the environment.
pub(crate) fn secret_path(global: &Global) -> Option<PathBuf> {
    match (&global.secret_file, &global.secret) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(global.data_dir.join("secret")),
    }
}
