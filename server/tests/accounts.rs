//! Accounts and API keys on the set-up page: each form with good and bad input, what ends sessions,
//! and secrets that are shown once and stored nowhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod common;

use common::desk::Console;
use common::{PASSWORD, TestRequest, TestResponse, TestServer, get, post};
use domain::keys::{ApiKey, Marks};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use sqlx::PgPool;
use uuid::Uuid;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const NEW: &str = "battery staple horse";

impl Console {
    /// Ann's session; Bob is an auditor.
    async fn of_ann(pool: PgPool) -> Self {
        let site = TestServer::new(pool).await;
        site.account(BOB, Role::Auditor).await;
        let cookie = site.member(ANN, Role::Admin).await;
        Self { site, cookie }
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.site.ask(post(path, fields).cookie(&self.cookie)).await
    }

    async fn see(&self, path: &str) -> TestResponse {
        let answer = self.site.ask(get(path).cookie(&self.cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer
    }

    /// Sends a form and follows its redirect.
    async fn send_and_see(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        let answer = self.send(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.text);
        self.see(answer.location()).await
    }

    async fn id(&self, email: &str) -> Uuid {
        let row = store::accounts::by_email(self.site.db.read(), email).await.unwrap();
        row.unwrap().id
    }

    async fn entries(&self) -> i64 {
        store::audit::head(self.site.db.read()).await.unwrap().seq
    }
}

async fn signed_in(site: &TestServer, cookie: &str) -> bool {
    site.ask(get("/").cookie(cookie)).await.status == StatusCode::OK
}

/// The link or key that a page shows, between these two.
fn text_after<'a>(text: &'a str, begin: &str) -> &'a str {
    let at = text.find(begin).unwrap_or_else(|| panic!("no {begin} in {text}"));
    let end = text[at..].find(['<', '"']).unwrap();
    &text[at..at + end]
}

/// Whether any row of the database contains a text.
async fn is_stored(pool: &PgPool, text: &str) -> bool {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I', tablename) from pg_tables where schemaname = 'public'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for table in tables {
        let sql = format!("select exists (select from {table} as t where t::text like $1)");
        let sql = sqlx::AssertSqlSafe(sql);
        let found: bool =
            sqlx::query_scalar(sql).bind(format!("%{text}%")).fetch_one(pool).await.unwrap();
        if found {
            return true;
        }
    }
    false
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_account_is_added_with_a_password(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let good = [("email", "Cy@example.com"), ("role", "security-lead"), ("password", NEW)];
    let page = admin.send_and_see("/_fn/add-account", &good).await;
    assert!(page.text.contains("cy@example.com can sign in now."), "{}", page.text);
    assert_eq!(admin.site.try_sign_in("cy@example.com", NEW).await.location(), "/");

    let before = admin.entries().await;
    for (fields, words) in [
        ([("email", ANN), ("role", "auditor"), ("password", NEW)], "There is an account for"),
        ([("email", "cy"), ("role", "auditor"), ("password", NEW)], "Enter an e-mail address"),
        ([("email", "d@e.f"), ("role", "auditor"), ("password", "short")], "12 to 256 characters"),
        ([("email", "d@e.f"), ("role", "root"), ("password", NEW)], "Choose one of the roles."),
    ] {
        let page = admin.send_and_see("/_fn/add-account", &fields).await;
        assert!(page.text.contains(words), "{words}: {}", page.text);
        assert!(page.text.contains(&format!("value=\"{}\"", fields[0].1)), "the address is kept");
        assert!(!page.text.contains(NEW) && !page.text.contains("short\""), "the password is not");
    }
    assert_eq!(admin.entries().await, before);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_account_is_added_by_a_link_that_is_shown_once(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let fields = [("email", "cy@example.com"), ("role", "auditor"), ("password", "")];
    let ask = post("/_fn/add-account", &fields)
        .header("origin", "http://localhost:3000")
        .cookie(&admin.cookie);
    let page = admin.site.ask(ask).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(page.text.contains("<h1>Set-up</h1>"), "the page itself: {}", page.text);
    let link = text_after(&page.text, "http://localhost:3000/reset/").to_owned();
    let path = link.strip_prefix("http://localhost:3000").unwrap();
    let token = path.strip_prefix("/reset/").unwrap();
    assert_eq!(token.len(), 64);
    assert!(!is_stored(admin.site.db.read(), token).await, "the link is kept somewhere");
    let again = admin.see("/settings?tab=accounts").await;
    assert!(!again.text.contains(token), "shown twice");

    let site = &admin.site;
    for _ in 0..2 {
        let form = site.ask(get(path)).await;
        assert_eq!(form.status, StatusCode::OK, "looking at it uses nothing up");
        assert!(form.text.contains("cy@example.com"));
    }
    let refused = [("token", token), ("password", NEW), ("again", "another one here")];
    let refused = site.ask(post("/_fn/reset", &refused)).await;
    let cookie = refused.cookie().unwrap();
    let form = site.ask(get(refused.location()).cookie(&cookie)).await;
    assert!(form.text.contains("The two passwords differ.") && !form.text.contains(NEW));
    let fields = [("token", token), ("password", NEW), ("again", NEW)];
    let set = site.ask(post("/_fn/reset", &fields)).await;
    assert_eq!(set.location(), "/sign-in");
    let sign_in = site.ask(get("/sign-in").cookie(&set.cookie().unwrap())).await;
    assert!(sign_in.text.contains("Password set."), "{}", sign_in.text);
    assert_eq!(site.try_sign_in("cy@example.com", NEW).await.location(), "/");
    assert_eq!(site.ask(get(path)).await.status, StatusCode::NOT_FOUND, "used");
    let again = site.ask(post("/_fn/reset", &fields)).await;
    assert_eq!(again.location(), path, "the page says that it is dead");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn whatever_changes_an_account_ends_its_sessions(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let bob = admin.id(BOB).await.to_string();
    for (path, fields, words) in [
        ("/_fn/change-role", vec![("new_role", "security-lead")], "Role changed"),
        ("/_fn/end-sessions", vec![], "Its sessions have ended."),
        ("/_fn/disable-account", vec![("disabled", "yes")], "Account disabled"),
        ("/_fn/disable-account", vec![("disabled", "no")], "Account enabled"),
    ] {
        let knocked = admin.site.try_sign_in(BOB, PASSWORD).await;
        let cookie = knocked.cookie();
        let mut all = vec![("account", &*bob)];
        all.extend(fields);
        let page = admin.send_and_see(path, &all).await;
        assert!(page.text.contains(words), "{path}: {}", page.text);
        let cookie = cookie.filter(|_| knocked.location() == "/");
        if let Some(cookie) = cookie {
            assert!(!signed_in(&admin.site, &cookie).await, "{path}");
        }
    }
    let cookie = admin.site.sign_in(BOB).await;
    let page = admin.send("/_fn/reset-account", &[("account", &bob)]).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = text_after(&page.text, "http://localhost:3000/reset/");
    assert!(!is_stored(admin.site.db.read(), link.rsplit('/').next().unwrap()).await);
    assert!(!signed_in(&admin.site, &cookie).await, "a reset ends sessions");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_done_is_told_where_it_was_asked(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let (ann, bob) = (admin.id(ANN).await.to_string(), admin.id(BOB).await.to_string());
    let before = admin.entries().await;
    let opened = admin.see(&format!("/settings?tab=accounts&account={ann}")).await;
    assert!(opened.text.contains("This is the last admin who can sign in"), "{}", opened.text);
    assert!(!opened.text.contains("action=\"/_fn/change-role\""), "no control for it");
    let last = "This is the last admin who can sign in";
    let nobody = Uuid::nil().to_string();
    for (path, fields, words) in [
        ("/_fn/change-role", [("account", &*ann), ("new_role", "auditor")], last),
        ("/_fn/disable-account", [("account", &ann), ("disabled", "yes")], last),
        ("/_fn/change-role", [("account", &bob), ("new_role", "root")], "Choose one of the roles."),
        ("/_fn/disable-account", [("account", &bob), ("disabled", "maybe")], "Choose Disable or"),
    ] {
        let page = admin.send_and_see(path, &fields).await;
        assert!(page.text.contains(words), "{path} {fields:?}: {}", page.text);
    }
    for account in [&*nobody, "nonsense"] {
        let answer = admin.send("/_fn/end-sessions", &[("account", account)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{account}");
    }
    assert_eq!(admin.entries().await, before, "nothing was changed");
    assert!(signed_in(&admin.site, &admin.cookie).await);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_admins_see_accounts_and_keys(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let cookie = admin.site.sign_in(BOB).await;
    admin.site.key("gateway", &[Scope::Read]).await;
    for tab in ["accounts", "keys"] {
        let page = admin.site.ask(get(&format!("/settings?tab={tab}")).cookie(&cookie)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Only admins can see"), "{}", page.text);
        assert!(!page.text.contains(ANN) && !page.text.contains("gateway"));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_is_shown_once_and_opens(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    let mut fields =
        vec![("name", " gateway "), ("marks[]", "trusted"), ("expires", "2099-01-31T12:00")];
    fields.extend([("marks[]", "names"), ("sources", "b2c, entra"), ("rate", "7")]);
    fields.push(("networks", "198.51.100.0/24, 2001:db8::/32"));
    let scopes = Scope::ALL.iter().map(|scope| ("scopes[]", scope.as_str()));
    fields.extend(scopes);
    let page = admin.send("/_fn/make-key", &fields).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    let text = text_after(&page.text, "tw_").to_owned();
    let key = ApiKey::parse(&text).unwrap();
    let secret = text.rsplit('_').next().unwrap();
    assert!(!is_stored(admin.site.db.read(), secret).await, "the key is kept somewhere");
    let list = admin.see("/settings?tab=keys").await;
    assert!(!list.text.contains(secret), "shown twice");
    list.has(&[
        &*key.id,
        "gateway",
        "Its own, b2c, entra",
        "Trusted, Names",
        "7/s",
        "198.51.100.0/24, 2001:db8::/32",
        "events:write, ",
    ]);
    let row = store::keys::by_id(admin.site.db.read(), &key.id).await.unwrap().unwrap();
    assert_eq!((row.scopes.as_slice(), row.rate.get()), (Scope::ALL, 7));
    assert_eq!(row.marks, Marks { trusted: true, counts: false, names: true });
    assert_eq!(row.expires.unwrap().to_rfc3339(), "2099-01-31T12:00:00+00:00");

    let site = &admin.site;
    let read = || TestRequest::new(Method::GET, "/api/v1/reports/browsers").key(&text);
    assert_eq!(site.ask(read()).await.status, StatusCode::OK);
    assert_eq!(site.ask(read().from([203, 0, 113, 9])).await.status, StatusCode::FORBIDDEN);

    let question = admin.see(&format!("/settings?tab=keys&key={}", key.id)).await;
    assert!(question.text.contains("Revoke gateway?"));
    assert_eq!(site.ask(read()).await.status, StatusCode::OK, "asking revokes nothing");
    let page = admin.send_and_see("/_fn/revoke-key", &[("key", &key.id)]).await;
    assert!(page.text.contains("Key revoked."), "{}", page.text);
    assert_eq!(site.ask(read()).await.status, StatusCode::UNAUTHORIZED);
    let page = admin.send_and_see("/_fn/revoke-key", &[("key", &key.id)]).await;
    assert!(page.text.contains("This key does not exist, or has ended."));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refused_key_comes_back_with_what_was_typed(pool: PgPool) {
    let admin = Console::of_ann(pool).await;
    admin.site.key("gateway", &[Scope::Read]).await;
    let before = admin.entries().await;
    for (fields, words) in [
        (vec![("name", "gateway"), ("scopes[]", "read")], "There is a key named gateway already."),
        (vec![("name", "a:b"), ("scopes[]", "read")], "1 to 64 characters"),
        (vec![("name", "other")], "A key needs at least one scope"),
        (vec![("name", "other"), ("scopes[]", "evil")], "is not a scope"),
        (vec![("name", "other"), ("scopes[]", "read"), ("expires", "never")], "Enter a time such"),
        (vec![("name", "other"), ("scopes[]", "read"), ("expires", "2020-01-01")], "in the future"),
        (vec![("name", "other"), ("scopes[]", "read"), ("networks", "home")], "is not a network"),
        (vec![("name", "other"), ("scopes[]", "read"), ("sources", "gate")], "gate is the source"),
        (vec![("name", "other"), ("scopes[]", "read"), ("rate", "0")], "A rate is a whole number"),
    ] {
        let page = admin.send_and_see("/_fn/make-key", &fields).await;
        assert!(page.text.contains(words), "{words}: {}", page.text);
        for (name, value) in fields.iter().filter(|(name, _)| *name != "scopes[]") {
            assert!(page.text.contains(&format!("value=\"{value}\"")), "{name} is kept");
        }
    }
    assert_eq!(admin.entries().await, before);
}
