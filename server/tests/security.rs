//! What keeps strangers out, tried from outside through the router (contract, section 9).

mod common;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use common::{Answer, Ask, PASSWORD, PEER, Site, get, post};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use store::{Clock, Db};
use tollwarden_server::config::Config;

const ANN: &str = "ann@example.com";

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
}

async fn at(pool: &PgPool, now: DateTime<Utc>) -> Site {
    Site::with(pool.clone(), Clock::fixed(now), &Config::default()).await
}

async fn with_ann(pool: PgPool) -> Site {
    let site = Site::new(pool).await;
    site.account(ANN, Role::Admin).await;
    site
}

/// The page that a refused form leads to.
async fn told(site: &Site, answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = get(answer.location()).cookie(&answer.cookie().unwrap());
    site.ask(page).await.text
}

async fn signed_in(site: &Site, cookie: &str) -> bool {
    site.ask(get("/account").cookie(cookie)).await.status == StatusCode::OK
}

mod browser {
    use super::*;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_page_says_which_scripts_run(pool: PgPool) {
        let site = Site::new(pool).await;
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
        let site = Site::new(pool).await;
        for path in ["/nowhere", "/healthz", "/pkg/x/y.js", "/api/v1/events", "/tiles/browsers"] {
            let answer = site.ask(Ask::new(Method::GET, path)).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("script-src 'none'; style-src 'self';"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn only_known_hosts_are_answered(pool: PgPool) {
        let config = Config {
            public_url: Some("https://tw.example.com".parse().unwrap()),
            ..Config::default()
        };
        let site = Site::with(pool, Clock::system(), &config).await;
        for host in ["localhost", "localhost:9", "127.0.0.1:3000", "[::1]:1", "tw.example.com:8443"] {
            let answer = site.ask(get("/sign-in").host(host)).await;
            assert_eq!(answer.status, StatusCode::OK, "{host}");
            assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
        }
        for host in ["evil.example", "tw.example.com.evil.example", "192.0.2.1", "a b"] {
            for path in ["/sign-in", "/healthz", "/api/v1/events", "/nowhere"] {
                let answer = site.ask(Ask::new(Method::GET, path).host(host)).await;
                assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            }
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn other_sites_send_no_forms(pool: PgPool) {
        let site = with_ann(pool).await;
        let cookie = site.sign_in(ANN).await;
        let bare = || Ask::new(Method::POST, "/_fn/sign-out").cookie(&cookie);
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
        let plain = site.knock(ANN, PASSWORD).await;
        let line = plain.header("set-cookie");
        assert!(line.starts_with("session="), "{line}");
        for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(flag), "{line}");
        }
        assert!(!line.contains("Secure") && !line.contains("Domain"), "{line}");

        let config = Config {
            public_url: Some("https://tw.example.com".parse().unwrap()),
            ..Config::default()
        };
        let tls = Site::with(pool, Clock::system(), &config).await.knock(ANN, PASSWORD).await;
        let line = tls.header("set-cookie");
        assert!(line.starts_with("__Host-session="), "{line}");
        for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(flag), "{line}");
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn bodies_and_methods_have_limits(pool: PgPool) {
        let site = Site::new(pool).await;
        let long = "x".repeat(70_000);
        let answer = site.ask(post("/_fn/sign-in", &[("email", &long)])).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        let answer = site.ask(Ask::new(Method::DELETE, "/api/v1/events")).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let answer = site.ask(Ask::new(Method::GET, "/api/v1/nothing")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let answer = site.ask(get("/nowhere")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text.contains("<h1>"), "{}", answer.text);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_form_that_cannot_be_read_says_so(pool: PgPool) {
        let site = Site::new(pool).await;
        for accept in ["text/html", "*/*"] {
            let ask = Ask::new(Method::POST, "/_fn/theme")
                .header("accept", accept)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("referer", "http://localhost:3000/sign-in")
                .body("theme=purple");
            let answer = site.ask(ask).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{accept}");
            assert_eq!(answer.location(), "");
        }
    }
}

mod sign_in {
    use super::*;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn pages_lead_there_and_back(pool: PgPool) {
        let site = with_ann(pool).await;
        let answer = site.ask(get("/?range=7d&tab=details")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), "/sign-in?next=%2F%3Frange%3D7d%26tab%3Ddetails");
        let page = site.ask(get(answer.location())).await;
        assert!(page.text.contains("value=\"/?range=7d&amp;tab=details\""), "{}", page.text);

        let next = "/?range=7d&tab=details";
        let fields = [("email", ANN), ("password", PASSWORD), ("next", next)];
        assert_eq!(site.ask(post("/_fn/sign-in", &fields)).await.location(), next);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn it_leads_nowhere_else(pool: PgPool) {
        let site = with_ann(pool).await;
        for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x"] {
            let fields = [("email", ANN), ("password", PASSWORD), ("next", next)];
            let answer = site.ask(post("/_fn/sign-in", &fields)).await;
            assert_eq!(answer.location(), "/", "{next:?}");
            let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let page = site.ask(get(&format!("/sign-in?next={encoded}"))).await;
            assert!(!page.text.contains("name=\"next\""), "{next:?}");
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_refused_form_keeps_its_values_but_no_secret(pool: PgPool) {
        let site = with_ann(pool).await;
        let answer = site.knock(ANN, "my secret guess").await;
        assert_eq!(answer.location(), "/sign-in");
        let cookie = answer.cookie().unwrap();
        let page = site.ask(get("/sign-in").cookie(&cookie)).await.text;
        assert!(page.contains("value=\"ann@example.com\""), "{page}");
        assert!(page.contains("E-mail and password do not match."));
        assert!(!page.contains("my secret guess"));
        let page = site.ask(get("/sign-in").cookie(&cookie)).await.text;
        assert!(!page.contains("do not match"), "told twice");
        let kept: Vec<String> = sqlx::query_scalar("select data::text from session")
            .fetch_all(&site.db.pool)
            .await
            .unwrap();
        assert!(kept.iter().all(|data| !data.contains("secret")), "{kept:?}");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_session_gets_a_new_id(pool: PgPool) {
        let site = with_ann(pool).await;
        let before = site.knock(ANN, "wrong").await.cookie().unwrap();
        let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
        let after = site.ask(ask.cookie(&before)).await.cookie().unwrap();
        assert_ne!(before, after);
        assert!(signed_in(&site, &after).await);
        assert!(!signed_in(&site, &before).await, "an id from before signed in");
        // An id that somebody made up is not taken up either.
        let planted = "session=AAAAAAAAAAAAAAAAAAAAAA";
        let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
        let after = site.ask(ask.cookie(planted)).await.cookie().unwrap();
        assert_ne!(after, planted);
        assert!(!signed_in(&site, planted).await);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn unknown_accounts_are_answered_as_known_ones(pool: PgPool) {
        let site = with_ann(pool).await;
        let mut seen = Vec::new();
        for email in [ANN, "nobody@example.com"] {
            let (mut best, mut page) = (Duration::MAX, String::new());
            for n in 0..3 {
                let start = Instant::now();
                let ask = post("/_fn/sign-in", &[("email", email), ("password", "wrong")]);
                let answer = site.ask(ask.from([10, 0, 0, n])).await;
                best = best.min(start.elapsed());
                page = told(&site, &answer).await.replace(email, "…");
            }
            // What stands around it carries a nonce.
            let (_, main) = page.split_once("<main").unwrap();
            let (main, _) = main.split_once("</main>").unwrap();
            seen.push((best, main.to_owned()));
        }
        assert_eq!(seen[0].1, seen[1].1);
        let (known, unknown) = (seen[0].0, seen[1].0);
        assert!(known < unknown * 2 && unknown < known * 2, "{known:?} {unknown:?}");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn guessing_waits_longer_each_time(pool: PgPool) {
        let site = at(&pool, noon()).await;
        site.account(ANN, Role::Admin).await;
        for _ in 0..3 {
            site.knock(ANN, "wrong").await;
        }
        let answer = site.knock(ANN, PASSWORD).await;
        assert!(told(&site, &answer).await.contains("Too many attempts. Try again in 1 second."));
        // From elsewhere the account is open as ever: nobody can lock it.
        let ask = post("/_fn/sign-in", &[("email", ANN), ("password", PASSWORD)]);
        assert_eq!(site.ask(ask.from([203, 0, 113, 1])).await.location(), "/");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn an_address_has_a_budget(pool: PgPool) {
        let site = at(&pool, noon()).await;
        // Waiting attempts count too, so that few hashes are made here.
        for _ in 0..30 {
            assert_eq!(site.knock("a@example.com", "wrong").await.status, StatusCode::SEE_OTHER);
        }
        let sessions = || sqlx::query_scalar::<_, i64>("select count(*) from session");
        let before = sessions().fetch_one(&pool).await.unwrap();
        let answer = site.knock("b@example.com", "wrong").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header("retry-after"), "20");
        assert!(answer.text.contains("Try again in 20 s"), "{}", answer.text);
        assert_eq!(sessions().fetch_one(&pool).await.unwrap(), before, "a row for a refusal");
    }
}

mod sessions {
    use super::*;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn they_end_unused_and_old(pool: PgPool) {
        let site = at(&pool, noon()).await;
        site.account(ANN, Role::Admin).await;
        let cookie = site.sign_in(ANN).await;
        let late = at(&pool, noon() + TimeDelta::hours(12)).await;
        assert!(!signed_in(&late, &cookie).await, "unused for 12 hours");
        for day in 1..14 {
            let site = at(&pool, noon() + TimeDelta::hours(11) * day).await;
            assert!(signed_in(&site, &cookie).await, "used every 11 hours, {day}");
        }
        let old = at(&pool, noon() + TimeDelta::hours(11) * 13 + TimeDelta::hours(11)).await;
        assert!(signed_in(&old, &cookie).await);
        let over = at(&pool, noon() + TimeDelta::days(7)).await;
        assert!(!signed_in(&over, &cookie).await, "7 days after sign-in");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_new_password_ends_the_others(pool: PgPool) {
        let site = with_ann(pool).await;
        let (here, there) = (site.sign_in(ANN).await, site.sign_in(ANN).await);
        let new = "battery staple horse";
        let fields = [("current", PASSWORD), ("password", new), ("again", new)];
        let answer = site.ask(post("/_fn/change-password", &fields).cookie(&here)).await;
        assert_eq!(answer.location(), "/account");
        let now = answer.cookie().unwrap();
        assert!(told(&site, &answer).await.contains("The password is changed."));
        assert!(signed_in(&site, &now).await);
        assert!(!signed_in(&site, &there).await, "another session went on");
        assert!(!signed_in(&site, &here).await, "the old id went on");
        assert_eq!(site.knock(ANN, PASSWORD).await.location(), "/sign-in");
        assert_eq!(site.knock(ANN, new).await.location(), "/");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_wrong_present_password_changes_nothing(pool: PgPool) {
        let site = with_ann(pool).await;
        let (here, there) = (site.sign_in(ANN).await, site.sign_in(ANN).await);
        let fields = [("current", "guess"), ("password", "x"), ("again", "y")];
        let answer = site.ask(post("/_fn/change-password", &fields).cookie(&here)).await;
        assert_eq!(answer.location(), "/account");
        let page = site.ask(get("/account").cookie(&here)).await.text;
        assert!(page.contains("A password has 12 to 256 characters; this has 1."), "{page}");
        assert!(page.contains("The two passwords differ."));
        assert!(signed_in(&site, &there).await);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn another_role_and_disabling_end_them(pool: PgPool) {
        let site = with_ann(pool).await;
        site.account("bob@example.com", Role::SecurityLead).await;
        let bob = store::accounts::by_email(&site.db.pool, "bob@example.com").await.unwrap().unwrap();
        let cookie = site.sign_in("bob@example.com").await;
        engine::accounts::set_role(&site.db, bob.id, Role::Auditor).await.unwrap();
        assert!(!signed_in(&site, &cookie).await);
        let cookie = site.sign_in("bob@example.com").await;
        engine::accounts::set_disabled(&site.db, bob.id, true).await.unwrap();
        assert!(!signed_in(&site, &cookie).await);
        assert_eq!(site.knock("bob@example.com", PASSWORD).await.location(), "/sign-in");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn signing_out_ends_it(pool: PgPool) {
        let site = with_ann(pool).await;
        let cookie = site.sign_in(ANN).await;
        let answer = site.ask(post("/_fn/sign-out", &[]).cookie(&cookie)).await;
        assert_eq!(answer.location(), "/sign-in");
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        assert!(!signed_in(&site, &cookie).await);
        let answer = site.ask(post("/_fn/sign-out", &[]).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text.contains("href=\"/sign-in\""));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_store_knows_no_cookie(pool: PgPool) {
        let site = with_ann(pool).await;
        let cookie = site.sign_in(ANN).await;
        let value = cookie.split_once('=').unwrap().1.to_owned();
        let ids: Vec<Vec<u8>> =
            sqlx::query_scalar("select id from session").fetch_all(&site.db.pool).await.unwrap();
        assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [32]);
        let data: String =
            sqlx::query_scalar("select data::text from session").fetch_one(&site.db.pool).await.unwrap();
        assert!(!data.contains(&value));
    }
}

mod set_up {
    use super::*;
    use engine::accounts::issue_link;

    const FORM: [(&str, &str); 3] = [("email", ANN), ("password", PASSWORD), ("again", PASSWORD)];

    async fn send(site: &Site, token: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = [("token", token)].iter().chain(fields).copied().collect();
        site.ask(post("/_fn/set-up", &fields)).await
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_link_makes_the_first_admin_once(pool: PgPool) {
        let site = Site::new(pool).await;
        let link = issue_link(&site.db).await.unwrap().unwrap();
        for _ in 0..2 {
            let page = site.ask(get(&link.path())).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains("Password again"), "looking uses nothing up");
        }
        let answer = send(&site, link.token(), &FORM).await;
        assert_eq!(answer.location(), "/");
        assert!(signed_in(&site, &answer.cookie().unwrap()).await);

        assert_eq!(site.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
        let again = send(&site, link.token(), &[("email", "eve@example.com"), FORM[1], FORM[2]]).await;
        assert!(again.cookie().is_none());
        assert_eq!(store::accounts::list(&site.db.pool).await.unwrap().len(), 1);
        assert!(issue_link(&site.db).await.unwrap().is_none());
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn it_dies_after_an_hour_and_with_an_account(pool: PgPool) {
        let site = at(&pool, noon()).await;
        let link = issue_link(&site.db).await.unwrap().unwrap();
        let late = at(&pool, noon() + TimeDelta::hours(1)).await;
        assert_eq!(late.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
        assert!(send(&late, link.token(), &FORM).await.cookie().is_none());
        site.account("first@example.com", Role::Auditor).await;
        assert_eq!(site.ask(get(&link.path())).await.status, StatusCode::NOT_FOUND);
        assert!(send(&site, link.token(), &FORM).await.cookie().is_none());
        assert_eq!(store::accounts::list(&pool).await.unwrap().len(), 1);
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_refused_form_leaves_the_link_and_no_token(pool: PgPool) {
        let site = Site::new(pool).await;
        let link = issue_link(&site.db).await.unwrap().unwrap();
        let answer = send(&site, link.token(), &[FORM[0], ("password", "short"), ("again", "x")]).await;
        let page = told(&site, &answer).await;
        assert!(page.contains("value=\"ann@example.com\"") && !page.contains("short\""), "{page}");
        assert!(page.contains("A password has 12 to 256 characters; this has 5."));
        let kept: String =
            sqlx::query_scalar("select data::text from session").fetch_one(&site.db.pool).await.unwrap();
        assert!(!kept.contains(link.token()));
        let hashes: Vec<Vec<u8>> =
            sqlx::query_scalar("select hash from set_up").fetch_all(&site.db.pool).await.unwrap();
        assert_eq!(hashes[0].len(), 32);
        assert_eq!(send(&site, link.token(), &FORM).await.location(), "/");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_made_up_link_chooses_no_way(pool: PgPool) {
        let site = Site::new(pool).await;
        assert_eq!(site.ask(get("/set-up/0123")).await.status, StatusCode::NOT_FOUND);
        let answer = send(&site, "../../evil", &FORM).await;
        assert_eq!(answer.location(), "/set-up/e");
    }
}

mod keys {
    use super::*;
    use domain::keys::KeyName;
    use engine::keys::{NewKey, create, revoke};

    async fn read(site: &Site, ask: Ask) -> (StatusCode, String) {
        let answer = site.ask(ask).await;
        if answer.status != StatusCode::OK {
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        (answer.status, answer.text)
    }

    fn report() -> Ask {
        Ask::new(Method::GET, "/api/v1/reports/ip-failures")
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn scope_time_and_place_hold(pool: PgPool) {
        let site = at(&pool, noon()).await;
        let new = NewKey {
            name: KeyName::parse("bi").unwrap(),
            scopes: vec![Scope::Read],
            expires: Some(noon() + TimeDelta::days(1)),
            sources: vec!["10.0.0.0/8".parse().unwrap()],
            trusted: false,
        };
        let key = create(&Db::new(pool.clone(), Clock::fixed(noon())), new).await.unwrap();
        let text = key.reveal();
        let inside = [10, 1, 2, 3];
        assert_eq!(read(&site, report().key(&text).from(inside)).await.0, StatusCode::OK);
        assert_eq!(read(&site, report().key(&text)).await.0, StatusCode::FORBIDDEN);
        let events = Ask::new(Method::POST, "/api/v1/events").key(&text).from(inside);
        let (status, body) = read(&site, events).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(body.contains("events:write"), "{body}");
        let late = at(&pool, noon() + TimeDelta::days(1)).await;
        assert_eq!(read(&late, report().key(&text).from(inside)).await.0, StatusCode::UNAUTHORIZED);
        revoke(&site.db, &key.id).await.unwrap();
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
        // A key that comes along does not lend a cookie its rights, nor the other way round.
        let answer = site.ask(report().key(&key).cookie(&cookie).header("sec-fetch-site", "cross-site")).await;
        assert_eq!(answer.status, StatusCode::OK);
        for bad in ["", "tw_", &key[..key.len() - 1], &key.to_uppercase()] {
            let answer = site.ask(report().key(bad)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        }
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn forwarded_addresses_count_from_trusted_proxies_alone(pool: PgPool) {
        let config = Config {
            trusted_proxies: vec!["198.51.100.0/24".parse().unwrap()],
            ..Config::default()
        };
        let site = Site::with(pool, Clock::system(), &config).await;
        let new = NewKey {
            name: KeyName::parse("office").unwrap(),
            scopes: vec![Scope::Read],
            expires: None,
            sources: vec!["192.0.2.1".parse().unwrap()],
            trusted: false,
        };
        let key = create(&site.db, new).await.unwrap().reveal();
        let ask = || report().key(&key).header("x-forwarded-for", "192.0.2.1");
        assert_eq!(PEER[..3], [198, 51, 100], "the usual peer is the proxy");
        assert_eq!(read(&site, ask()).await.0, StatusCode::OK);
        assert_eq!(read(&site, ask().from([203, 0, 113, 9])).await.0, StatusCode::FORBIDDEN);
        let spoofed = report().key(&key).header("x-forwarded-for", "192.0.2.1, 203.0.113.9");
        assert_eq!(read(&site, spoofed).await.0, StatusCode::FORBIDDEN);
    }
}
