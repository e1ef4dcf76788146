//! Events that one process takes are announced to the windows of another.

use super::proxy;
use super::{SOON, key_of};
use crate::process::server::Server;
use domain::audit::By;
use domain::roles::{Role, Scope};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use store::{Clock, Db};

const EMAIL: &str = "lead@example.com";
const PASSWORD: &str = "correct horse battery";

/// Asks a server, with a connection of its own.
fn ask(at: &str, first: &str, headers: &str, body: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let length = body.len();
    let text = format!(
        "{first} HTTP/1.1\r\nHost: {at}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(text.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// The session's cookie of an account that signs in.
fn sign_in(at: &str) -> String {
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n\
                   Sec-Fetch-Site: same-origin\r\nAccept: text/html\r\nConnection: close\r\n";
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields.extend_pairs([("email", EMAIL), ("password", PASSWORD)]);
    let mut text = String::new();
    ask(at, "POST /_fn/sign-in", headers, &fields.finish()).read_to_string(&mut text).unwrap();
    let cookies = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then_some(value)
    });
    let mut cookies = cookies.filter(|cookie| cookie.contains("session="));
    let cookie = cookies.next().unwrap_or_else(|| panic!("no session: {text}"));
    cookie.split(';').next().unwrap().to_owned()
}

/// The next number announced.
fn next(stream: &mut BufReader<TcpStream>) -> u64 {
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream has ended");
        if let Some(data) = line.trim().strip_prefix("data: ") {
            let told: Value = serde_json::from_str(data).unwrap();
            return told["seq"].as_u64().unwrap();
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_one_process_takes_in_is_told_by_the_other(pool: PgPool) {
    let db = Db::new(pool.clone(), Clock::system());
    engine::accounts::add(&db, &By::command(), EMAIL, Role::SecurityLead, PASSWORD).await.unwrap();
    let key = key_of(&pool, vec![Scope::EventsWrite]).await;
    let url = proxy::url(&pool, None);
    let (a, b) = (Server::start(&url), Server::start(&url));
    let on_a = a.client(&key);

    let at = &b.client("").at;
    let headers = format!("Cookie: {}\r\nAccept: text/event-stream\r\n", sign_in(at));
    let mut stream = ask(at, "GET /live", &headers, "");
    let mut status = String::new();
    stream.read_line(&mut status).unwrap();
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let mut before = next(&mut stream);

    // One message in two seconds at most, so the pace has to be over: the promise counts from a
    // commit after that.
    for id in ["one", "two"] {
        std::thread::sleep(engine::live::PACE);
        let event = json!({ "id": id, "time": Clock::system().now().to_rfc3339(),
            "kind": "failed", "channel": "sms", "phone": "+14155550100" });
        let answer = on_a.post("/api/v1/events", &event);
        assert_eq!((answer.status, &answer.json["accepted"]), (200, &json!(1)), "{}", answer.text);
        let begun = Instant::now();
        let told = next(&mut stream);
        let took = begun.elapsed();
        assert!(told > before, "{told} after {before}");
        assert!(took < Duration::from_secs(2), "{id}: {took:?}");
        println!("told by the other process after {took:?}");
        before = told;
    }
}
