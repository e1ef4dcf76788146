//! Imports into memory.

mod bad;
mod cases;
mod follow;
mod odd;
mod samples;
mod shapes;
mod speed;

use super::*;
use domain::EventKey;
use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Keeps events in memory.
#[derive(Default)]
pub(super) struct Memory(Mutex<(HashSet<EventKey>, Vec<Event>)>);

impl Memory {
    pub(super) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().1.clone()
    }

    pub(super) fn keys(&self) -> HashSet<EventKey> {
        self.0.lock().unwrap().0.clone()
    }
}

impl Sink for Memory {
    async fn submit(&self, events: Vec<Event>) -> Result<BatchCounts, QueueError> {
        assert!(events.len() <= 2_000);
        let mut kept = self.0.lock().unwrap();
        let mut counts = BatchCounts::default();
        for event in events {
            if kept.0.insert(event.key()) {
                counts.accepted += 1;
                kept.1.push(event);
            } else {
                counts.duplicates += 1;
            }
        }
        Ok(counts)
    }
}

/// Collects rejections.
#[derive(Default)]
pub(super) struct SeenRejections {
    pub(super) rejected: Vec<String>,
    pub(super) last: Progress,
}

impl ImportObserver for SeenRejections {
    fn rejected(&mut self, record: &Rejected) {
        self.rejected.push(record.to_string());
    }

    fn progress(&mut self, progress: Progress) {
        self.last = progress;
    }
}

/// Returns at most this many bytes per read.
pub(super) struct Dribble {
    pub(super) bytes: Vec<u8>,
    pub(super) at: usize,
    pub(super) step: usize,
}

impl Read for Dribble {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.step.min(into.len()).min(self.bytes.len() - self.at);
        into[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

pub(super) fn now() -> DateTime<Utc> {
    domain::period::parse_time("2026-11-20T09:30:00Z").unwrap()
}

pub(super) struct Done {
    pub(super) memory: Memory,
    pub(super) seen: SeenRejections,
    pub(super) outcome: Outcome,
}

impl Done {
    /// Read, accepted, duplicates, ignored, rejected.
    pub(super) fn counts(&self) -> [u64; 5] {
        let report = &self.outcome.report;
        assert_eq!(
            report.read,
            report.accepted + report.duplicates + report.ignored + report.rejected
        );
        assert_eq!(report.ignored_kinds.total(), report.ignored);
        [report.read, report.accepted, report.duplicates, report.ignored, report.rejected]
    }
}

impl<R: Read + Send + 'static> From<Box<R>> for Input {
    fn from(stream: Box<R>) -> Self {
        Self::Stream(stream)
    }
}

pub(super) async fn import_stream(input: impl Into<Input>, options: Options) -> Done {
    let memory = Memory::default();
    let mut seen = SeenRejections::default();
    let outcome =
        import(input.into(), options, &memory, &mut seen, &CancellationToken::new()).await;
    Done { memory, seen, outcome }
}

pub(super) async fn import_bytes(bytes: impl Into<Vec<u8>>) -> Done {
    let input = Box::new(io::Cursor::new(bytes.into()));
    import_stream(input, Options::new("log", now()).unwrap()).await
}

/// Imports bytes that arrive in small pieces.
pub(super) async fn import_slowly(bytes: &[u8], step: usize) -> Done {
    let input = Box::new(Dribble { bytes: bytes.to_vec(), at: 0, step });
    import_stream(input, Options::new("log", now()).unwrap()).await
}

/// One of our own events on one line, without its line end.
pub(super) fn event(id: impl fmt::Display) -> String {
    format!(r#"{{"id":"{id}","time":"2026-11-20T09:00:00Z","kind":"sent"}}"#)
}
