//! A server on its own store: accounts, keys, settings, events and requests.

use super::{TestRequest, TestResponse, get, post};
use app::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use chrono::{DateTime, Utc};
use domain::audit::By;
use domain::keys::{KeyName, Marks, Rate, parse_sources};
use domain::roles::{Role, Scope};
use domain::sources::neutral;
use engine::Engine;
use engine::ingest::Via;
use engine::keys::NewKey;
use engine::settings::{ExpectedVersion, save_document};
use http::{StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool};
use std::net::SocketAddr;
use std::time::Duration;
use store::{Clock, Db};
use tollwarden_server::config::Config;
use tollwarden_server::router::router;
use tower::ServiceExt;

/// The password of every account.
pub const PASSWORD: &str = "correct horse battery";
/// The client's address, unless a test sets another.
pub const PEER: [u8; 4] = [198, 51, 100, 7];

#[derive(Clone)]
pub struct TestServer {
    pub engine: Engine,
    pub db: Db,
    router: Router,
}

impl TestServer {
    /// With the machine's clock and the default configuration.
    pub async fn new(pool: PgPool) -> Self {
        Self::with(pool, Clock::system(), &Config::default()).await
    }

    /// At a fixed time, with the default configuration.
    pub async fn at(pool: PgPool, now: DateTime<Utc>) -> Self {
        Self::with(pool, Clock::fixed(now), &Config::default()).await
    }

    pub async fn with(pool: PgPool, clock: Clock, config: &Config) -> Self {
        let db = Db::new(pool, clock);
        let engine = Engine::start(db.clone()).await.unwrap();
        let engine = engine.with_notify(config.notify().unwrap()).unwrap();
        let router = router(engine.clone(), config, Assets::default()).await;
        Self { engine, db, router }
    }

    /// Asks, and does not read the body of the answer.
    pub async fn send(
        &self,
        TestRequest { request, peer, body }: TestRequest,
    ) -> axum::response::Response {
        self.route(request.body(Body::from(body)).unwrap(), peer).await
    }

    async fn route(
        &self,
        mut request: http::Request<Body>,
        peer: [u8; 4],
    ) -> axum::response::Response {
        let peer = SocketAddr::from((peer, 50_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Asks with a body whose second half is sent after `between`.
    pub async fn ask_in_halves(
        &self,
        ask: TestRequest,
        between: impl Future<Output = ()> + Send + 'static,
    ) -> TestResponse {
        let mut body = ask.body;
        let rest = body.split_off(body.len() / 2);
        let first = futures::stream::once(std::future::ready(Ok::<_, std::io::Error>(body)));
        let last = futures::stream::once(async move {
            between.await;
            // The server checks the sender again only when a request takes long.
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(rest)
        });
        let body = Body::from_stream(futures::StreamExt::chain(first, last));
        Self::read(self.route(ask.request.body(body).unwrap(), ask.peer).await).await
    }

    /// Asks, and reads the whole answer.
    pub async fn ask(&self, ask: TestRequest) -> TestResponse {
        Self::read(self.send(ask).await).await
    }

    async fn read(response: axum::response::Response) -> TestResponse {
        let (parts, body) = response.into_parts();
        // A stream has no end.
        let streams =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if streams { Body::empty() } else { body };
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        TestResponse { status: parts.status, headers: parts.headers, text, json }
    }

    /// Adds an account with [`PASSWORD`].
    pub async fn account(&self, email: &str, role: Role) {
        engine::accounts::add(&self.db, &By::command(), email, role, PASSWORD).await.unwrap();
    }

    /// Tries to sign in.
    pub async fn try_sign_in(&self, email: &str, password: &str) -> TestResponse {
        self.ask(post("/_fn/sign-in", &[("email", email), ("password", password)])).await
    }

    /// Signs in; the session's cookie.
    pub async fn sign_in(&self, email: &str) -> String {
        let answer = self.try_sign_in(email, PASSWORD).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{email}");
        answer.cookie().unwrap()
    }

    /// Adds an account and signs it in; the session's cookie.
    pub async fn member(&self, email: &str, role: Role) -> String {
        self.account(email, role).await;
        self.sign_in(email).await
    }

    /// A page as `who@example.com` gets it in a new session.
    pub async fn page(&self, who: &str, path: &str) -> TestResponse {
        let cookie = self.sign_in(&format!("{who}@example.com")).await;
        self.ask(get(path).cookie(&cookie)).await
    }

    /// Takes events of the source `shop`, as the API does.
    pub async fn submit(&self, events: &[Value]) {
        let (source, now) = ("shop".parse().unwrap(), self.engine.clock().now());
        let read =
            |event: &Value| neutral::parse(event.to_string().as_bytes(), &source, now).unwrap();
        self.engine.ingest.submit(events.iter().map(read).collect(), Via::Api).await.unwrap();
    }

    /// Replaces a section of the settings.
    pub async fn save(&self, section: &str, document: Value) {
        let kind = domain::settings::section(section).unwrap();
        save_document(&self.db, &By::command(), kind, ExpectedVersion::Any, document)
            .await
            .unwrap();
    }

    /// A section of the settings with these members instead of its own.
    pub async fn changed(&self, section: &str, change: Value) -> Value {
        let kind = domain::settings::section(section).unwrap();
        let mut document = engine::settings::now(&self.db, kind).await.unwrap().settings;
        for (name, value) in change.as_object().unwrap() {
            document[name] = value.clone();
        }
        document
    }

    /// The only value that a query returns.
    pub async fn value<T>(&self, sql: &'static str) -> T
    where
        (T,): for<'r> FromRow<'r, PgRow>,
        T: Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(self.db.read()).await.unwrap()
    }

    /// Makes a key for tests that are not about keys: it writes the sources that they use, its
    /// `sent` events count, its names are one user, and its rate is the highest.
    pub async fn key(&self, name: &str, scopes: &[Scope]) -> String {
        self.make(able(name, scopes)).await
    }

    /// The same, and its `verified` events are trusted.
    pub async fn trusted_key(&self, name: &str, scopes: &[Scope]) -> String {
        let able = able(name, scopes);
        self.make(NewKey { marks: Marks { trusted: true, ..able.marks }, ..able }).await
    }

    pub async fn make(&self, new: NewKey) -> String {
        engine::keys::create(&self.db, &By::command(), new).await.unwrap().reveal()
    }
}

fn able(name: &str, scopes: &[Scope]) -> NewKey {
    NewKey {
        sources: parse_sources("b2c,entra,idp,test").unwrap(),
        marks: Marks::IMPORT,
        rate: Rate::MAX,
        ..NewKey::new(KeyName::parse(name).unwrap(), scopes.to_vec())
    }
}
