//! What is done or refused through the console, the API and the command line is on the audit log;
//! the log is read, filtered and verified.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod common;

use common::command::tollwarden;
use common::{PASSWORD, TestRequest, TestServer, get, post};
use domain::audit::{Activity, By, Change};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use store::audit::Filter;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

/// The newest entries, oldest first: actor, address, activity, object.
async fn entries(site: &TestServer, newest: i64) -> Vec<[String; 4]> {
    let rows = store::audit::list(site.db.read(), &Filter::default(), None, newest).await.unwrap();
    let entries = rows.into_iter().rev().map(|row| row.entry);
    entries.map(|e| [e.actor, e.source_ip.unwrap_or_default(), e.activity, e.object]).collect()
}

async fn after(site: &TestServer) -> serde_json::Value {
    let rows = store::audit::list(site.db.read(), &Filter::default(), None, 1).await.unwrap();
    serde_json::from_str(rows[0].entry.after.as_deref().unwrap()).unwrap()
}

async fn site(pool: PgPool) -> TestServer {
    let site = TestServer::new(pool).await;
    site.account(ANN, Role::Admin).await;
    site.account(BOB, Role::Auditor).await;
    site
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn coming_and_going_is_on_the_record(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in(ANN).await;
    assert_eq!(entries(&site, 1).await, [[ANN, "198.51.100.7", "Signed in", ANN]]);
    site.try_sign_in(BOB, "not this one, surely").await;
    site.try_sign_in("not this one, surely", "").await;
    let expected = [
        ["unknown", "198.51.100.7", "Sign-in refused", BOB],
        ["unknown", "198.51.100.7", "Sign-in refused", "(no e-mail address)"],
    ];
    assert_eq!(entries(&site, 2).await, expected);
    let words =
        [("current", PASSWORD), ("password", "battery staple"), ("again", "battery staple")];
    let changed = site.ask(post("/_fn/change-password", &words).cookie(&cookie)).await;
    let cookie = changed.cookie().unwrap();
    assert_eq!(entries(&site, 1).await, [[ANN, "198.51.100.7", "Password changed", ANN]]);
    site.ask(post("/_fn/sign-out", &[]).cookie(&cookie)).await;
    assert_eq!(entries(&site, 1).await, [[ANN, "198.51.100.7", "Signed out", ANN]]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn refusals_are_on_the_record(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in(BOB).await;
    let ask = post("/imports", &[]).cookie(&cookie);
    assert_eq!(site.ask(ask).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        entries(&site, 1).await,
        [[BOB, "198.51.100.7", "Request refused", "POST /imports"]]
    );
    assert_eq!(after(&site).await["why"], "forbidden");

    let key = site.key("reader", &[Scope::Read]).await;
    let ask = TestRequest::new(Method::POST, "/api/v1/events").key(&key);
    assert_eq!(site.ask(ask).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        entries(&site, 1).await,
        [["key:reader", "198.51.100.7", "Request refused", "POST /api/v1/events"]]
    );

    let ask = TestRequest::new(Method::POST, "/_fn/sign-out")
        .header("sec-fetch-site", "cross-site")
        .cookie(&cookie);
    assert_eq!(site.ask(ask).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        entries(&site, 1).await,
        [["unknown", "198.51.100.7", "Request refused", "POST /_fn/sign-out"]]
    );
    assert_eq!(after(&site).await["why"], "forbidden");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refusal_that_cannot_be_noted_stays_a_refusal(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in(BOB).await;
    sqlx::raw_sql("alter table audit add check (activity <> 'Request refused')")
        .execute(site.db.facts())
        .await
        .unwrap();
    let before = entries(&site, 100).await.len();
    let ask = post("/imports", &[]).cookie(&cookie);
    assert_eq!(site.ask(ask).await.status, StatusCode::FORBIDDEN);
    assert_eq!(entries(&site, 100).await.len(), before);

    // What needs an audit entry is not done without it.
    sqlx::raw_sql(
        "alter table audit add check (activity <> 'Report exported') not valid;
         alter table audit add check (activity <> 'Signed in') not valid",
    )
    .execute(site.db.facts())
    .await
    .unwrap();
    let export = site.ask(get("/export/ip-failures").cookie(&cookie)).await;
    assert_eq!(export.status, StatusCode::INTERNAL_SERVER_ERROR);
    let knock = site.try_sign_in(ANN, PASSWORD).await;
    assert_eq!(knock.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(knock.cookie().is_none());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn exports_are_on_the_record(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in(BOB).await;
    let range = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&channel=sms&format=json";
    let page = site.ask(get(&format!("/export/ip-failures?{range}")).cookie(&cookie)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(entries(&site, 1).await, [[BOB, "198.51.100.7", "Report exported", "ip-failures"]]);
    let told = after(&site).await;
    assert_eq!((&told["format"], &told["filters"]["channel"]), (&"json".into(), &"sms".into()));
    assert_eq!(told["from"], "2026-01-01T00:00:00+00:00");

    let key = site.key("reader", &[Scope::Read]).await;
    site.ask(TestRequest::new(Method::GET, "/api/v1/reports/browsers").key(&key)).await;
    assert_eq!(
        entries(&site, 1).await,
        [["key:reader", "198.51.100.7", "Report exported", "browsers"]]
    );
    let before = entries(&site, 100).await.len();
    let refused = site.ask(get("/export/nothing").cookie(&cookie)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(entries(&site, 100).await.len(), before, "no export, no entry");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_command_line_verifies(pool: PgPool) {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| tollwarden(&pool, dir.path(), args);
    for name in ["one", "two", "three"] {
        let (code, _, stderr) = run(&["key", "create", "--name", name, "--scope", "read"]);
        assert_eq!(code, 0, "{stderr}");
    }
    let (code, _, stderr) = run(&["export", "browsers", "--range", "7d"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, stderr) = run(&["audit", "verify"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let (head, count) = stdout.split_once('\n').unwrap();
    assert!(head.starts_with("4:") && head.len() == 66, "{stdout}");
    assert_eq!(count, "4 entries\n");
    assert_eq!(run(&["audit", "verify", "--head", head]).0, 0, "verifying changes nothing");
    let activities: Vec<String> =
        sqlx::query_scalar("select actor || ': ' || activity from audit order by seq desc limit 2")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(activities, ["command line: Report exported", "command line: API key made"]);

    let tamper = async |sql: &str| {
        let sql = format!(
            "alter table audit disable trigger all; {sql}; alter table audit enable trigger all"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    };
    tamper("delete from audit where seq = 4; update audit_head set seq = 3, hash = (select hash from audit where seq = 3)").await;
    assert_eq!(run(&["audit", "verify"]).0, 0);
    let (code, stdout, _) = run(&["audit", "verify", "--head", head]);
    let cut = "the log ends at 3 but entry 4 was there before: entries were cut off\n";
    assert_eq!((code, stdout.as_str()), (1, cut));
    tamper("update audit set actor = 'somebody' where seq = 2").await;
    let (code, stdout, _) = run(&["audit", "verify"]);
    assert_eq!((code, stdout.as_str()), (1, "entry 2 was changed: its hash does not fit\n"));

    let (code, stdout, stderr) = run(&["audit", "verify", "--head", "4"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("SEQ:HASH"), "{stderr}");
    let elsewhere = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = tollwarden(&pool, elsewhere.path(), &["audit", "verify"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "another secret");
    assert!(stderr.contains("secret"), "{stderr}");
}

/// The objects of the entries on a page, in its order.
fn objects(page: &str) -> Vec<&str> {
    let rows = page.split("id=\"entry-").skip(1);
    rows.map(|row| {
        let at = row.find("class=\"long-start\">").unwrap();
        // The second long text of a row; the first is the actor.
        let row = &row[at + 19..];
        let at = row.find("class=\"long-start\">").unwrap();
        row[at + 19..].split('<').next().unwrap()
    })
    .collect()
}

async fn page(site: &TestServer, cookie: &str, path: &str) -> String {
    let answer = site.ask(get(path).cookie(cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.text
}

/// The address of the link with these words.
fn link(page: &str, words: &str) -> String {
    let at = page.find(words).unwrap_or_else(|| panic!("no {words}"));
    let at = page[..at].rfind("href=\"").unwrap() + 6;
    page[at..].split('"').next().unwrap().replace("&amp;", "&")
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_page_pages_and_filters(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let cookie = site.member(ANN, Role::Admin).await;
    for n in 0..120 {
        let change = Change::new(Activity::Blocked, format!("user {n:03}"));
        site.db.write(&By::own()).await.unwrap().commit(change).await.unwrap();
    }
    let first = page(&site, &cookie, "/audit").await;
    assert_eq!((objects(&first)[0], objects(&first)[49]), ("user 119", "user 070"));
    assert!(!first.contains("Newer"));
    let second = page(&site, &cookie, &link(&first, "Older")).await;
    assert_eq!((objects(&second)[0], objects(&second).len()), ("user 069", 50));
    let third = page(&site, &cookie, &link(&second, "Older")).await;
    assert_eq!(objects(&third), {
        let mut left: Vec<String> = (0..20).rev().map(|n| format!("user {n:03}")).collect();
        left.extend([ANN.to_owned(), ANN.to_owned()]);
        left
    });
    assert!(!third.contains("Older"));
    let back = page(&site, &cookie, &link(&third, "Newer")).await;
    assert_eq!(objects(&back), objects(&second));

    let by = async |query: &str| {
        let text = page(&site, &cookie, &format!("/audit?{query}")).await;
        objects(&text).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(by("actor=ann%40example.com").await, [ANN]);
    assert_eq!(by("actor=ann%40example.co").await, [""; 0]);
    assert_eq!(by("activity=Account+added").await, [ANN]);
    assert_eq!(by("object=user+11").await.len(), 10);
    assert_eq!(by("object=user+11&activity=Signed+in").await, [""; 0]);
    assert_eq!(by("to=2020-01-01").await, [""; 0]);
    assert_eq!(by("from=2020-01-01&actor=tollwarden&object=user+007").await, ["user 007"]);
    for (query, words) in [
        ("activity=Nothing", "This activity does not exist."),
        ("from=never", "Enter a time such as"),
        ("from=2026-01-02&to=2026-01-01", "The end must be after the beginning."),
    ] {
        let text = page(&site, &cookie, &format!("/audit?{query}")).await;
        assert!(text.contains(words) && text.contains("Nothing is shown"), "{query}");
    }
    let nonsense = page(&site, &cookie, "/audit?before=x&after=99999999999999999999").await;
    assert_eq!(objects(&nonsense)[0], "user 119");
    let beyond = page(&site, &cookie, "/audit?before=999").await;
    assert!(beyond.contains("There are no older entries."), "{beyond}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_sees_masks_and_differences(pool: PgPool) {
    let site = site(pool).await;
    let change = Change::new(Activity::Blocked, "number +14155552700")
        .before(json!({ "until": null, "reason": "<b>" }))
        .after(json!({ "until": "2026-12-01", "reason": "<b>", "also": ["+14155552701"] }));
    site.db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    let (ann, bob) = (site.sign_in(ANN).await, site.sign_in(BOB).await);
    let whole = page(&site, &ann, "/audit?object=number").await;
    assert!(whole.contains("+14155552700") && whole.contains("+14155552701"), "{whole}");
    assert!(whole.contains("2026-12-01") && whole.contains("1 other value is unchanged."));
    let masked = page(&site, &bob, "/audit?object=number").await;
    assert!(masked.contains("+14155••••00") && masked.contains("+14155••••01"), "{masked}");
    assert!(!masked.contains("555270"), "{masked}");
    let guess = page(&site, &bob, "/audit?object=number+%2B1415555").await;
    assert!(guess.contains("cannot search for their digits"), "{guess}");
    assert!(objects(&guess).is_empty());

    let export = page(&site, &ann, "/export/audit?format=csv").await;
    assert!(export.contains("+14155552700") && export.contains("+14155552701"), "{export}");
    let export = page(&site, &bob, "/export/audit?format=csv").await;
    assert!(export.contains("+14155••••00") && !export.contains("555270"), "{export}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_button_verifies(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in(BOB).await;
    let head = store::audit::head(site.db.read()).await.unwrap().to_string();
    let before = page(&site, &cookie, "/audit?activity=Signed+in").await;
    assert!(before.contains("Not verified since") && before.contains(&head), "{before}");
    let press = async |back: &str| {
        let answer = site.ask(post("/_fn/verify-audit", &[("back", back)]).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        // The page asks to be requested again while a check is under way.
        loop {
            let part = page(&site, &cookie, "/audit/check").await;
            if !part.contains("data-poll") {
                return (answer.location().to_owned(), part);
            }
            tokio::task::yield_now().await;
        }
    };
    let (back, part) = press("/audit?activity=Signed+in").await;
    assert_eq!(back, "/audit?activity=Signed+in#check");
    assert!(part.contains("Complete: 3 entries in an unbroken chain."), "{part}");
    assert_eq!(entries(&site, 1).await[0][2], "Audit log verified");
    assert_eq!(press("https://evil.example/").await.0, "/audit#check");

    sqlx::raw_sql(
        "alter table audit disable trigger all; update audit set actor = 'x' where seq = 2",
    )
    .execute(site.db.facts())
    .await
    .unwrap();
    let (_, part) = press("/").await;
    assert!(part.contains("Entry 2 was changed: its hash does not fit."), "{part}");
}
