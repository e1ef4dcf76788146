//! The console's page and its downloads, and the command line.

use crate::common::{TestRequest, TestServer, get};
use domain::roles::Role;
use http::{Method, StatusCode};
use serde_json::Value;
use sqlx::{ConnectOptions as _, PgPool};
use std::path::Path;
use std::process::Command;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

async fn site(pool: PgPool) -> (TestServer, String, String) {
    let site = TestServer::new(pool).await;
    let ann = site.member(ANN, Role::Admin).await;
    let bob = site.member(BOB, Role::Auditor).await;
    (site, ann, bob)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_browser_whose_form_is_refused_goes_back_to_it(pool: PgPool) {
    let (site, ann, bob) = site(pool).await;
    let query = "format=pdf&from=2026-11-02&to=2026-11-01&ip=1.2.3&flow=%22%3Cb%3E%25";
    let refused = site.ask(get(&format!("/export/attempts?{query}")).cookie(&ann)).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    let back = refused.location().to_owned();
    assert!(back.starts_with("/reports?report=attempts&format=pdf&from=2026-11-02"), "{back}");
    let page = site.ask(get(back.split('#').next().unwrap()).cookie(&ann)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Must be earlier than the end of the range"), "{}", page.text);
    assert!(page.text.contains("Must be an IPv4 or IPv6 address"));
    assert!(page.text.contains("value=\"1.2.3\""), "what was typed is still there");
    assert!(page.text.contains("value=\"&quot;&lt;b&gt;%\""), "{}", page.text);

    // Digits that an auditor typed are not shown again.
    let typed = site.ask(get("/export/attempts?number=%2B14155550177").cookie(&bob)).await;
    let page = site.ask(get(typed.location().split('#').next().unwrap()).cookie(&bob)).await;
    assert!(page.text.contains("cannot search by typed digits"), "{}", page.text);
    assert!(page.text.contains("Phone numbers are masked in your exports."));
    assert!(!page.text.contains("value=\"+14155550177\""));

    // A program reads the answer itself.
    let ask = TestRequest::new(Method::GET, "/export/attempts?ip=1.2.3").header("accept", "*/*");
    assert_eq!(site.ask(ask.cookie(&ann)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_format_without_room_is_told_on_the_form(pool: PgPool) {
    super::limits::attempts(&pool, 20_001).await;
    let (site, ann, _) = site(pool).await;
    let path = "/export/attempts?format=pdf&from=2026-11-01&to=2026-11-21";
    let refused = site.ask(get(path).cookie(&ann)).await;
    let page = site.ask(get(refused.location().split('#').next().unwrap()).cookie(&ann)).await;
    assert!(page.text.contains("PDF holds at most 20,000 rows"), "{}", page.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn who_finds_no_place_reads_a_page(pool: PgPool) {
    let (site, ann, _) = site(pool).await;
    // With the test's five connections one report may be written at once.
    let place = site.engine.reports.enter().await.unwrap();
    let refused = site.ask(get("/export/attempts").cookie(&ann)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text);
    assert_eq!(refused.header("retry-after"), "5");
    assert!(refused.text.contains("Too many reports are being written at once."));
    assert!(refused.text.contains("<a href=\"/reports\">Go to the reports</a>"));
    // Bad filters are refused all the same, and at once.
    let unread =
        site.ask(TestRequest::new(Method::GET, "/export/attempts?ip=1.2.3").cookie(&ann)).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    drop(place);
    let written = site.ask(get("/export/attempts").cookie(&ann)).await;
    assert_eq!(written.status, StatusCode::OK);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_page_lists_what_was_exported(pool: PgPool) {
    let (site, ann, bob) = site(pool).await;
    let empty = site.ask(get("/reports").cookie(&bob)).await;
    assert!(empty.text.contains("No exports yet."), "{}", empty.text);
    site.ask(get("/export/failures-by-ip?format=xlsx&channel=sms&bucket=1d").cookie(&ann)).await;
    let page = site.ask(get("/reports?report=blocks").cookie(&bob)).await;
    for words in [ANN, "failures-by-ip", "xlsx", "channel sms, bucket 1d"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.text.contains("action=\"/export/blocks\""));
    let nonsense = site.ask(get("/reports?report=nothing&refused=values&x.y=1").cookie(&bob)).await;
    assert_eq!(nonsense.status, StatusCode::OK);
}

/// The program on a test's database: exit code, stdout, stderr.
fn tollwarden(pool: &PgPool, dir: &Path, before: &[&str], args: &[&str]) -> (i32, Vec<u8>, String) {
    let program = env!("CARGO_BIN_EXE_tollwarden");
    let words: Vec<&str> =
        before.iter().copied().chain([program]).chain(args.iter().copied()).collect();
    let mut command = Command::new(words[0]);
    command.current_dir(dir).args(&words[1..]);
    command.env("DATABASE_URL", pool.connect_options().to_url_lossy().to_string());
    let output = command.output().unwrap();
    let code = output.status.code().unwrap();
    (code, output.stdout, String::from_utf8(output.stderr).unwrap())
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_command_line_takes_the_same_filters(pool: PgPool) {
    super::limits::attempts(&pool, 50).await;
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| tollwarden(&pool, dir.path(), &[], args);
    let range = ["--from", "2026-11-01", "--to", "2026-11-21"];
    let ask = |more: &[&str]| {
        let args = [&["export", "attempts", "--format", "json"], more, &range].concat();
        let (code, out, err) = run(&args);
        assert_eq!(code, 0, "{more:?}: {err}");
        serde_json::from_slice::<Value>(&out).unwrap().as_array().unwrap().len()
    };
    assert_eq!(ask(&[]), 50);
    assert_eq!(ask(&["--number", "+14152000007"]), 1);
    assert_eq!(ask(&["--user", "USER7@example.com", "--outcome", "failed", "--region", "US"]), 1);
    assert_eq!(ask(&["--flow", "B2C_1A_signin", "--reason", "busy", "--ip", "203.0.113.9"]), 50);
    assert_eq!(ask(&["--browser", "Chrome"]), 0);
    assert_eq!(ask(&["--as-of", "2026-11-01"]), 0, "no event was known");
    for (report, more) in [
        ("failures-by-ip", &["--bucket", "1d"][..]),
        ("conversion", &["--by", "prefix"]),
        ("flow-failures", &["--channel", "sms"]),
    ] {
        let file = dir.path().join("out");
        let (code, out, err) =
            run(&[&["export", report, "--format", "pdf", "-o", file.to_str().unwrap()], more]
                .concat());
        assert_eq!((code, out.as_slice(), err.as_str()), (0, &b""[..], ""), "{report}");
        assert!(std::fs::read(&file).unwrap().starts_with(b"%PDF-"));
    }
    let (code, _, err) = run(&["export", "browsers", "--user", "anna"]);
    assert!(code == 1 && err.contains("user: is not asked of browsers"), "{err}");
    let (code, out, _) = run(&["export", "browsers", "--format", "xlsx"]);
    assert!(code == 0 && out.starts_with(b"PK"), "a pipe takes anything");
    // A terminal does not.
    let terminal = ["python3", "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"];
    let args = ["export", "browsers", "--format", "pdf"];
    let (code, out, _) = tollwarden(&pool, dir.path(), &terminal, &args);
    let said = String::from_utf8_lossy(&out);
    assert!(code == 1 && said.contains("a terminal cannot show PDF"), "{said}");
}
