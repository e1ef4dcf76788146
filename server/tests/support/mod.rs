//! A server in this process, asked through its whole router.
#![allow(dead_code, reason = "each test file uses its part")]

use app::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use domain::audit::By;
use domain::keys::{KeyName, Marks, parse_sources};
use engine::Engine;
use engine::keys::NewKey;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use sqlx::PgPool;
use std::net::SocketAddr;
use store::{Clock, Db};
use tollwarden_server::config::Config;
use tollwarden_server::router::router;
use tower::ServiceExt;

/// The time in tests.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    domain::period::parse_time("2026-11-20T12:00:00Z").unwrap()
}

/// A sample log, gzipped.
pub fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../testdata/b2c/{name}.gz", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// The API as a program sees it.
#[derive(Clone)]
pub struct Api {
    pub router: Router,
    pub engine: Engine,
    key: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub kind: String,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// The JSON of a 200.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json
    }
}

impl Api {
    /// A server, and a key named `test key` with these scopes.
    pub async fn start(pool: PgPool, scopes: &[&str]) -> Self {
        let engine = Engine::start(Db::new(pool, Clock::fixed(now()))).await.unwrap();
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        // It writes the sources that tests use, and its sends count.
        let key = NewKey {
            sources: parse_sources("b2c,entra,test").unwrap(),
            marks: Marks::IMPORT,
            ..NewKey::new(KeyName::parse("test key").unwrap(), scopes)
        };
        let key = engine::keys::create(&engine.db, &By::command(), key).await.unwrap().reveal();
        let router = router(engine.clone(), &Config::default(), Assets::default()).await;
        Self { router, engine, key: Some(key) }
    }

    /// The same without a key.
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path), Vec::new()).await
    }

    pub async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.ask(Request::post(path).header(header::CONTENT_TYPE, kind), body).await
    }

    /// Puts settings in the place of whichever are there.
    pub async fn put(&self, path: &str, document: &Value) -> Answer {
        let request = Request::put(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request.header(header::IF_MATCH, "*"), document.to_string().into_bytes()).await
    }

    pub async fn post_gzip(&self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        self.ask(request.header(header::CONTENT_ENCODING, "gzip"), body).await
    }

    async fn ask(&self, mut request: http::request::Builder, body: Vec<u8>) -> Answer {
        request = request.header(header::HOST, "127.0.0.1:3000");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50_000)));
        request.extensions_mut().insert(peer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, kind, text, json }
    }

    /// A number that the database counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.engine.db.read()).await.unwrap()
    }
}
