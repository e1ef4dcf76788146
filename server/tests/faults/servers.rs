//! Servers that are killed.

use super::desk::DataDirectory;
use super::load::{Import, Load};
use super::{check, extent};
use std::time::Duration;

#[test]
fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let desk = DataDirectory::new();
    let mut server = desk.serve();
    let load = Load::start(&desk, &server);
    for round in 0..extent().rounds {
        let import = Import::start(&desk, round);
        std::thread::sleep(Duration::from_millis(700));
        server.kill();
        std::thread::sleep(Duration::from_millis(200));
        server = desk.serve();
        server.wait_ready();
        load.turn_to(&server);
        std::thread::sleep(Duration::from_millis(500));
        import.finish(&desk);
    }
    let told = load.stop();
    println!("{}", told.row("server killed", extent().rounds));
    check::all(&desk, &server, &told);
}

/// Two servers share one Postgres that neither started. One is killed under load; the other goes on
/// without a pause and finishes what the killed one began.
#[test]
fn of_two_servers_one_is_killed() {
    let desk = DataDirectory::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cluster = runtime.block_on(desk.cluster());
    let stays = desk.serve_on(cluster.url(), "second");
    stays.wait_ready();
    let there = Load::start(&desk, &stays);
    let mut all = Vec::new();
    for _ in 0..extent().rounds {
        let goes = desk.serve_on(cluster.url(), "first");
        goes.wait_ready();
        let here = Load::start(&desk, &goes);
        std::thread::sleep(Duration::from_millis(700));
        goes.kill();
        all.push(here.stop());
    }
    let mut told = there.stop();
    assert!(told.from_memory.is_empty(), "the other server was cut off, too");
    for other in all {
        told.add(other);
    }
    println!("{}", told.row("one of two servers killed", extent().rounds));
    check::all(&desk, &stays, &told);
    drop(stays);
    runtime.block_on(cluster.leave()).unwrap();
}
