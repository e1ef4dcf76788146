//! A client that opens a connection for each request.

use chrono::{DateTime, Utc};
use domain::gate::DecisionId;
use serde_json::{Value, json};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[derive(Clone)]
pub struct Client {
    /// `127.0.0.1:port`.
    pub at: String,
    pub key: String,
}

pub struct ClientAnswer {
    pub status: u16,
    pub text: String,
    pub json: Value,
    /// From connecting to the end of the answer.
    pub took: Duration,
}

impl ClientAnswer {
    /// The codes of a decision's reasons.
    pub fn codes(&self) -> Vec<String> {
        let reasons = self.json["reasons"].as_array().unwrap_or_else(|| panic!("{}", self.text));
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    }

    /// A decision's id.
    pub fn id(&self) -> Uuid {
        let id = self.json["id"].as_str().unwrap_or_else(|| panic!("{}", self.text));
        id.parse::<DecisionId>().unwrap().0
    }
}

impl Client {
    pub fn decide(&self, phone: &str) -> ClientAnswer {
        self.try_decide(phone).unwrap()
    }

    /// A decision, or an error if the server ends before it answers.
    pub fn try_decide(&self, phone: &str) -> io::Result<ClientAnswer> {
        let body = json!({ "phone": phone, "channel": "sms" });
        let answer = self.ask("POST", "/api/v1/decisions", &body.to_string())?;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Ok(answer)
    }

    pub fn dry_run(&self, phone: &str, now: Option<DateTime<Utc>>) -> ClientAnswer {
        let mut body = json!({ "phone": phone, "channel": "sms", "journey": "dry" });
        if let Some(now) = now {
            body["now"] = json!(now.to_rfc3339());
        }
        self.post("/api/v1/decisions?dry_run=true", &body)
    }

    pub fn post(&self, path: &str, body: &Value) -> ClientAnswer {
        self.ask("POST", path, &body.to_string()).unwrap()
    }

    pub fn put(&self, path: &str, body: &Value) -> ClientAnswer {
        self.ask("PUT", path, &body.to_string()).unwrap()
    }

    pub fn get(&self, path: &str) -> ClientAnswer {
        self.ask("GET", path, "").unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> io::Result<ClientAnswer> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&self.at)?;
        stream.set_read_timeout(Some(Duration::from_secs(15)))?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nIf-Match: *\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.at,
            self.key,
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (head, text) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let wanted = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if wanted.is_some_and(|wanted| wanted != text.len()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(ClientAnswer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            text: text.to_owned(),
            json: serde_json::from_str(text).unwrap_or_default(),
            took: begun.elapsed(),
        })
    }
}
