//! A server on a store of its own: its accounts, its keys, and asking it.

use super::{Answer, Ask, post};
use app::Assets;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use domain::audit::By;
use domain::keys::{KeyName, Marks, Rate, parse_sources};
use domain::roles::{Role, Scope};
use engine::Engine;
use engine::keys::NewKey;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use sqlx::PgPool;
use std::net::SocketAddr;
use std::time::Duration;
use store::{Clock, Db};
use tollwarden_server::config::Config;
use tollwarden_server::router::router;
use tower::ServiceExt;

/// The password of every account here.
pub const PASSWORD: &str = "correct horse battery";
/// Who asks, unless said otherwise.
pub const PEER: [u8; 4] = [198, 51, 100, 7];

/// A server.
#[derive(Clone)]
pub struct Site {
    pub engine: Engine,
    pub db: Db,
    router: Router,
}

impl Site {
    /// With the machine's clock and no configuration.
    pub async fn new(pool: PgPool) -> Self {
        Self::with(pool, Clock::system(), &Config::default()).await
    }

    /// With a clock and a configuration.
    pub async fn with(pool: PgPool, clock: Clock, config: &Config) -> Self {
        let db = Db::new(pool, clock);
        let engine = Engine::start(db.clone()).await.unwrap();
        let engine = engine.with_notify(config.notify().unwrap()).unwrap();
        let router = router(engine.clone(), config, Assets::default()).await;
        Self { engine, db, router }
    }

    /// Asks; the answer as it begins.
    pub async fn send(&self, ask: Ask) -> axum::response::Response {
        let mut request = ask.request.body(Body::from(ask.body)).unwrap();
        let peer = SocketAddr::from((ask.peer, 50_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Asks with a body of which the second half comes after something else was done.
    pub async fn ask_in_halves(
        &self,
        ask: Ask,
        between: impl Future<Output = ()> + Send + 'static,
    ) -> Answer {
        let mut body = ask.body;
        let rest = body.split_off(body.len() / 2);
        let first = futures::stream::once(std::future::ready(Ok::<_, std::io::Error>(body)));
        let last = futures::stream::once(async move {
            between.await;
            // What takes long alone is looked at again.
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(rest)
        });
        let body = Body::from_stream(futures::StreamExt::chain(first, last));
        let mut request = ask.request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((ask.peer, 50_000))));
        Self::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Asks, and reads the whole answer.
    pub async fn ask(&self, ask: Ask) -> Answer {
        Self::read(self.send(ask).await).await
    }

    async fn read(response: axum::response::Response) -> Answer {
        let (parts, body) = response.into_parts();
        // A stream has no end.
        let streams =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if streams { Body::empty() } else { body };
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, text, json }
    }

    /// Adds an account with [`PASSWORD`].
    pub async fn account(&self, email: &str, role: Role) {
        engine::accounts::add(&self.db, &By::command(), email, role, PASSWORD).await.unwrap();
    }

    /// Tries to sign in.
    pub async fn knock(&self, email: &str, password: &str) -> Answer {
        self.ask(post("/_fn/sign-in", &[("email", email), ("password", password)])).await
    }

    /// Signs in; the session's cookie.
    pub async fn sign_in(&self, email: &str) -> String {
        let answer = self.knock(email, PASSWORD).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{email}");
        answer.cookie().unwrap()
    }

    /// Makes a key for tests that are not about keys: it writes the sources that they use, its
    /// sends count, its names are one user, and it asks as often as it likes.
    pub async fn key(&self, name: &str, scopes: &[Scope]) -> String {
        self.make(able(name, scopes)).await
    }

    /// The same with a `verified` that is trusted.
    pub async fn trusted_key(&self, name: &str, scopes: &[Scope]) -> String {
        let able = able(name, scopes);
        self.make(NewKey { marks: Marks { trusted: true, ..able.marks }, ..able }).await
    }

    /// Makes a key to the letter.
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
