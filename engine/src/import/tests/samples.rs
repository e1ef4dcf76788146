//! The five sample logs: one month's records, each in another of Microsoft's shapes.

use super::*;
use domain::{Channel, Kind};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const SAMPLES: [&str; 5] =
    ["diag.jsonl.gz", "graph.json.gz", "la.csv.gz", "la.json.gz", "records.json.gz"];

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/b2c");
    std::fs::read(folder.join(name)).unwrap()
}

fn unpacked(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&sample(name)[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

fn count<'a>(
    events: impl Iterator<Item = &'a Event>,
    key: impl Fn(&Event) -> Option<String>,
) -> Value {
    let mut counts = BTreeMap::new();
    for event in events {
        if let Some(key) = key(event) {
            *counts.entry(key).or_insert(0_u64) += 1;
        }
    }
    serde_json::to_value(counts).unwrap()
}

#[tokio::test]
async fn every_shape_holds_the_same_events() {
    let mut all: Option<Vec<Event>> = None;
    for name in SAMPLES {
        let done = import_bytes(sample(name)).await;
        assert_eq!(done.counts(), [1208, 1208, 0, 0, 0], "{name}: {:?}", done.seen.rejected);
        assert!(done.outcome.error.is_none());
        assert_eq!(done.seen.last.bytes, sample(name).len() as u64);
        let mut events = done.memory.events();
        events.sort_by_key(Event::key);
        match &all {
            None => all = Some(events),
            Some(first) => assert!(*first == events, "{name} differs"),
        }
    }
}

#[tokio::test]
async fn pieces_of_any_size_make_the_same_records() {
    for name in SAMPLES {
        let bytes = unpacked(name);
        let whole = import_bytes(bytes.clone()).await;
        for step in [1, 61, 4_096] {
            let done = import_slowly(&bytes, step).await;
            assert_eq!(done.counts(), [1208, 1208, 0, 0, 0], "{name} by {step}");
            assert!(done.memory.keys() == whole.memory.keys());
        }
    }
}

#[tokio::test]
async fn what_the_original_workbook_counts() {
    let truth: Value = serde_json::from_slice(&sample("truth.json")).unwrap();
    let events = import_bytes(sample("la.csv.gz")).await.memory.events();
    for (view, voice) in [("voice", true), ("all", false)] {
        let failures = || {
            events.iter().filter(move |event| {
                event.kind.is_failure() && (!voice || event.channel == Some(Channel::Voice))
            })
        };
        let truth = &truth[view];
        assert_eq!(truth["total"], failures().count());
        let phone = |event: &Event| event.phone.map(|phone| phone.to_string());
        let ip = |event: &Event| event.ip.map(|ip| ip.to_string());
        assert_eq!(truth["failure-reasons"], count(failures(), |event| event.reason_text.clone()));
        let blocked = failures().filter(|event| event.kind == Kind::Blocked);
        assert_eq!(truth["blocked-numbers"], count(blocked, phone));
        assert_eq!(truth["ip-failures"], count(failures(), ip));
        let pairs = count(failures(), |event| Some(format!("{}|{}", phone(event)?, ip(event)?)));
        assert_eq!(truth["number-ip-failures"], pairs);
        // All texts are known.
        assert!(
            failures()
                .all(|event| { event.reason.is_some_and(|reason| reason.as_str() != "unknown") })
        );
    }
}

#[test]
fn a_body_is_read_as_a_file_is() {
    for name in SAMPLES {
        let records = read_body(unpacked(name), 10_000).unwrap();
        assert_eq!(records.len(), 1208);
        assert!(records.iter().all(|record| matches!(record, Ok(domain::sources::Read::Event(_)))));
    }
    assert!(read_body(b"hello\nworld\n".to_vec(), 10_000).is_err());
    assert!(read_body(Vec::new(), 10_000).unwrap().is_empty());
    let records = read_body(b"[{\"operationName\": }, {\"a\": 1}]".to_vec(), 10_000).unwrap();
    let codes: Vec<_> = records.into_iter().map(|record| record.unwrap_err().code).collect();
    assert_eq!(codes, [domain::Fault::InvalidJson, domain::Fault::Unreadable]);
}

type ReadResult = Result<domain::sources::Read, domain::sources::Rejection>;

fn read_body(body: Vec<u8>, most: usize) -> Result<Vec<ReadResult>, BodyError> {
    read_azure_body(Box::new(io::Cursor::new(body)), now(), most)
}

#[test]
fn a_body_is_not_read_past_one_record_too_many() {
    let lines = "{}\n".repeat(20_000);
    let array = format!("{{\"records\":[{}]}}", vec!["1"; 20_000].join(","));
    for text in [lines, array] {
        assert_eq!(read_body(text.clone().into(), 20_000).unwrap().len(), 20_000);
        assert!(matches!(read_body(text.clone().into(), 19_999), Err(BodyError::TooMany)));
    }
    // What follows is not read: reading it would fail.
    let head = "{}\n".repeat(400_000).into_bytes();
    let rest = io::Cursor::new(head).chain(Broken);
    let read = read_azure_body(Box::new(rest), now(), 10_000);
    assert!(matches!(read, Err(BodyError::TooMany)));
}

/// A stream that cannot be read.
struct Broken;

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("read too far"))
    }
}
