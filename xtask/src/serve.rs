//! `make run` and `make build`.

use crate::place;
use crate::site;
use crate::steps::{Res, call, call_quiet, cargo, root, step, target};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::{fs, thread};

/// Builds client and server, side by side: one waits for the linker while the other compiles.
/// Answers with the server's file.
///
/// # Errors
/// When either does not compile.
pub fn build() -> Res<PathBuf> {
    // The server's compilation looks for this folder, be it empty.
    fs::create_dir_all(root().join("target/site"))?;
    let mut server = cargo();
    // All of `default-members`, as `cargo test` builds: the same features, so nothing is built twice.
    server.args(["build", "--quiet", "--bin=tollwarden"]);
    let first = if root().join("target/site/assets.json").is_file() {
        ""
    } else {
        ", some minutes the first time"
    };
    eprintln!("building the client and the server{first}");
    thread::scope(|scope| {
        let server = scope.spawn(move || call(&mut server).map_err(|error| error.to_string()));
        site::build()?;
        server.join().map_err(|_| "the server's build panicked")??;
        Ok(target().join("debug/tollwarden"))
    })
}

/// Becomes the server on a data folder.
///
/// # Errors
/// When the server cannot be started.
pub fn become_server(binary: PathBuf, data: PathBuf) -> Res<()> {
    let mut server = Command::new(binary);
    server.current_dir(root()).arg("serve").arg("--data-dir").arg(data);
    Err(format!("the server cannot be started: {}", server.exec()).into())
}

/// `make run`.
///
/// # Errors
/// As [`build`] and [`become_server`].
pub fn run() -> Res<()> {
    let binary = build()?;
    let named = std::env::var_os("DATABASE_URL").is_some_and(|url| !url.is_empty());
    let data = if named { root().join("var") } else { place::data("var")? };
    become_server(binary, data)
}

/// `make build`: one release file with the site inside.
///
/// # Errors
/// When something does not compile.
pub fn dist() -> Res<()> {
    site::build()?;
    step("building the release (about ten minutes the first time)", || {
        call(cargo().args(["build", "--quiet", "--release", "--package=tollwarden"]))?;
        let dist = root().join("dist");
        fs::create_dir_all(&dist)?;
        // Not over a running one: the name goes to the new file at once.
        let fresh = dist.join("tollwarden.new");
        let bytes = fs::copy(target().join("release/tollwarden"), &fresh)?;
        fs::rename(&fresh, dist.join("tollwarden"))?;
        Ok(((), format!("dist/tollwarden, {:.1} MiB", bytes as f64 / 1_048_576.0)))
    })
}

/// `make bench`: the benchmark is cargo's own, on a release server.
///
/// # Errors
/// When something does not compile, or the benchmark stops.
pub fn bench() -> Res<()> {
    site::build()?;
    eprintln!("measuring the ledger in a process of its own");
    let mut ledger = cargo();
    ledger.args(["bench", "--quiet", "--package=tollwarden-domain", "--bench=ledger"]);
    let figures = call_quiet(&mut ledger)?;
    fs::write(target().join("bench-ledger.json"), figures)?;
    eprintln!("building the release server and measuring (some minutes)");
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--package=tollwarden", "--bench=figures"]);
    // A release takes no programs from the working directory as root.
    if let Some(bin) = crate::cluster::npm_programs() {
        bench.env("TOLLWARDEN_PG_BIN", bin);
    }
    call(&mut bench)
}
