//! A plain HTTP client.

use std::io::Read;
use ureq::Agent;

/// A client with its cookies and kept connections.
pub(crate) struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self { agent: config.into(), base: base.to_owned() }
    }

    pub(crate) fn post_events(&self, authorization: &str, lines: &str) {
        let text = self.post("/api/v1/events", authorization, "application/x-ndjson", lines, 200);
        assert!(text.contains("\"rejected\":[]"), "{text}");
    }

    /// Sends a JSON document with a key.
    pub(crate) fn post_json(&self, path: &str, authorization: &str, body: &str, expected: u16) {
        self.post(path, authorization, "application/json", body, expected);
    }

    /// Sends a document of some type with a key; the answer's text.
    fn post(&self, path: &str, key: &str, kind: &str, body: &str, expected: u16) -> String {
        let request = self.agent.post(format!("{}{path}", self.base)).header("authorization", key);
        let mut answer = request.header("content-type", kind).send(body).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), expected, "{text}");
        text
    }

    /// Asks with a key.
    pub(crate) fn get_with(&self, path: &str, authorization: &str) -> String {
        let mut answer = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("authorization", authorization)
            .call()
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.body_mut().read_to_string().unwrap()
    }

    /// How many lines an answer has, read as it comes.
    pub(crate) fn lines(&self, path: &str, authorization: &str) -> usize {
        let mut lines = 0;
        self.read(path, authorization, |bytes| {
            lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        });
        lines
    }

    /// How many bytes an answer has, read as it comes.
    pub(crate) fn size(&self, path: &str, authorization: &str) -> usize {
        let mut size = 0;
        self.read(path, authorization, |bytes| size += bytes.len());
        size
    }

    fn read(&self, path: &str, authorization: &str, mut each: impl FnMut(&[u8])) {
        let request = self.agent.get(format!("{}{path}", self.base));
        let answer = request.header("authorization", authorization).call().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let mut body = answer.into_body().into_reader();
        let mut bytes = vec![0; 1 << 20];
        loop {
            match body.read(&mut bytes).unwrap() {
                0 => break,
                n => each(&bytes[..n]),
            }
        }
    }

    /// Signs in; the cookie is kept.
    pub(crate) fn sign_in(&self, email: &str, password: &str) {
        let answer = self
            .agent
            .post(format!("{}/_fn/sign-in", self.base))
            .header("origin", &self.base)
            .header("accept", "text/html")
            .send_form([("email", email), ("password", password)])
            .unwrap();
        assert!(answer.status().is_redirection(), "sign-in answered {}", answer.status());
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut answer = self.agent.get(format!("{}{path}", self.base)).call().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.body_mut().with_config().limit(64 << 20).read_to_string().unwrap()
    }

    /// Asks, with a key if one is given, and reads the answer whole; its status. Cut off is 0.
    pub(crate) fn status(&self, path: &str, authorization: Option<&str>) -> u16 {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let Ok(answer) = request.call() else { return 0 };
        let status = answer.status().as_u16();
        let read = std::io::copy(&mut answer.into_body().into_reader(), &mut std::io::sink());
        if read.is_ok() { status } else { 0 }
    }

    /// Bytes that a file takes on the wire for a client that reads brotli.
    pub(crate) fn transferred(&self, path: &str) -> usize {
        let answer = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("accept-encoding", "br")
            .call()
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let mut bytes = Vec::new();
        answer.into_body().into_reader().read_to_end(&mut bytes).unwrap();
        bytes.len()
    }
}

/// The size of bytes in brotli, as a server on the fly compresses (quality 5).
pub(crate) fn brotli(bytes: &[u8]) -> usize {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).unwrap();
    out.len()
}

/// Script, WebAssembly and style that a page names (the font is not counted by the contract).
pub(crate) fn assets(page: &str) -> Vec<String> {
    let mut paths: Vec<String> = page
        .split(['"', '\''])
        .filter(|text| text.starts_with("/pkg/"))
        .filter(|text| [".js", ".wasm", ".css"].iter().any(|end| text.ends_with(end)))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    assert!(paths.len() >= 3, "the page names {paths:?}");
    paths
}
