//! A full disk, for the server and its Postgres.

use super::desk::DataDirectory;
use super::load::{Import, Load};
use super::{check, extent};
use std::fs::{self, File};
use std::io::Write as _;
use std::time::Duration;

/// The size of the disk: twice the store with its write-ahead log.
const SIZE: &str = "size=512m,mode=755";

/// Another process fills the disk for a while.
#[test]
fn full() {
    let Some(desk) = DataDirectory::on_small_disk(SIZE) else {
        println!("fault: disk full: NOT TRIED, this user may not mount a small one");
        return;
    };
    let server = desk.serve();
    server.wait_ready();
    let load = Load::start(&desk, &server);
    for round in 0..extent().rounds {
        std::thread::sleep(Duration::from_millis(700));
        let filler = desk.path("filler");
        fill(&mut File::create(&filler).unwrap());
        std::thread::sleep(extent().stands_still);
        assert!(ureq::get(format!("{}/healthz", server.base)).call().is_ok());
        fs::remove_file(filler).unwrap();
        server.wait_ready();
        Import::start(&desk, round).finish(&desk);
    }
    let told = load.stop();
    println!("{}", told.row("disk full", extent().rounds));
    check::all(&desk, &server, &told);
    check::from_memory(&desk, &told);
    let said = server.log_text();
    assert!(said.contains("No space left on device"), "the log says nothing of it: {said}");
}

/// Fills the disk to its last block.
fn fill(file: &mut File) {
    for size in [1 << 20, 1 << 12, 1] {
        let bytes = vec![0x55; size];
        while file.write_all(&bytes).is_ok() {}
    }
}
