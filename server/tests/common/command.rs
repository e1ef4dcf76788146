//! The command line on a test's database.

use sqlx::{ConnectOptions as _, PgPool};
use std::path::Path;
use std::process::{Command, Stdio};

/// The program in a directory, with nothing in its environment but the database.
pub fn program(pool: &PgPool, dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollwarden"));
    command.current_dir(dir).env_clear().args(args).stdin(Stdio::null());
    command.env("DATABASE_URL", pool.connect_options().to_url_lossy().to_string());
    command
}

/// Runs a command: its exit code, stdout and stderr.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub fn tollwarden(pool: &PgPool, dir: &Path, args: &[&str]) -> (i32, String, String) {
    run(&mut program(pool, dir, args))
}
