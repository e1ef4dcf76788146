//! A mail server and a webhook, which do not listen at first.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The ids of messages that came, in their order.
type Ids = Arc<Mutex<Vec<String>>>;

/// How a server answers a client.
type Answer = fn(TcpStream, &Ids) -> std::io::Result<()>;

/// A server that takes messages.
pub struct Receiver {
    pub port: u16,
    ids: Ids,
    answer: Answer,
}

impl Receiver {
    /// A mail server that does not listen yet.
    pub fn mail() -> Self {
        Self::closed(mail)
    }

    /// A webhook that does not listen yet.
    pub fn webhook() -> Self {
        Self::closed(call)
    }

    fn closed(answer: Answer) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { port: free.local_addr().unwrap().port(), ids: Ids::default(), answer }
    }

    /// Answers every client in a thread of its own until the test's process ends.
    pub fn open(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let (ids, answer) = (self.ids.clone(), self.answer);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let ids = ids.clone();
                std::thread::spawn(move || answer(client, &ids));
            }
        });
    }

    pub fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap().clone()
    }
}

/// As much of RFC 5321 as a minimal client needs.
fn mail(client: TcpStream, ids: &Ids) -> std::io::Result<()> {
    let (mut write, read) = (client.try_clone()?, BufReader::new(client));
    write.write_all(b"220 here\r\n")?;
    let mut in_data = false;
    for line in read.lines() {
        let line = line?;
        if in_data {
            if let Some(id) = line.to_lowercase().strip_prefix("message-id:") {
                ids.lock().unwrap().push(id.trim().to_owned());
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
            "webhook-id" => ids.lock().unwrap().push(value.to_owned()),
            _ => {}
        }
    }
    read.read_exact(&mut vec![0; length])?;
    write.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
}
