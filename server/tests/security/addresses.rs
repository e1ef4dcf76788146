//! Addresses without a route that resemble the doors of the table: none opens a door.

use super::{Method, PgPool, Role, StatusCode, TestServer, with_ann};
use crate::common::{TestRequest, TestResponse};
use domain::doors::{DOORS, Door, Kind};

/// An address that resembles no door.
const NOWHERE: &str = "/lead/nowhere";

/// The headers of a request.
struct RequestHeaders<'a> {
    accept: &'static str,
    cookie: Option<&'a str>,
}

impl RequestHeaders<'_> {
    async fn ask(&self, site: &TestServer, method: &str, path: &str) -> TestResponse {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let ask = TestRequest::new(method, path).header("accept", self.accept);
        let ask = ask.header("sec-fetch-site", "same-origin");
        site.ask(match self.cookie {
            Some(cookie) => ask.cookie(cookie),
            None => ask,
        })
        .await
    }
}

/// The table's path with something in each placeholder.
fn filled(door: &Door) -> String {
    let parts = door.path.split('/').map(|part| match part {
        "{*path}" => "0/none.js",
        part if part.starts_with('{') => "0",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Addresses like a door's that are not its.
fn variants(path: &str) -> Vec<String> {
    let rest = path.strip_prefix('/').unwrap();
    let mut all = vec![
        format!("{path}/"),
        format!("/{path}"),
        format!("{path}/."),
        format!("{path}/.."),
        format!("{path}/x/.."),
        format!("/.{path}"),
        format!("/x/..{path}"),
        format!("/%2e%2e{path}"),
        format!("/x/%2E%2e{path}"),
        format!("/%2e/{rest}"),
    ];
    all.extend(path.match_indices('/').skip(1).map(|(at, _)| {
        let (before, after) = path.split_at(at);
        format!("{before}/{after}")
    }));
    let (first, more) = rest.split_once('/').unwrap_or((rest, ""));
    let more = if more.is_empty() { String::new() } else { format!("/{more}") };
    all.extend([format!("/{first};x{more}"), format!("/{first}%00{more}")]);
    // Each letter of the first segment percent-encoded, one at a time.
    all.extend(first.char_indices().map(|(at, letter)| {
        let (before, after) = (&first[..at], &first[at + 1..]);
        format!("/{before}%{:02x}{after}{more}", u32::from(letter))
    }));
    if first != first.to_uppercase() {
        all.push(format!("/{}{more}", first.to_uppercase()));
    }
    all
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_no_route_has_is_one_answer(pool: PgPool) {
    let site = with_ann(pool).await;
    let admin = site.sign_in(super::ANN).await;
    let auditor = site.member("bob@example.com", Role::Auditor).await;
    for accept in ["text/html,*/*;q=0.8", "*/*"] {
        for cookie in [None, Some(&*auditor), Some(&*admin)] {
            let guise = RequestHeaders { accept, cookie };
            for door in DOORS.iter().filter(|door| door.kind != Kind::Command) {
                let nowhere = guise.ask(&site, door.method, NOWHERE).await;
                assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
                for path in variants(&filled(door)) {
                    let what = format!("{} {path} as {accept}, {cookie:?}", door.method);
                    let answer = guise.ask(&site, door.method, &path).await;
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
                    assert_eq!(answer.text, nowhere.text, "{what}");
                    assert_eq!(answer.cookie(), None, "{what}");
                }
            }
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_is_the_same_for_who_is_signed_in_and_who_is_not(pool: PgPool) {
    let site = with_ann(pool).await;
    let admin = site.sign_in(super::ANN).await;
    for accept in ["text/html", "*/*"] {
        let stranger = RequestHeaders { accept, cookie: None }.ask(&site, "GET", NOWHERE).await;
        let known =
            RequestHeaders { accept, cookie: Some(&admin) }.ask(&site, "GET", "/audit/").await;
        assert_eq!((stranger.status, stranger.text), (known.status, known.text));
    }
}

/// A library's bare words are never an answer: refusals are pages or problem details.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_read_is_refused_in_our_words(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(super::ANN).await;
    let mut refused = 0;
    for door in DOORS.iter().filter(|door| {
        // Server functions answer their forms by their own rules.
        matches!(door.kind, Kind::Page | Kind::Part | Kind::Upload)
    }) {
        for kind in ["multipart/form-data", "multipart/form-data; boundary=x", "text/csv", ""] {
            for accept in ["text/html", "*/*"] {
                let method = Method::from_bytes(door.method.as_bytes()).unwrap();
                let ask = TestRequest::new(method, &filled(door))
                    .header("accept", accept)
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", kind)
                    .cookie(&cookie)
                    .body("no form");
                let answer = site.ask(ask).await;
                if answer.status.is_client_error() {
                    refused += 1;
                    let kind = answer.header("content-type");
                    let ours = ["text/html; charset=utf-8", "application/problem+json"];
                    assert!(ours.contains(&kind), "{}: {kind}: {}", door.path, answer.text);
                }
            }
        }
    }
    assert!(refused > 20, "{refused}");
}
