//! Accounts and keys that see masks see no whole number in any spelling, on any page, part, export
//! and answer in the table of doors, and behind any link on them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod seed;
mod walk;

use common::{TestRequest, TestServer};
use domain::doors::{DOORS, Door, Kind};
use domain::reports::{Format, Report};
use domain::roles::{Requirement, Scope};
use domain::workbook::Tile;
use http::{Method, StatusCode};
use seed::{NUMBER, SPELLINGS, Seeded};
use sqlx::PgPool;
use std::collections::BTreeMap;
use testkit::noon;
use walk::{NumberSighting, walk};

async fn seeded(pool: PgPool) -> Seeded {
    seed::seed(TestServer::at(pool, noon()).await).await
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The addresses of a door: its parameters filled from the store, and its optional parts.
async fn addresses(seeded: &Seeded, door: &Door) -> Vec<String> {
    let ids = async |sql: &'static str, path: &str| -> Vec<String> {
        seeded.all(sql).await.iter().map(|id| format!("{path}/{id}")).collect()
    };
    let key = seeded.site.engine.handles.key().await.unwrap();
    let one = |text: &str| vec![text.to_owned()];
    match door.path {
        "/attempts/{id}" => ids("select id::text from attempt", "/attempts").await,
        "/fraud-alerts/{id}" => ids("select id::text from fraud_report", "/fraud-alerts").await,
        "/imports/{id}/rejected" => {
            let ids = ids("select id::text from import_job", "/imports").await;
            ids.into_iter().map(|path| format!("{path}/rejected")).collect()
        }
        "/numbers/{handle}" => one(&format!("/numbers/{}", key.number(NUMBER.parse().unwrap()))),
        "/ips/{ip}" => one("/ips/203.0.113.9"),
        "/users/{handle}" => {
            let users = seeded.all("select distinct \"user\" from fraud_report").await;
            users.iter().map(|user| format!("/users/{}", key.user(user))).collect()
        }
        "/export/{report}" | "/api/v1/reports/{name}" => {
            let to = door.path.split('{').next().unwrap();
            let formats = |report: &Report| -> Vec<String> {
                let path =
                    |format| format!("{to}{report}?format={format}&from=2026-11-01&to=2026-11-21");
                Format::ALL.iter().map(path).collect()
            };
            Report::ALL.iter().flat_map(formats).collect()
        }
        "/tiles/{tile}" => Tile::ALL
            .iter()
            .map(|tile| format!("/tiles/{tile}?from=2026-11-01&to=2026-11-21"))
            .collect(),
        "/api/v1/users/{user}/block" => {
            let path =
                |user: &str| format!("/api/v1/users/{}/block", encoded(user).replace('+', "%20"));
            let victims = SPELLINGS.map(|text| path(&format!("victim {text}")));
            SPELLINGS.iter().map(|user| path(user)).chain(victims).collect()
        }
        "/pkg/{*path}" | "/set-up/{token}" | "/reset/{token}" | "/stop/{token}" => Vec::new(),
        path => {
            assert!(!path.contains('{'), "{path}: say here which addresses it has");
            let mut all = one(path);
            for asked in views(path) {
                all.push(format!("{path}?{asked}"));
            }
            // Whatever somebody types is neither shown again nor looked for.
            for (field, text) in
                typed(path).iter().flat_map(|field| SPELLINGS.map(|text| (*field, text)))
            {
                all.push(format!("{path}?{field}={}", encoded(text)));
            }
            all
        }
    }
}

/// Addresses that open optional parts of a page.
fn views(path: &str) -> &'static [&'static str] {
    match path {
        "/" => &[
            "from=2026-11-01&to=2026-11-21",
            "tab=details&from=2026-11-01&to=2026-11-21",
            "tab=conversion&from=2026-11-01&to=2026-11-21",
        ],
        "/rules" => &[
            "tab=rules",
            "tab=numbers",
            "tab=types",
            "tab=limits",
            "tab=money",
            "tab=prices",
            "tab=switches",
            "tab=history",
            "tab=versions",
            "tab=try",
        ],
        "/fraud-alerts" => &[
            "tab=reports",
            "tab=settings",
            "tab=blocked",
            "tab=bypasses",
            "tab=names",
            "tab=blocked&state=all",
            "tab=bypasses&state=all",
        ],
        "/countries" => &["channel=voice", "tab=history"],
        "/notifications" => &["tab=log", "tab=recipients"],
        "/sign-ins" => &["from=2026-11-01&to=2026-11-21"],
        "/audit" => &["from=2026-11-01&to=2026-11-21", "activity=Signed+in"],
        _ => &[],
    }
}

/// The fields that can be typed into.
fn typed(path: &str) -> &'static [&'static str] {
    match path {
        "/" => &[
            "number",
            "flow",
            "browser",
            "ip-failures.q",
            "blocked-numbers.q",
            "failure-reasons.q",
            "flow-failures.q",
        ],
        "/sign-ins" => &["user", "number", "flow", "browser"],
        "/search" => &["q"],
        "/audit" => &["object", "actor", "activity", "q"],
        "/rules" => &["q", "phone", "number"],
        "/fraud-alerts" => &["user", "q", "number"],
        "/notifications" => &["q", "to", "recipient"],
        "/reports" => &["user", "flow", "number"],
        _ => &[],
    }
}

fn of_auditors(door: &&Door) -> bool {
    door.method == "GET"
        && door.path != "/live"
        && matches!(door.kind, Kind::Page | Kind::Part)
        && matches!(door.need, Requirement::Session(permission) if domain::roles::allows(domain::roles::Role::Auditor, permission))
}

/// Formats where the number was found, and how often.
fn none(found: &[NumberSighting]) {
    let mut places: BTreeMap<&str, Vec<&NumberSighting>> = BTreeMap::new();
    for one in found {
        places.entry(&one.place).or_default().push(one);
    }
    let mut words = String::new();
    for (place, found) in &places {
        words.push_str(&format!("\n{:4} {place}", found.len()));
        for one in found.iter().take(4) {
            words.push_str(&format!("\n        {}\n            {}", one.address, one.around));
        }
    }
    assert!(found.is_empty(), "the number is shown in {} places:{words}", places.len());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_finds_no_spelling_of_a_number(pool: PgPool) {
    let seeded = seeded(pool).await;
    let mut begin = Vec::new();
    for door in DOORS.iter().filter(of_auditors) {
        begin.extend(addresses(&seeded, door).await);
    }
    let walked = walk(&seeded.site, &seeded.auditor, begin).await;
    assert!(walked.answers > 200, "{} answers are too few", walked.answers);
    none(&walked.found);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_that_reads_finds_no_spelling_of_a_number(pool: PgPool) {
    let seeded = seeded(pool).await;
    let key = seeded.site.key("reader", &[Scope::Read, Scope::BlocksRead, Scope::Metrics]).await;
    let mut found = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    let reads = [Scope::Read, Scope::BlocksRead, Scope::Metrics];
    let doors = DOORS.iter().filter(|door| {
        door.method == "GET"
            && matches!(door.need, Requirement::Key(scope) if reads.contains(&scope))
    });
    for door in doors {
        for address in addresses(&seeded, door).await {
            let answer =
                walk::bytes(&seeded.site, TestRequest::new(Method::GET, &address).key(&key)).await;
            assert!(answer.status != StatusCode::UNAUTHORIZED, "{address}");
            walk::inspect(door.path, &address, answer, folder.path(), &mut found);
        }
    }
    walk::look_into(folder.path(), &mut found);
    none(&found);
}

/// The other tests search for something that exists: readers of whole numbers find every spelling.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn whoever_sees_whole_numbers_finds_every_spelling(pool: PgPool) {
    let seeded = seeded(pool).await;
    let key = seeded.site.key("whole", &[Scope::Numbers]).await;
    for report in
        ["attempts", "fraud-reports", "blocks", "audit", "flow-failures", "failure-reasons"]
    {
        let address = format!("/api/v1/reports/{report}?format=json&from=2026-11-01&to=2026-11-21");
        let answer =
            walk::bytes(&seeded.site, TestRequest::new(Method::GET, &address).key(&key)).await;
        let text = String::from_utf8(answer.bytes).unwrap();
        for spelling in SPELLINGS {
            assert!(text.contains(spelling), "{report} lacks {spelling}");
        }
    }
    for (path, least) in [
        ("/attempts", 9),
        ("/audit?from=2026-11-01&to=2026-11-21", 9),
        ("/fraud-alerts?tab=blocked", 3),
    ] {
        let path = match path {
            "/attempts" => format!(
                "/attempts/{}",
                seeded.one("select id::text from attempt where phone is not null limit 1").await
            ),
            path => path.to_owned(),
        };
        let answer = seeded.site.ask(common::get(&path).cookie(&seeded.admin)).await;
        let count = walk::hits(&answer.text);
        assert!(count >= least, "{path} shows the number {count} times");
    }
}
