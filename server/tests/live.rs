//! `GET /live` over a real connection: commits of any process are announced within two seconds, a
//! stream ends with its session, and does not prolong it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use app::Assets;
use chrono::{DateTime, TimeDelta, Utc};
use common::{PASSWORD, TestRequest, TestResponse, TestServer, get, post};
use domain::audit::By;
use domain::roles::{Role, Scope};
use engine::live::OF_ACCOUNT;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tollwarden_server::config::Config;
use tollwarden_server::router::router;

/// The promised time from a commit to its announcement.
const TWO_SECONDS: Duration = Duration::from_secs(2);
/// The time limit for everything else, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// A server that listens, with its background work.
struct Server {
    site: TestServer,
    at: SocketAddr,
    stop: CancellationToken,
    work: JoinHandle<()>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(pool: PgPool) -> Self {
        let site = TestServer::new(pool).await;
        site.account("admin@example.com", Role::Admin).await;
        site.account("lead@example.com", Role::SecurityLead).await;
        let stop = CancellationToken::new();
        let engine = site.engine.clone();
        let router = router(engine.clone(), &Config::default(), Assets::default()).await;
        let work = tokio::spawn(engine.work(stop.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let ends = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            axum::serve(listener, service).with_graceful_shutdown(ends).await.unwrap();
        });
        Self { site, at, stop, work, serving }
    }

    async fn sign_in(&self) -> String {
        self.site.sign_in("lead@example.com").await
    }

    async fn listen(&self, cookie: &str) -> Stream {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let host = self.at;
        let ask = format!(
            "GET /live HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\
             Accept: text/event-stream\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream);
        let mut status = String::new();
        lines.read_line(&mut status).await.unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        Stream { lines }
    }

    async fn send(&self, key: &str, id: &str) {
        let answer = self.site.ask(event(key, id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
}

fn event(key: &str, id: &str) -> TestRequest {
    let event = json!({"id": id, "time": "2026-11-20T12:00:00Z", "kind": "failed",
        "channel": "voice", "phone": "+14155550100", "reason": "number_invalid"});
    TestRequest::new(Method::POST, "/api/v1/events").key(key).json(&event)
}

struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// The next number announced; `None` when the stream has ended. A message must contain nothing
    /// else.
    async fn next(&mut self) -> Option<u64> {
        tokio::time::timeout(SOON, async {
            loop {
                let mut line = String::new();
                if self.lines.read_line(&mut line).await.unwrap() == 0 {
                    return None;
                }
                // Chunks of HTTP/1.1 begin with their length, the last one with none.
                if line.trim() == "0" {
                    return None;
                }
                if let Some(data) = line.trim().strip_prefix("data: ") {
                    let told: Value = serde_json::from_str(data).unwrap();
                    assert_eq!(told.as_object().unwrap().len(), 1, "{data}");
                    return Some(told["seq"].as_u64().unwrap());
                }
            }
        })
        .await
        .unwrap_or_else(|_| panic!("neither a message nor an end"))
    }

    /// Reads up to the end of the stream.
    async fn ends(mut self) {
        while self.next().await.is_some() {}
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_committed_is_told_within_two_seconds(pool: PgPool) {
    let server = Server::start(pool.clone()).await;
    let key = server.site.key("idp", &[Scope::EventsWrite]).await;
    let mut stream = server.listen(&server.sign_in().await).await;
    let before = stream.next().await.unwrap();
    server.send(&key, "one").await;
    let begun = Instant::now();
    let first = stream.next().await.unwrap();
    assert!(first > before);
    assert!(begun.elapsed() < TWO_SECONDS, "{:?}", begun.elapsed());

    // Another process writes: with an engine and a pool of its own.
    let options = (*pool.connect_options()).clone();
    let other = sqlx::postgres::PgPoolOptions::new().connect_with(options).await.unwrap();
    let there = TestServer::new(other).await;
    let answer = there.ask(event(&key, "two")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let begun = Instant::now();
    let second = stream.next().await.unwrap();
    assert!(second > first);
    // At most one message in two seconds: the second one waits for its turn.
    assert!(begun.elapsed() < TWO_SECONDS + Duration::from_millis(500), "{:?}", begun.elapsed());

    // A duplicate changes nothing, so nothing is told: what comes next is of another event.
    server.send(&key, "two").await;
    server.send(&key, "three").await;
    assert!(stream.next().await.unwrap() > second);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn many_commits_are_one_message(pool: PgPool) {
    let server = Server::start(pool).await;
    let key = server.site.key("idp", &[Scope::EventsWrite]).await;
    let mut stream = server.listen(&server.sign_in().await).await;
    stream.next().await.unwrap();
    let begun = Instant::now();
    server.send(&key, "first").await;
    stream.next().await.unwrap();
    for n in 0..20 {
        server.send(&key, &n.to_string()).await;
    }
    stream.next().await.unwrap();
    // The first of the stream, and two in the four seconds after it at most.
    assert!(begun.elapsed() >= TWO_SECONDS - Duration::from_millis(100), "{:?}", begun.elapsed());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_ends_with_the_session(pool: PgPool) {
    let server = Server::start(pool).await;
    let site = &server.site;
    let id = |row: store::accounts::Row| row.id;
    let account =
        id(store::accounts::by_email(site.db.read(), "lead@example.com").await.unwrap().unwrap());
    let by = By::command();

    // Signed out; another session of the same account listens on.
    let (mine, other) = (server.sign_in().await, server.sign_in().await);
    let (stream, mut stays) = (server.listen(&mine).await, server.listen(&other).await);
    let answer = site.ask(post("/_fn/sign-out", &[]).cookie(&mine)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let begun = Instant::now();
    stream.ends().await;
    assert!(begun.elapsed() < TWO_SECONDS + Duration::from_millis(500), "{:?}", begun.elapsed());
    stays.next().await.unwrap();
    assert_eq!(site.engine.live.listeners(), 1);

    // Another role.
    engine::accounts::set_role(&site.db, &by, account, Role::Auditor).await.unwrap();
    stays.ends().await;

    // Disabled.
    let stream = server.listen(&server.sign_in().await).await;
    engine::accounts::set_disabled(&site.db, &by, account, true).await.unwrap();
    stream.ends().await;
    engine::accounts::set_disabled(&site.db, &by, account, false).await.unwrap();

    // Another password, chosen elsewhere.
    let (here, there) = (server.sign_in().await, server.sign_in().await);
    let stream = server.listen(&here).await;
    let new = "another horse battery";
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    let answer = site.ask(post("/_fn/change-password", &fields).cookie(&there)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    stream.ends().await;
    assert_eq!(site.engine.live.listeners(), 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_ends_when_the_server_stops(pool: PgPool) {
    let server = Server::start(pool).await;
    let cookie = server.sign_in().await;
    let stream = server.listen(&cookie).await;
    let begun = Instant::now();
    server.stop.cancel();
    stream.ends().await;
    // Nothing else is open, so the server itself ends at once.
    tokio::time::timeout(SOON, async {
        server.work.await.unwrap();
        server.serving.await.unwrap();
    })
    .await
    .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let refused = server.site.ask(get("/live").cookie(&cookie)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn too_many_windows_are_refused(pool: PgPool) {
    let server = Server::start(pool).await;
    let cookie = server.sign_in().await;
    let mut open = Vec::new();
    for _ in 0..OF_ACCOUNT {
        let mut stream = server.listen(&cookie).await;
        stream.next().await.unwrap();
        open.push(stream);
    }
    let refused = server.site.ask(TestRequest::new(Method::GET, "/live").cookie(&cookie)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text);
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    // Another account has its own places, and a closed window gives its place back.
    let other = server.site.member("other@example.com", Role::Auditor).await;
    server.listen(&other).await.next().await.unwrap();
    open.pop();
    let live = &server.site.engine.live;
    let begun = Instant::now();
    while live.listeners() >= OF_ACCOUNT {
        assert!(begun.elapsed() < SOON, "the place is not given back");
        tokio::task::yield_now().await;
    }
    server.listen(&cookie).await.next().await.unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nobody_listens_without_a_session(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let program = site.ask(TestRequest::new(Method::GET, "/live")).await;
    assert_eq!(program.status, StatusCode::UNAUTHORIZED);
    let person = site.ask(get("/live")).await;
    assert_eq!(person.location(), "/sign-in?next=%2Flive");
    let key = site.key("reader", &[Scope::Read, Scope::Admin]).await;
    let keyed = site.ask(TestRequest::new(Method::GET, "/live").key(&key)).await;
    assert_eq!(keyed.status, StatusCode::UNAUTHORIZED);
    let posted = site.ask(TestRequest::new(Method::POST, "/live")).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(site.engine.live.listeners(), 0);
}

/// When a session was last used.
async fn last_use(site: &TestServer) -> DateTime<Utc> {
    site.value("select max(seen) from session where account is not null").await
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_a_page_asks_by_itself_is_no_use_of_the_session(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    // Last used an hour ago.
    let hour = TimeDelta::hours(1);
    let sql = "update session set seen = seen - interval '1 hour'";
    sqlx::query(sql).execute(site.db.facts()).await.unwrap();
    let used = last_use(&site).await;

    let quiet = |ask: TestRequest| ask.cookie(&cookie).header("x-by-itself", "1");
    let shown: TestResponse = site.ask(quiet(get("/"))).await;
    assert_eq!(shown.status, StatusCode::OK);
    let mut heard = listen_as(&site, &cookie).await;
    assert!(heard.next().await.is_some());
    assert_eq!(last_use(&site).await, used, "a page kept its own session alive");

    // A request by the user does.
    assert_eq!(site.ask(get("/").cookie(&cookie)).await.status, StatusCode::OK);
    assert!(last_use(&site).await >= used + hour - TimeDelta::minutes(1));
}

/// Listens in the session of a cookie, as the handler would.
async fn listen_as(site: &TestServer, cookie: &str) -> engine::live::Subscription {
    let answer = site.ask(get("/live").cookie(cookie)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("cache-control"), "no-store");
    site.engine.live.listen(uuid::Uuid::nil(), [0; 32]).await.unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_page_that_renews_itself_takes_nothing_from_its_reader(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    let chosen = site.ask(post("/_fn/time-zone", &[("zone", "Mars")]).cookie(&cookie)).await;
    assert_eq!(chosen.location(), "/account");
    let quiet = get("/account").cookie(&cookie).header("x-by-itself", "1");
    assert!(!site.ask(quiet).await.text.contains("value=\"Mars\""));
    let page = site.ask(get("/account").cookie(&cookie)).await.text;
    assert!(page.contains("value=\"Mars\"") && page.contains("such as Europe/Berlin."));
}
