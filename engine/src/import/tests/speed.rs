//! Speed of parsing. Not run with the other tests: a debug build says nothing about speed.

use super::*;
use std::time::Instant;

/// Accepts all events and stores none.
struct Nowhere;

impl Sink for Nowhere {
    async fn submit(&self, events: Vec<Event>) -> Result<BatchCounts, QueueError> {
        Ok(BatchCounts { accepted: events.len() as u64, ..BatchCounts::default() })
    }
}

#[tokio::test]
#[ignore = "prints figures, checks nothing"]
async fn records_per_second() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/b2c");
    for name in ["la.csv.gz", "diag.jsonl.gz", "graph.json.gz", "la.json.gz"] {
        let packed = std::fs::read(folder.join(name)).unwrap();
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        let mut many = Vec::new();
        for at in 0..50 {
            // A table has one header.
            let table = at > 0 && name.starts_with("la.csv");
            let skip = memchr::memchr(b'\n', &bytes).filter(|_| table).map_or(0, |end| end + 1);
            many.extend_from_slice(&bytes[skip..]);
        }
        let size = many.len();
        let begun = Instant::now();
        let input = Box::new(io::Cursor::new(many));
        let options = Options::new("log", now()).unwrap();
        let stop = CancellationToken::new();
        let outcome = import(input.into(), options, &Nowhere, &mut (), &stop).await;
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{name}: {:?} {:.0} records/s, {:.0} MB/s",
            outcome.report,
            outcome.report.read as f64 / seconds,
            size as f64 / seconds / 1e6
        );
    }
}
