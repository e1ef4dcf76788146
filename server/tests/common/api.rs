//! The API as a program sees it, at noon, with a key.

use super::{Answer, Ask, Site};
use domain::keys::{KeyName, Marks, parse_sources};
use engine::keys::NewKey;
use http::Method;
use serde_json::Value;
use sqlx::PgPool;
use store::Clock;
use testkit::noon;
use tollwarden_server::config::Config;

/// A sample log, gzipped.
pub fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../testdata/b2c/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// A server, and whoever asks it.
#[derive(Clone)]
pub struct Api {
    pub site: Site,
    key: Option<String>,
}

impl Api {
    /// A server, and a key named `test key` with these scopes.
    pub async fn start(pool: PgPool, scopes: &[&str]) -> Self {
        let site = Site::with(pool, Clock::fixed(noon()), &Config::default()).await;
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        // It writes the sources that tests use, and its sends count.
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

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Ask::new(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let ask = Ask::new(Method::POST, path).header("content-type", kind);
        self.ask(ask.bytes(body)).await
    }

    pub async fn post_gzip(&self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let ask = Ask::new(Method::POST, path).header("content-type", kind);
        self.ask(ask.header("content-encoding", "gzip").bytes(body)).await
    }

    /// Puts settings in the place of whichever are there.
    pub async fn put(&self, path: &str, document: &Value) -> Answer {
        let ask = Ask::new(Method::PUT, path).header("content-type", "application/json");
        self.ask(ask.header("if-match", "*").body(&document.to_string())).await
    }

    async fn ask(&self, ask: Ask) -> Answer {
        let ask = match &self.key {
            Some(key) => ask.key(key),
            None => ask,
        };
        self.site.ask(ask).await
    }

    /// A number that the database counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.site.db.read()).await.unwrap()
    }
}
