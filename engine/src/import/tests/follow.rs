//! Watching a directory.

use super::*;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use tempfile::TempDir;

struct Watched {
    directory: TempDir,
    follow: Follow,
    memory: Memory,
    seen: SeenRejections,
}

impl Watched {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let clock = store::Clock::fixed(now());
        let follow = Follow::new(directory.path(), Shape::default(), clock).unwrap();
        Self { directory, follow, memory: Memory::default(), seen: SeenRejections::default() }
    }

    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    /// Accepted, duplicates, rejected, errors.
    async fn step(&mut self) -> (u64, u64, u64, usize) {
        let stop = CancellationToken::new();
        let round = self.follow.step(&self.memory, &mut self.seen, &stop).await.unwrap();
        let report = round.report;
        (report.accepted, report.duplicates, report.rejected, round.errors.len())
    }
}

#[tokio::test]
async fn lines_are_read_as_they_are_complete() {
    let mut watched = Watched::new();
    assert_eq!(watched.step().await, (0, 0, 0, 0));
    watched.append("y=2026/PT1H.json", event(1) + "\n" + &event(2)[..20]);
    watched.append(".hidden", event(9));
    assert_eq!(watched.step().await, (1, 0, 0, 0));
    assert_eq!(watched.step().await, (0, 0, 0, 0));
    watched.append("y=2026/PT1H.json", event(2)[20..].to_owned() + "\n" + &event(3));
    // The third record is complete without a line end.
    assert_eq!(watched.step().await, (2, 0, 0, 0));
    watched.append("y=2026/PT1H.json", "\noops\n".to_owned() + &event(4));
    assert_eq!(watched.step().await, (1, 0, 1, 0));
    assert!(
        watched.seen.rejected[0]
            .ends_with("PT1H.json:4: malformed JSON at line 4, column 1: expected value")
    );
    // Replaced by something shorter, then by something else of the same length.
    let path = watched.directory.path().join("y=2026/PT1H.json");
    fs::write(&path, event(5)).unwrap();
    assert_eq!(watched.step().await, (1, 0, 0, 0));
    fs::write(&path, event(6) + "\n" + &event(7)).unwrap();
    assert_eq!(watched.step().await, (2, 0, 0, 0));
    fs::remove_file(&path).unwrap();
    assert_eq!(watched.step().await, (0, 0, 0, 0));
}

#[tokio::test]
async fn documents_are_read_again() {
    let mut watched = Watched::new();
    watched.append("page.json", format!("{{\"value\":[{},{}", event(1), &event(2)[..30]));
    assert_eq!(watched.step().await, (1, 0, 0, 0));
    watched.append("page.json", format!("{}]}}", &event(2)[30..]));
    assert_eq!(watched.step().await, (1, 1, 0, 0));
    let head = "TimeGenerated,OperationName,Result,Id\n";
    let row = "2020-12-01T00:00:00Z,Verify phone number,success,";
    watched.append("log.csv", format!("{head}{row}1\n{row}22"));
    assert_eq!(watched.step().await, (1, 0, 0, 0));
    watched.append("log.csv", "33\n");
    assert_eq!(watched.step().await, (1, 1, 0, 0));
    let ids: Vec<_> = watched.memory.events().into_iter().map(|event| event.id).collect();
    assert_eq!(ids, ["1", "2", "1", "2233"]);
}

#[tokio::test]
async fn what_never_ends_is_taken_in_the_end() {
    let mut watched = Watched::new();
    let head = "TimeGenerated,OperationName,Result,Id\n";
    watched.append("log.csv", format!("{head}2020-12-01T00:00:00Z,Verify phone number,success,1"));
    watched.append("cut.json", "{\"id\":");
    watched.append("not.json", b"\xff\xfea\0");
    let mut total = (0, 0, 0, 0);
    for _ in 0..20 {
        let round = watched.step().await;
        total.0 += round.0;
        total.2 += round.2;
        total.3 += round.3;
    }
    assert_eq!(total, (1, 0, 1, 1));
}
