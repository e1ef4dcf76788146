//! The API at noon, asked with a key.

use super::{TestRequest, TestResponse, TestServer};
use domain::keys::{KeyName, Marks, parse_sources};
use engine::keys::NewKey;
use http::Method;
use serde_json::Value;
use sqlx::PgPool;
use testkit::noon;

/// A sample log, gzipped.
pub fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../testdata/b2c/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// A server and, if there is one, the key of the requests.
#[derive(Clone)]
pub struct Api {
    pub site: TestServer,
    key: Option<String>,
}

impl Api {
    /// A server, and a key named `test key` with these scopes.
    pub async fn start(pool: PgPool, scopes: &[&str]) -> Self {
        let site = TestServer::at(pool, noon()).await;
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        // It writes the sources that tests use, and its `sent` events count.
        let key = NewKey {
            sources: parse_sources("b2c,entra,test").unwrap(),
            marks: Marks::IMPORT,
            ..NewKey::new(KeyName::parse("test key").unwrap(), scopes)
        };
        let key = site.make(key).await;
        Self { site, key: Some(key) }
    }

    /// The same without a key.
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.ask(TestRequest::new(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> TestResponse {
        let ask = TestRequest::new(Method::POST, path).header("content-type", kind);
        self.ask(ask.bytes(body)).await
    }

    pub async fn post_gzip(&self, path: &str, kind: &str, body: Vec<u8>) -> TestResponse {
        let ask = TestRequest::new(Method::POST, path).header("content-type", kind);
        self.ask(ask.header("content-encoding", "gzip").bytes(body)).await
    }

    /// Replaces a document, whatever its version.
    pub async fn put(&self, path: &str, document: &Value) -> TestResponse {
        self.ask(TestRequest::new(Method::PUT, path).header("if-match", "*").json(document)).await
    }

    async fn ask(&self, ask: TestRequest) -> TestResponse {
        let ask = match &self.key {
            Some(key) => ask.key(key),
            None => ask,
        };
        self.site.ask(ask).await
    }

    /// A count from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.site.value(sql).await
    }
}
