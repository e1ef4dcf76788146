//! `make check`: format, lints, dependencies.

use crate::steps::{self, Res, call_quiet, cargo, root, step, which};
use std::process::Command;

/// The lints of one part; the browser's crates only make sense for the browser.
const LINTED: &[(&str, &[&str])] = &[
    ("lints: server", &["--all-targets"]),
    ("lints: client", &["--package=tollwarden-frontend", "--target=wasm32-unknown-unknown"]),
    ("lints: xtask", &["--package=xtask", "--all-targets"]),
];

/// Everything, in order of speed.
///
/// # Errors
/// The first that is not as it should be.
pub fn run() -> Res<()> {
    step("format", || {
        Ok((steps::call(cargo().args(["fmt", "--all", "--check", "--", "-l"]))?, String::new()))
    })?;
    deny()?;
    for (name, packages) in LINTED {
        step(name, || {
            steps::call(
                cargo().args(["clippy", "--quiet"]).args(*packages).args(["--", "--deny=warnings"]),
            )?;
            Ok(((), String::new()))
        })?;
    }
    Ok(())
}

/// cargo-deny's checks. Its advisory database lives on the network and may be out of reach.
fn deny() -> Res<()> {
    let program = which("cargo-deny", &[root().join(".tools/bin")])
        .ok_or("cargo-deny is missing: run make check")?;
    let deny = |checks: &[&str]| {
        let mut command = Command::new(&program);
        command
            .current_dir(root())
            .args(["--log-level=error", "--color=never", "check"])
            .args(checks);
        command
    };
    step("dependencies: bans, licences, sources", || {
        call_quiet(&mut deny(&["--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
        Ok(((), String::new()))
    })?;
    match call_quiet(&mut deny(&["advisories"])) {
        Ok(_) => eprintln!("advisories checked"),
        Err(error) if error.to_string().contains("failed to fetch advisory database") => {
            eprintln!("advisories not checked");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
