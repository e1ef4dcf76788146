//! Requests and answers.

use super::PEER;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;

#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The text as JSON; null where it is none.
    pub json: Value,
}

impl TestResponse {
    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The content type.
    pub fn kind(&self) -> &str {
        self.header("content-type")
    }

    /// The JSON of a 200.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json
    }

    /// Checks that the text has all of these parts.
    #[track_caller]
    pub fn has(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.text.contains(part), "{part} is not in {}", self.text);
        }
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The session's cookie as the browser would send it back.
    pub fn cookie(&self) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let mut lines = lines.map(|line| line.to_str().unwrap());
        let line = lines.find(|line| line.contains("session="))?;
        Some(line.split(';').next().unwrap().to_owned())
    }
}

pub struct TestRequest {
    pub(super) request: http::request::Builder,
    pub(super) peer: [u8; 4],
    pub(super) body: Vec<u8>,
}

/// A browser's request for a page.
pub fn get(path: &str) -> TestRequest {
    TestRequest::new(Method::GET, path).header("accept", "text/html,*/*;q=0.8")
}

/// A browser's request with a form.
pub fn post(path: &str, fields: &[(&str, &str)]) -> TestRequest {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let ask = TestRequest::new(Method::POST, path)
        .header("accept", "text/html,*/*;q=0.8")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    ask.body(&body.finish())
}

impl TestRequest {
    /// A program's request.
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            request: Request::builder().method(method).uri(path).header("host", "localhost:3000"),
            peer: PEER,
            body: Vec::new(),
        }
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// Replaces the host.
    pub fn host(mut self, host: &str) -> Self {
        let headers = self.request.headers_mut().unwrap();
        headers.insert(header::HOST, host.parse().unwrap());
        self
    }

    /// Adds the session's cookie.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    /// Adds a key.
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// Sets the client's address.
    pub fn from(self, peer: [u8; 4]) -> Self {
        Self { peer, ..self }
    }

    /// Sends JSON.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    pub fn body(self, body: &str) -> Self {
        self.bytes(body.into())
    }

    pub fn bytes(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }
}
