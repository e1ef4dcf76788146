//! `make test`: cargo's tests on a test Postgres, then the browser tests on the built server.

use crate::cluster::Cluster;
use crate::place;
use crate::site;
use crate::steps::{Res, call, cargo, root, step, target};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The numbers of passed and failed tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

/// Runs all tests and prints the totals as the last line.
///
/// # Errors
/// If something does not build, or a test failed.
pub(crate) fn run() -> Res<()> {
    site::build()?;
    step("building the tests", || {
        call(cargo().args(["test", "--quiet", "--no-run"]))?;
        call(cargo().args(["test", "--quiet", "--no-run", "--package=xtask"]))
    })?;
    let mut all = Count::default();
    let mut ended_well = {
        let cluster = Cluster::start()?;
        let mut tests = cargo();
        tests.args(["test", "--quiet", "--no-fail-fast"]).env("DATABASE_URL", cluster.url());
        counted(&mut tests, &mut all)?
    };
    ended_well &= counted(cargo().args(["test", "--quiet", "--package=xtask"]), &mut all)?;
    ended_well &= browser(&mut all)?;
    report(all, ended_well)
}

/// Runs the long form of the fault tests, which `make test` runs in a short form: every fault many
/// times, one after the other, with its cost. Each test starts its own Postgres.
///
/// # Errors
/// If something does not build, or a fault lost data.
pub(crate) fn faults() -> Res<()> {
    site::build()?;
    let mut tests = cargo();
    tests
        .args(["test", "--quiet", "--package=tollwarden", "--test=faults", "--"])
        .args(["--nocapture", "--test-threads=1"])
        .env("TOLLWARDEN_FAULTS", "long");
    let mut all = Count::default();
    let ended_well = counted(&mut tests, &mut all)?;
    report(all, ended_well)
}

fn report(all: Count, ended_well: bool) -> Res<()> {
    println!("{} passed, {} failed", all.passed, all.failed);
    if ended_well && all.failed == 0 { Ok(()) } else { Err("some tests failed, see above".into()) }
}

/// Runs the end-to-end tests. Each of their servers has a private Postgres below `target/end2end`.
fn browser(all: &mut Count) -> Res<bool> {
    let data = place::data("target/end2end")?;
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    eprintln!("end-to-end tests in Chromium");
    let mut playwright = Command::new(root().join("end2end/node_modules/.bin/playwright"));
    playwright
        .arg("test")
        .current_dir(root().join("end2end"))
        .env_remove("DATABASE_URL")
        .env("TOLLWARDEN", target().join("debug/tollwarden"))
        .env("TOLLWARDEN_TEST_DIR", data);
    counted(&mut playwright, all)
}

/// Runs a program with its output passed through, adds the counts in its summary lines, and returns
/// whether it succeeded.
fn counted(command: &mut Command, all: &mut Count) -> Res<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            if !nothing(&line) {
                println!("{line}");
            }
            let found = count(&line);
            all.passed += found.passed;
            all.failed += found.failed;
        }
    }
    Ok(child.wait()?.success())
}

/// Whether this is a line of cargo about a program without tests.
fn nothing(line: &str) -> bool {
    line.is_empty()
        || line == "running 0 tests"
        || line.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored")
}

/// The counts in one line: cargo's `test result: ok. 3 passed; 1 failed; …`, or Playwright's
/// indented `3 passed (2.0s)` and `1 failed`.
fn count(line: &str) -> Count {
    let number = |text: &str, word: &str| -> Option<u64> {
        let (before, _) = text.split_once(word)?;
        before.split_whitespace().next_back()?.parse().ok()
    };
    let cargo = line.strip_prefix("test result:");
    let Some(text) = cargo.or_else(|| line.strip_prefix("  ").filter(|text| is_playwrights(text)))
    else {
        return Count::default();
    };
    Count {
        passed: number(text, " passed").unwrap_or(0),
        failed: number(text, " failed").unwrap_or(0),
    }
}

/// Whether the line is a number, `passed` or `failed`, and optionally a time in brackets.
fn is_playwrights(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    let word = words.next().is_some_and(|word| matches!(word, "passed" | "failed"));
    number && word && words.all(|word| word.starts_with('(') || word.ends_with(')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        for (line, passed, failed) in [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s",
                12,
                0,
            ),
            (
                "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
                2,
                1,
            ),
            ("  7 passed (12.3s)", 7, 0),
            ("  1 failed", 0, 1),
            ("  2 flaky", 0, 0),
            ("  3 passed the salt", 0, 0),
            ("all 3 passed", 0, 0),
        ] {
            assert_eq!(count(line), Count { passed, failed }, "{line}");
        }
    }
}
