//! Helpers for steps: paths, child processes, and one line of output for each step.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The result of a step; the error is a message for people.
pub(crate) type Res<T> = Result<T, Box<dyn Error>>;

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, or else `target` in the top folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Runs one step and prints its name and time.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Res<T>) -> Res<T> {
    noted(name, || Ok((work()?, String::new())))
}

/// Runs one step and prints its name, a note and its time. `work` returns a value and the note.
pub(crate) fn noted<T>(name: &str, work: impl FnOnce() -> Res<(T, String)>) -> Res<T> {
    let begun = Instant::now();
    let (value, said) = work().map_err(|error| format!("{name}: {error}"))?;
    let dash = if said.is_empty() { "" } else { " - " };
    eprintln!("{name}{dash}{said} ({:.1} s)", begun.elapsed().as_secs_f64());
    Ok(value)
}

/// Runs a program with its output passed through.
///
/// # Errors
/// If the program cannot be started or exits with anything but 0.
pub(crate) fn call(command: &mut Command) -> Res<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}").into()) }
}

/// Runs a program and shows its output only if it fails.
///
/// # Errors
/// As for [`call`], with the program's output.
pub(crate) fn call_quiet(command: &mut Command) -> Res<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}\n{said}{complaint}", output.status).into())
}

/// The cargo that started this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The path of the program in the first folder of `PATH`, then of `more`, that contains it.
pub(crate) fn which(program: &str, more: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(more.iter().cloned())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
