//! What keeps strangers out, tried from outside through the router (contract, section 9).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod again;
mod browser;
mod held;
mod keys;
mod markup;
mod sessions;
mod set_up;
mod sign_in;

use chrono::{DateTime, TimeDelta, Utc};
use common::{PASSWORD, PEER, TestRequest, TestResponse, TestServer, get, post};
use domain::audit::By;
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use store::{Clock, Db};
use testkit::noon;
use tollwarden_server::config::Config;

const ANN: &str = "ann@example.com";

async fn at(pool: &PgPool, now: DateTime<Utc>) -> TestServer {
    TestServer::at(pool.clone(), now).await
}

async fn with_ann(pool: PgPool) -> TestServer {
    let site = TestServer::new(pool).await;
    site.account(ANN, Role::Admin).await;
    site
}

/// The page that a refused form leads to.
async fn page_after(site: &TestServer, answer: &TestResponse) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = get(answer.location()).cookie(&answer.cookie().unwrap());
    site.ask(page).await.text
}

async fn signed_in(site: &TestServer, cookie: &str) -> bool {
    site.ask(get("/account").cookie(cookie)).await.status == StatusCode::OK
}
