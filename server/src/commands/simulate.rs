//! `tollwarden simulate`: simulated events as neutral NDJSON.

use super::CommandFailure;
use crate::cli::SimulateArgs;
use domain::simulate::simulate;
use domain::sources::neutral;
use std::io::{BufWriter, Write};

/// Writes the events, one to a line. Needs no store.
///
/// # Errors
/// Days or start out of range; output that cannot be written.
pub(super) fn run(args: &SimulateArgs, out: impl Write) -> Result<(), CommandFailure> {
    let events = simulate(args.events, args.days, args.seed, args.start, &args.attack)?;
    let mut out = BufWriter::with_capacity(1 << 18, out);
    for event in events {
        writeln!(out, "{}", neutral::to_line(&event))?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn output(line: &str) -> Vec<u8> {
        let cli = crate::cli::Cli::try_parse_from(line.split(' ')).unwrap();
        let crate::cli::Command::Simulate(args) = cli.command else { panic!("another command") };
        let mut out = Vec::new();
        run(&args, &mut out).unwrap();
        out
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let line = "tollwarden simulate --events 300 --days 2 --seed 5 --attack sms-pumping";
        let first = output(line);
        assert_eq!(first, output(line));
        assert_eq!(first.iter().filter(|byte| **byte == b'\n').count(), 300);
        assert_ne!(first, output(&line.replace("--seed 5", "--seed 6")));
    }

    #[test]
    fn every_line_is_one_that_import_takes() {
        let line = "tollwarden simulate --events 2000 --days 3 --seed 1 --start 2026-05-01T00:00:00Z \
                    --attack adjacent-calls --attack sms-pumping --attack push-fatigue";
        let source = "unnamed".parse().unwrap();
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        for line in String::from_utf8(output(line)).unwrap().lines() {
            let event = neutral::parse(line.as_bytes(), &source, now).unwrap();
            assert_eq!(neutral::to_line(&event), line);
        }
    }
}
