//! Security headers, and whose requests are accepted.

use super::*;

use app::Assets;
use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::get as get_route;
use http_body_util::BodyExt;
use tollwarden_server::access;
use tollwarden_server::state::State;
use tower::ServiceExt;

/// A proxy that is not configured is shown to admins only.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_proxy_that_nobody_trusts_is_shown_to_admins(pool: PgPool) {
    let trusted =
        Config { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Config::default() };
    let site = TestServer::with(pool.clone(), Clock::fixed(noon()), &trusted).await;
    let ann = site.member(ANN, Role::Admin).await;
    let bob = site.member("bob@example.com", Role::SecurityLead).await;
    let shown = async |cookie: &str| {
        site.ask(get("/account").cookie(cookie)).await.text.contains("X-Forwarded-For")
    };
    let through = |peer| get("/healthz").header("x-forwarded-for", "192.0.2.1").from(peer);
    site.ask(through([10, 0, 0, 1])).await;
    assert!(!shown(&ann).await, "a trusted one");
    site.ask(through([203, 0, 113, 5])).await;
    let page = site.ask(get("/account").cookie(&ann)).await.text;
    assert!(page.contains("203.0.113.5"), "{page}");
    assert!(!shown(&bob).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_page_says_which_scripts_run(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = site.ask(get("/sign-in")).await;
        assert_eq!(answer.status, StatusCode::OK);
        let policy = answer.header("content-security-policy").to_owned();
        let rest = policy.strip_prefix("script-src 'nonce-").unwrap();
        let (nonce, rest) = rest.split_once('\'').unwrap();
        assert_eq!(
            rest,
            " 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; \
             object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        );
        assert!(nonce.len() >= 22, "128 bits: {nonce}");
        for tag in answer.text.split("<script").skip(1) {
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without nonce");
        }
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("strict-transport-security"), "");
        nonces.push(nonce.to_owned());
    }
    assert_ne!(nonces[0], nonces[1], "a nonce is used once");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn everything_else_runs_none(pool: PgPool) {
    let site = TestServer::new(pool).await;
    for path in ["/nowhere", "/healthz", "/pkg/x/y.js", "/api/v1/events", "/tiles/browsers"] {
        let answer = site.ask(TestRequest::new(Method::GET, path)).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("script-src 'none'; style-src 'self';"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_known_hosts_are_answered(pool: PgPool) {
    let config =
        Config { public_url: Some("https://tw.example.com".parse().unwrap()), ..Config::default() };
    let site = TestServer::with(pool, Clock::system(), &config).await;
    for host in ["localhost", "localhost:9", "127.0.0.1:3000", "[::1]:1", "tw.example.com:8443"] {
        let answer = site.ask(get("/sign-in").host(host)).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    }
    for host in ["evil.example", "tw.example.com.evil.example", "192.0.2.1", "a b"] {
        for path in ["/sign-in", "/healthz", "/api/v1/events", "/nowhere"] {
            let answer = site.ask(TestRequest::new(Method::GET, path).host(host)).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn other_sites_send_no_forms(pool: PgPool) {
    let site = with_ann(pool).await;
    let cookie = site.sign_in(ANN).await;
    let bare = || TestRequest::new(Method::POST, "/_fn/sign-out").cookie(&cookie);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:4000"),
        ("origin", "null"),
    ] {
        let answer = site.ask(bare().header(name, value)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(signed_in(&site, &cookie).await, "{name}: {value}");
    }
    let answer = site.ask(bare().header("origin", "http://localhost:3000")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(!signed_in(&site, &cookie).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_cookie_is_for_this_host_and_no_script(pool: PgPool) {
    let site = with_ann(pool.clone()).await;
    let plain = site.try_sign_in(ANN, PASSWORD).await;
    for (cookie, same_site) in [("session=", "Lax"), ("known=", "Strict")] {
        let line = cookie_line(&plain, cookie);
        for flag in ["HttpOnly", &format!("SameSite={same_site}"), "Path=/"] {
            assert!(line.contains(flag), "{line}");
        }
        assert!(!line.contains("Secure") && !line.contains("Domain"), "{line}");
    }

    let config =
        Config { public_url: Some("https://tw.example.com".parse().unwrap()), ..Config::default() };
    let tls =
        TestServer::with(pool, Clock::system(), &config).await.try_sign_in(ANN, PASSWORD).await;
    for (cookie, same_site) in [("__Host-session=", "Lax"), ("__Host-known=", "Strict")] {
        let line = cookie_line(&tls, cookie);
        for flag in ["Secure", "HttpOnly", &format!("SameSite={same_site}"), "Path=/"] {
            assert!(line.contains(flag), "{line}");
        }
    }
}

/// The line by which an answer sets a cookie, all of whose cookies are known here.
fn cookie_line(answer: &common::TestResponse, cookie: &str) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    lines.into_iter().find(|line| line.starts_with(cookie)).unwrap().to_owned()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bodies_and_methods_have_limits(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let long = "x".repeat(70_000);
    let answer = site.ask(post("/_fn/sign-in", &[("email", &long)])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = site.ask(TestRequest::new(Method::DELETE, "/api/v1/events")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "POST");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let answer = site.ask(TestRequest::new(Method::GET, "/api/v1/nothing")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let answer = site.ask(get("/nowhere")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text.contains("<h1>"), "{}", answer.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_form_that_cannot_be_read_says_so(pool: PgPool) {
    let site = TestServer::new(pool).await;
    for accept in ["text/html", "*/*"] {
        let ask = TestRequest::new(Method::POST, "/_fn/theme")
            .header("accept", accept)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", "http://localhost:3000/sign-in")
            .body("theme=purple");
        let answer = site.ask(ask).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{accept}");
        assert_eq!(answer.location(), "");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_handler_that_panics_is_answered_for(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let state = State::new(site.engine.clone(), Assets::default());
    let panics = get_route(async || -> &'static str { panic!("on purpose") });
    let router: Router =
        Router::new().route("/", panics).layer(from_fn_with_state(state, access::log));
    let request = http::Request::get("/").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()["x-request-id"].len(), 16);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!body.windows(10).any(|part| part == b"on purpose"), "the cause is for the log");
}
