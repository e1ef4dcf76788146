//! API keys, and the addresses they are used from.

use super::*;
use domain::keys::KeyName;
use engine::keys::{Keys, NewKey, create};

async fn read(site: &TestServer, ask: TestRequest) -> (StatusCode, String) {
    let answer = site.ask(ask).await;
    if answer.status != StatusCode::OK {
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    (answer.status, answer.text)
}

fn report() -> TestRequest {
    TestRequest::new(Method::GET, "/api/v1/reports/ip-failures")
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn scope_time_and_place_hold(pool: PgPool) {
    let site = at(&pool, noon()).await;
    let new = NewKey {
        expires: Some(noon() + TimeDelta::days(1)),
        networks: vec!["10.0.0.0/8".parse().unwrap()],
        ..NewKey::new(KeyName::parse("bi").unwrap(), vec![Scope::Read])
    };
    let key =
        create(&Db::new(pool.clone(), Clock::fixed(noon())), &By::command(), new).await.unwrap();
    let text = key.reveal();
    let inside = [10, 1, 2, 3];
    assert_eq!(read(&site, report().key(&text).from(inside)).await.0, StatusCode::OK);
    assert_eq!(read(&site, report().key(&text)).await.0, StatusCode::FORBIDDEN);
    let events = TestRequest::new(Method::POST, "/api/v1/events").key(&text).from(inside);
    let (status, body) = read(&site, events).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("events:write"), "{body}");
    let late = at(&pool, noon() + TimeDelta::days(1)).await;
    assert_eq!(read(&late, report().key(&text).from(inside)).await.0, StatusCode::UNAUTHORIZED);
    // On another server.
    Keys::new(site.db.clone()).revoke(&By::command(), &key.id).await.unwrap();
    assert_eq!(read(&site, report().key(&text).from(inside)).await.0, StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nothing_else_opens_the_api(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(ANN).await;
    let answer = site.ask(report().cookie(&cookie)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"tollwarden\"");
    assert!(signed_in(&site, &cookie).await, "the cookie was not touched");
    let key = site.key("admin", Scope::ALL).await;
    let page = site.ask(get("/account").key(&key)).await;
    assert_eq!(page.location(), "/sign-in?next=%2Faccount", "a key opens no page");
    // A key and a cookie in one request do not combine their rights.
    let answer =
        site.ask(report().key(&key).cookie(&cookie).header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, StatusCode::OK);
    for bad in ["", "tw_", &key[..key.len() - 1], &key.to_uppercase()] {
        let answer = site.ask(report().key(bad)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn forwarded_addresses_count_from_trusted_proxies_alone(pool: PgPool) {
    let config =
        Config { trusted_proxies: vec!["198.51.100.0/24".parse().unwrap()], ..Config::default() };
    let site = TestServer::with(pool, Clock::system(), &config).await;
    let new = NewKey {
        networks: vec!["192.0.2.1".parse().unwrap()],
        ..NewKey::new(KeyName::parse("office").unwrap(), vec![Scope::Read])
    };
    let key = create(&site.db, &By::command(), new).await.unwrap().reveal();
    let ask = || report().key(&key).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(PEER[..3], [198, 51, 100], "the usual peer is the proxy");
    assert_eq!(read(&site, ask()).await.0, StatusCode::OK);
    assert_eq!(read(&site, ask().from([203, 0, 113, 9])).await.0, StatusCode::FORBIDDEN);
    let spoofed = report().key(&key).header("x-forwarded-for", "192.0.2.1, 203.0.113.9");
    assert_eq!(read(&site, spoofed).await.0, StatusCode::FORBIDDEN);
}
