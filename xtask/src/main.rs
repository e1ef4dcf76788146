//! The steps behind `make` that are too long for a recipe. Each prints one line with its time.

mod check;
#[cfg(test)]
mod circles;
mod cluster;
mod css;
mod demo;
mod place;
mod serve;
mod site;
mod steps;
mod story;
mod test;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- COMMAND
  build    build the client (WebAssembly, script, style, font) into target/site
  run      build everything and start the server on var/
  demo     the same on a separate store with a simulated month
  test     all tests: cargo's on a test Postgres, then the browser's
  check    check format, types, lints, dependency bans, licences, sources, advisories
  faults   run the long fault tests and print their table
  bench    measure the contract's figures on a release server
  dist     build the release file dist/tollwarden";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["build"] => site::build(),
        ["run"] => serve::run(),
        ["demo"] => demo::run(),
        ["test"] => test::run(),
        ["check"] => check::run(),
        ["faults"] => test::faults(),
        ["bench"] => serve::bench(),
        ["dist"] => serve::dist(),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
