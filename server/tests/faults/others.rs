//! A mail server and a webhook, which are away at first.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A port that nobody listens on.
fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What came: the ids of messages, in their order.
#[derive(Clone, Default)]
struct Ids(Arc<Mutex<Vec<String>>>);

/// Answers every client on a port in a thread of its own until the test's process ends.
fn listen(port: u16, ids: &Ids, answer: fn(TcpStream, &Ids) -> std::io::Result<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let ids = ids.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let ids = ids.clone();
            std::thread::spawn(move || answer(client, &ids));
        }
    });
}

/// A mail server.
pub struct Mails {
    pub port: u16,
    ids: Ids,
}

impl Mails {
    pub fn closed() -> Self {
        Self { port: free(), ids: Ids::default() }
    }

    pub fn open(self) -> Self {
        listen(self.port, &self.ids, mail);
        self
    }

    pub fn ids(&self) -> Vec<String> {
        self.ids.0.lock().unwrap().clone()
    }
}

/// As much of RFC 5321 as a client needs that says no more than it must.
fn mail(client: TcpStream, ids: &Ids) -> std::io::Result<()> {
    let (mut write, read) = (client.try_clone()?, BufReader::new(client));
    write.write_all(b"220 here\r\n")?;
    let mut in_data = false;
    for line in read.lines() {
        let line = line?;
        if in_data {
            if let Some(id) = line.to_lowercase().strip_prefix("message-id:") {
                ids.0.lock().unwrap().push(id.trim().to_owned());
            }
            in_data = line != ".";
            if in_data {
                continue;
            }
        }
        in_data = line == "DATA";
        write.write_all(if in_data { b"354 go on\r\n" } else { b"250 taken\r\n" })?;
    }
    Ok(())
}

/// A webhook's other side.
pub struct Webhook {
    pub port: u16,
    ids: Ids,
}

impl Webhook {
    pub fn closed() -> Self {
        Self { port: free(), ids: Ids::default() }
    }

    pub fn open(self) -> Self {
        listen(self.port, &self.ids, call);
        self
    }

    pub fn ids(&self) -> Vec<String> {
        self.ids.0.lock().unwrap().clone()
    }
}

fn call(client: TcpStream, ids: &Ids) -> std::io::Result<()> {
    let (mut write, mut read) = (client.try_clone()?, BufReader::new(client));
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        read.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() { break } else { continue }
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "webhook-id" => ids.0.lock().unwrap().push(value.to_owned()),
            _ => {}
        }
    }
    read.read_exact(&mut vec![0; length])?;
    write.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
}
