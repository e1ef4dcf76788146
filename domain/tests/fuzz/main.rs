//! No input makes a parser panic or take long, and every parser reads its own output back.
//!
//! Each target starts from the inputs saved in `corpus/<target>`, one per line (with escapes `\n`
//! and `\x00`), and mutates them with a fixed seed. `FUZZ_INPUTS` sets the number of inputs per
//! target: `FUZZ_INPUTS=10000000 cargo test --release -p tollwarden-domain --features metadata
//! --test fuzz`. A failing input is printed in the saved form.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mutate;
mod targets;

use mutate::Mutator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Inputs per target in a normal run.
const INPUTS: u64 = 5_000;
/// Maximum time per input: inputs are at most 4 KiB, which every parser reads in microseconds.
const LONGEST: Duration = Duration::from_secs(2);

fn inputs() -> u64 {
    std::env::var("FUZZ_INPUTS").map_or(INPUTS, |text| text.parse().unwrap())
}

/// A target's saved inputs.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let kept: Vec<_> = text.lines().map(unescape).collect();
    assert!(!kept.is_empty(), "{name} has nothing to begin with");
    kept
}

fn unescape(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        match (byte, byte == b'\\') {
            (_, false) => out.push(byte),
            (_, true) => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b'r') => out.push(b'\r'),
                Some(b't') => out.push(b'\t'),
                Some(b'x') => {
                    let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                    out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                }
                Some(other) => out.push(other),
                None => panic!("{line}: an escape of nothing"),
            },
        }
    }
    out
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out
}

fn try_one(name: &str, target: fn(&[u8]), input: &[u8]) {
    let begun = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| target(input)));
    let took = begun.elapsed();
    assert!(done.is_ok(), "{name} breaks; keep this line in corpus/{name}:\n{}", escape(input));
    assert!(took < LONGEST, "{name} takes {took:?} for:\n{}", escape(input));
}

fn fuzz(name: &str, target: fn(&[u8])) {
    let kept = corpus(name);
    for input in &kept {
        try_one(name, target, input);
    }
    let mut mutator = Mutator::new(name, kept);
    for _ in 0..inputs() {
        try_one(name, target, mutator.make());
    }
}

#[test]
fn kept_lines_are_read_as_they_were_printed() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(unescape(&escape(&bytes)), bytes);
}

macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            fuzz(stringify!($name), targets::$name);
        })+

        #[test]
        fn every_corpus_has_its_target() {
            let names = [$(stringify!($name)),+];
            let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
            for entry in std::fs::read_dir(corpus).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(names.contains(&name.as_str()), "{name} is asked for by nobody");
            }
        }
    };
}

targets![
    neutral,
    azure,
    language_file,
    csv_rules,
    csv_prices,
    block_list,
    phone,
    key,
    cursor,
    handle,
    query,
    captcha,
    decision,
    report,
    settings,
    network,
    time,
    cookie,
];
