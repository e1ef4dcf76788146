//! A Postgres that is killed, restarted, frozen, or takes no connections.

use super::desk::{DataDirectory, Server, signal_all};
use super::load::{Import, Load};
use super::{check, extent};
use sqlx::{Connection as _, PgConnection};
use std::time::{Duration, Instant};

/// Causes a fault under load `extent().rounds` times, then checks the store. Nobody restarts the
/// server.
fn under_load(name: &str, says: &str, fault: impl Fn(&DataDirectory, &Server)) {
    let desk = DataDirectory::new();
    let server = desk.serve();
    server.wait_ready();
    let load = Load::start(&desk, &server);
    for round in 0..extent().rounds {
        let import = Import::start(&desk, round);
        std::thread::sleep(Duration::from_millis(700));
        fault(&desk, &server);
        // Otherwise the repeated import may start Postgres before the server notices.
        let until = Instant::now() + Duration::from_secs(10);
        while !server.log_text().contains(says) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
        server.wait_ready();
        std::thread::sleep(Duration::from_millis(500));
        import.finish(&desk);
    }
    let told = load.stop();
    println!("{}", told.row(name, extent().rounds));
    // Half a second when the store is away, two more when it is slow (docs/gate.md); twice that in a
    // debug build on two cores with everything else at work.
    assert!(told.slowest < Duration::from_secs(5), "a decision took {:?}", told.slowest);
    check::all(&desk, &server, &told);
    check::from_memory(&desk, &told);
    assert!(server.log_text().contains(says), "the log says nothing of it: {}", server.log_text());
}

#[test]
fn killed() {
    // The server starts it again, unless the import that is run again does so first.
    under_load("Postgres killed", "cannot be reached", |desk, _| {
        signal_all("-KILL", desk.postmaster());
    });
}

#[test]
fn restarted() {
    under_load("Postgres restarted", "Postgres has died", |desk, _| {
        signal_all("-INT", desk.postmaster());
    });
}

#[test]
fn frozen() {
    under_load("Postgres frozen", "database", |desk, _| {
        let pid = desk.postmaster();
        signal_all("-STOP", pid);
        std::thread::sleep(extent().stands_still);
        signal_all("-CONT", pid);
    });
}

/// Other clients hold all connections of Postgres. The server's own connections keep working.
#[test]
fn out_of_connections() {
    under_load("no connections left", "", |desk, server| {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let cluster = desk.cluster().await;
            let mut held = Vec::new();
            while let Ok(one) = PgConnection::connect(cluster.url()).await {
                held.push(one);
                assert!(held.len() < 1_000, "Postgres has no limit");
            }
            let begun = Instant::now();
            while begun.elapsed() < extent().stands_still {
                assert!(ureq::get(format!("{}/healthz", server.base)).call().is_ok());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            for one in held {
                one.close().await.unwrap();
            }
            cluster.leave().await.unwrap();
        });
    });
}
