//! Compares charts with the checked-in files byte for byte. `TOLLWARDEN_SNAPSHOTS=write` writes the
//! files; review the difference before you commit it.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use std::path::Path;

/// Most bytes of a chart.
pub(crate) const LIMIT: usize = 30 * 1_024;

/// Compares markup with a file in `snapshots/`, which has one tag on each line.
pub(crate) fn same(name: &str, markup: &str) {
    assert!(markup.len() <= LIMIT, "{name} has {} bytes", markup.len());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/charts/snapshots").join(name);
    let lines = format!("{}\n", markup.replace('\n', " ").replace("><", ">\n<"));
    if std::env::var("TOLLWARDEN_SNAPSHOTS").as_deref() == Ok("write") {
        std::fs::write(&file, lines).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    for (at, (was, is)) in kept.lines().zip(lines.lines()).enumerate() {
        assert_eq!(was, is, "{name}, line {}", at + 1);
    }
    assert_eq!(kept.lines().count(), lines.lines().count(), "{name}");
}

/// No file in `snapshots/` is unused.
#[test]
fn every_picture_is_compared_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/charts");
    let read =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = read(&folder).filter(|path| path.is_file());
    let code: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for picture in read(&folder.join("snapshots")) {
        let name = picture.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(code.contains(&format!("\"{name}\"")), "{name}");
    }
}
