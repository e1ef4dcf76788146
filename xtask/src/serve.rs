//! `make run` and `make build`.

use crate::place;
use crate::site;
use crate::steps::{Res, call, call_quiet, cargo, noted, root, target};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

/// Builds client and server in parallel: one waits for the linker while the other compiles.
/// Returns the path of the server.
///
/// # Errors
/// If either does not compile.
pub(crate) fn build() -> Res<PathBuf> {
    // The server's build needs this folder, even if it is empty.
    fs::create_dir_all(root().join("target/site"))?;
    let mut server = cargo();
    // Build all of `default-members`, as `cargo test` does. The features are then the same, and
    // nothing is built twice.
    server.args(["build", "--quiet", "--bin=tollwarden"]);
    let first = if root().join("target/site/assets.json").is_file() {
        ""
    } else {
        " (this takes some minutes the first time)"
    };
    eprintln!("building the client and the server{first}");
    thread::scope(|scope| {
        let server = scope.spawn(move || call(&mut server).map_err(|error| error.to_string()));
        site::build()?;
        server.join().map_err(|_| "the server's build panicked")??;
        Ok(target().join("debug/tollwarden"))
    })
}

/// A command of the program on a data folder, with a private Postgres.
pub(crate) fn tollwarden(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(root()).env_remove("DATABASE_URL").arg("--data-dir").arg(data);
    command
}

/// Replaces this process with the server on a data folder.
///
/// # Errors
/// If the server cannot be started.
pub(crate) fn become_server(binary: PathBuf, data: PathBuf) -> Res<()> {
    let mut server = Command::new(binary);
    server.current_dir(root()).arg("serve").arg("--data-dir").arg(data);
    Err(format!("the server cannot be started: {}", server.exec()).into())
}

/// `make run`.
///
/// # Errors
/// As for [`build`] and [`become_server`].
pub(crate) fn run() -> Res<()> {
    let binary = build()?;
    let named = std::env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty());
    let data = if named { root().join("var") } else { place::data("var")? };
    become_server(binary, data)
}

/// `make build`: builds one release file that contains the site.
///
/// # Errors
/// If something does not compile.
pub(crate) fn dist() -> Res<()> {
    site::build()?;
    noted("building the release (about ten minutes the first time)", || {
        call(cargo().args(["build", "--quiet", "--release", "--package=tollwarden"]))?;
        let dist = root().join("dist");
        fs::create_dir_all(&dist)?;
        // Do not overwrite a running file: rename the new file in one step.
        let fresh = dist.join("tollwarden.new");
        let bytes = fs::copy(target().join("release/tollwarden"), &fresh)?;
        fs::rename(&fresh, dist.join("tollwarden"))?;
        Ok(((), format!("dist/tollwarden, {:.1} MiB", bytes as f64 / 1_048_576.0)))
    })
}

/// `make bench`: runs cargo's benchmarks on a release server.
///
/// # Errors
/// If something does not compile, or the benchmark fails.
pub(crate) fn bench() -> Res<()> {
    site::build()?;
    eprintln!("measuring the ledger in a separate process");
    let mut ledger = cargo();
    ledger.args(["bench", "--quiet", "--package=tollwarden-domain", "--bench=ledger"]);
    let figures = call_quiet(&mut ledger)?;
    fs::write(target().join("bench-ledger.json"), figures)?;
    eprintln!("building the release server and measuring (this takes some minutes)");
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package=tollwarden", "--bench=figures"]);
    // As root, a release server does not use programs from the working directory.
    if let Some(bin) = crate::cluster::npm_programs() {
        bench.env("TOLLWARDEN_PG_BIN", bin);
    }
    call(&mut bench)
}
