//! Clients that send requests and do not read the answers.

use super::desk::DataDirectory;
use super::load::{Import, Load};
use super::{check, extent};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Clients at once, of each kind.
const CLIENTS: usize = 20;

/// Some request a report and read only a few bytes; others send a request byte by byte. All other
/// clients are served as before.
#[test]
fn slow() {
    let desk = DataDirectory::new();
    let server = desk.serve();
    server.wait_ready();
    Import::start(&desk, 99).finish(&desk);
    let load = Load::start(&desk, &server);
    let host = server.base.trim_start_matches("http://");
    for round in 0..extent().rounds {
        let ask = format!(
            "GET /api/v1/reports/events?format=ndjson HTTP/1.1\r\nhost: {host}\r\n\
             authorization: Bearer {}\r\n\r\n",
            desk.key
        );
        let mut readers: Vec<_> = (0..CLIENTS).map(|_| TcpStream::connect(host).unwrap()).collect();
        let mut senders: Vec<_> = (0..CLIENTS).map(|_| TcpStream::connect(host).unwrap()).collect();
        for reader in &mut readers {
            reader.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            reader.write_all(ask.as_bytes()).unwrap();
        }
        let import = Import::start(&desk, round);
        let begun = Instant::now();
        let mut some = [0; 16];
        for at in 0.. {
            if begun.elapsed() > extent().stands_still {
                break;
            }
            for sender in &mut senders {
                // Those that the server has given up are gone.
                let _ = sender.write(&ask.as_bytes()[at % ask.len()..][..1]);
            }
            let _ = readers[at % CLIENTS].read(&mut some);
            std::thread::sleep(Duration::from_millis(100));
        }
        import.finish(&desk);
        server.wait_ready();
    }
    let told = load.stop();
    println!("{}", told.row("slow readers", extent().rounds));
    assert!(told.from_memory.is_empty(), "the store was there all the time");
    assert!(told.exports > 0, "nobody else got a report");
    check::all(&desk, &server, &told);
}
