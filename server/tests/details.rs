//! The tab Details without JavaScript: its tiles, what they count, its filters, bad input, and the
//! names of flows and apps.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestRequest, TestResponse, TestServer, get, post};
use domain::failures::FailuresQuery;
use domain::handles::HandleKey;
use domain::names::Settings;
use domain::roles::{Role, Scope};
use domain::series::SeriesBy;
use domain::workbook::{Filters, Query, Sight, Tile, TileRowsQuery};
use domain::{Channel, Period, Reason};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::io::Read as _;
use store::Clock;
use tollwarden_server::config::Config;

const RANGE: &str = "from=2020-12-01T00:00:00Z&to=2020-12-05T00:00:00Z";
const TILES: [&str; 5] = [
    "Failed Phone Authentications by flow",
    "Failed Phone Authentications by Phone Number – Time Chart",
    "Failed Phone Authentications by flow – Time Chart",
    "Failed Phone Authentications by IP Address – Time Chart",
    "Select Phone Number",
];

/// A server on the day after the sample log's last, with the log in it.
struct SampleServer {
    site: TestServer,
    lead: String,
    log: Vec<Value>,
}

fn sample() -> (String, Vec<Value>) {
    let path = format!("{}/../testdata/b2c/graph.json.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let page: Value = serde_json::from_str(&text).unwrap();
    let log = page["value"].as_array().unwrap().clone();
    (text, log)
}

impl SampleServer {
    async fn new(pool: PgPool) -> Self {
        let now = domain::period::parse_time("2020-12-05T00:00:00Z").unwrap();
        let site = TestServer::with(pool, Clock::fixed(now), &Config::default()).await;
        let key = site.key("b2c", &[Scope::EventsWrite]).await;
        let (text, log) = sample();
        let ask = TestRequest::new(Method::POST, "/api/v1/sources/azure").key(&key);
        let answer = site.ask(ask.header("content-type", "application/json").body(&text)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let lead = site.member("lead@example.com", Role::SecurityLead).await;
        Self { site, lead, log }
    }

    async fn see(&self, query: &str) -> TestResponse {
        let answer = self.site.ask(get(&format!("/?tab=details&{query}")).cookie(&self.lead)).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        answer
    }

    async fn handle(&self, phone: &str) -> String {
        self.site.engine.handles.key().await.unwrap().number(phone.parse().unwrap())
    }
}

/// The value of a key in a record's details.
fn detail<'r>(record: &'r Value, key: &str) -> &'r str {
    let details = record["additionalDetails"].as_array().unwrap();
    details
        .iter()
        .find(|detail| detail["key"] == key)
        .map_or("", |detail| detail["value"].as_str().unwrap())
}

/// The failures that Microsoft's workbook shows in its Details tab.
fn originals(log: &[Value]) -> Vec<&Value> {
    log.iter()
        .filter(|record| {
            let operation = record["activityDisplayName"].as_str().unwrap().to_lowercase();
            operation.contains("verify")
                && record["result"] != "success"
                && detail(record, "VerificationMethod").contains("PhoneCall")
                && record["resultReason"].as_str().unwrap().contains("reputation")
        })
        .collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn blocked_for_reputation_only_gives_the_originals_numbers(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let originals = originals(&desk.log);
    assert!(originals.len() > 20, "the sample has some");
    let filters = Filters {
        channel: Some(Channel::Voice),
        reason: Some(Reason::BlockedReputation),
        ..Filters::default()
    };
    let [from, to] =
        ["2020-12-01", "2020-12-05"].map(|day| domain::period::parse_time(day).unwrap());
    let query = Query { period: Period { from, to }, filters };
    let workbook = &desk.site.engine.workbook;

    // Tiles 8 to 10: counts a day.
    let edges = domain::bucket::Bucket::Day.edges(query.period, &chrono::Utc).unwrap();
    for (by, key) in [
        (SeriesBy::Number, "PhoneNumber"),
        (SeriesBy::Flow, "PolicyId"),
        (SeriesBy::Ip, "ClientIpAddress"),
    ] {
        let chart = workbook.chart(by, &query, &edges, None).await.unwrap();
        let mut days = vec![0; 4];
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for record in &originals {
            let day: usize = record["activityDateTime"].as_str().unwrap()[8..10].parse().unwrap();
            days[day - 1] += 1;
            *counts.entry(detail(record, key)).or_default() += 1;
        }
        assert_eq!(chart.sums(), days, "by {by}");
        for series in &chart.series {
            assert_eq!(series.total(), counts[&*series.key], "{}", series.key);
        }
        assert_eq!(chart.series.len(), counts.len().min(10));
    }

    // Tile 11: counts by number.
    let tile = workbook
        .tile(Tile::NumberFailures, &query, &TileRowsQuery::all(), Sight::Whole)
        .await
        .unwrap();
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    originals
        .iter()
        .for_each(|record| *numbers.entry(detail(record, "PhoneNumber")).or_default() += 1);
    let found: BTreeMap<&str, u64> =
        tile.rows.iter().map(|row| (&*row.cells[0], row.count)).collect();
    assert_eq!(found, numbers);

    // Tile 7: the rows themselves.
    let asked = FailuresQuery { limit: 1_000, ..FailuresQuery::default() };
    let names = Settings::default();
    let listing = workbook.listing(&query, &asked, Sight::Whole, &names).await.unwrap();
    let mut found: Vec<[String; 5]> = listing
        .rows
        .into_iter()
        .map(|row| [row.journey, row.flow, row.phone, row.ip, row.operation])
        .collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut rows: Vec<[String; 5]> = originals
        .iter()
        .map(|record| {
            let details =
                ["PolicyId", "PhoneNumber", "ClientIpAddress"].map(|key| detail(record, key));
            let [flow, phone, ip] = details.map(str::to_owned);
            [text(&record["correlationId"]), flow, phone, ip, text(&record["activityDisplayName"])]
        })
        .collect();
    found.sort();
    rows.sort();
    assert_eq!(found, rows);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_tab_has_the_contracts_tiles_and_says_what_holds(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let page = desk.see(RANGE).await;
    for title in TILES {
        assert!(page.text.contains(&format!(">{title}<")), "{title}");
    }
    for word in [
        "flow-failures",
        "failures-by-number",
        "failures-by-flow",
        "failures-by-ip",
        "number-failures",
    ] {
        assert!(page.text.contains(&format!("aria-labelledby=\"{word}-title\"")), "{word}");
        assert!(page.text.contains(&format!("/export/{word}?")), "{word} can be exported");
    }
    assert!(page.text.contains("No number is chosen"));
    assert!(page.text.contains(
        "Failures from 1 Dec 2020, 00:00 UTC to 5 Dec 2020, 00:00 UTC, all channels, no further \
         filter; charts by hour."
    ));
    assert_eq!(page.text.matches("<h1").count(), 1);

    // A number of the log is chosen by its link, and its failures are listed.
    let number = "+37125818966";
    let handle = desk.handle(number).await;
    let chosen = desk.see(&format!("{RANGE}&number={handle}")).await;
    assert!(chosen.text.contains("Failures of ") && !chosen.text.contains("No number is chosen"));
    assert!(chosen.text.contains(&format!("only number {number}; charts")));
    let journeys: Vec<&Value> = desk
        .log
        .iter()
        .filter(|record| record["result"] != "success" && detail(record, "PhoneNumber") == number)
        .map(|record| &record["correlationId"])
        .collect();
    assert!(!journeys.is_empty());
    for journey in journeys {
        assert!(chosen.text.contains(journey.as_str().unwrap()), "{journey}");
    }
    assert!(!chosen.text.contains("+37125818694"), "another number's failures are not shown");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn auditors_see_masks_alone(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let auditor = desk.site.member("auditor@example.com", Role::Auditor).await;
    let handle = desk.handle("+37125818966").await;
    for query in [RANGE.to_owned(), format!("{RANGE}&number={handle}&flow-failures.sort=phone")] {
        let page = desk.site.ask(get(&format!("/?tab=details&{query}")).cookie(&auditor)).await;
        assert!(page.text.contains("+37125••••"), "{query}");
        for record in &desk.log {
            let phone = detail(record, "PhoneNumber");
            assert!(phone.len() < 9 || !page.text.contains(phone), "{phone} under {query}");
        }
    }
    for fragment in ["flow-failures", "number-events", "failures-by-number", "number-failures"] {
        let path = format!("/tiles/{fragment}?{RANGE}&number={handle}");
        let part = desk.site.ask(get(&path).cookie(&auditor)).await;
        assert_eq!(part.status, StatusCode::OK, "{fragment}");
        assert!(!part.text.contains("+37125818966") && part.text.contains("66"), "{fragment}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_input_is_said_and_nothing_fails(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let foreign = HandleKey::new(&[9; 32]).number("+37125818966".parse().unwrap());
    let long = "x".repeat(10_000);
    for (query, words) in [
        ("bucket=1m".to_owned(), "too many for this range"),
        ("bucket=fortnight".to_owned(), "must be one of 1m, 5m"),
        ("bucket=%00".to_owned(), "must be one of 1m, 5m"),
        (format!("bucket={long}"), "must be one of 1m, 5m"),
        (format!("number={foreign}"), "made by another store"),
        ("number=n_nonsense".to_owned(), "all numbers are shown"),
        ("ip=999.1.1.1".to_owned(), "all addresses are shown"),
        ("reason=reputation".to_owned(), "all reasons are shown"),
        (format!("flow={long}"), "all flows are shown"),
        ("flow-failures.sort=colour".to_owned(), "The order must be one of time, flow"),
        ("flow-failures.page=0".to_owned(), "The page must be a whole number from 1."),
        (format!("flow-failures.q={long}"), "at most 200 letters"),
        ("flow-failures.page=18446744073709551615".to_owned(), "There is no page"),
    ] {
        let page = desk.see(&format!("{RANGE}&{query}")).await;
        let shown: String = query.chars().take(60).collect();
        assert!(page.text.contains(words), "{words} for {shown}");
        assert!(page.text.contains(TILES[0]), "{shown}");
    }
    // Valid filters that find nothing.
    for query in [
        "flow=%27%3B%20drop%20table%20event%3B--",
        "flow=%25",
        "flow=%22%3Cscript%3E",
        "flow-failures.q=%25",
        "flow-failures.q=%22%3Cscript%3E",
        "flow-failures.q=%FF%FE",
        "flow=%FF%FE",
    ] {
        let page = desk.see(&format!("{RANGE}&{query}")).await;
        let said = ["fit the filters", "Nothing contains", "all flows are shown"];
        let said = said.iter().any(|words| page.text.contains(words));
        assert!(said, "{query}");
        assert!(!page.text.contains("<script>\"") && !page.text.contains("\"<script"), "{query}");
    }
    let unknown = desk.site.ask(get("/?tab=nonsense").cookie(&desk.lead)).await;
    assert_eq!(unknown.status, StatusCode::OK);
    assert!(unknown.text.contains("must be one of overview, details, conversion"));
    for query in ["from=2020-12-05&to=2020-12-01", "from=2020-12-01&to=2020-12-01"] {
        let page = desk.see(query).await;
        assert!(page.text.contains("could not be read"), "{query}");
    }
    let century = desk.see("from=2000-01-01&to=2100-01-01").await;
    assert!(century.text.contains("charts by year.") && century.text.contains("data-figure"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn tiles_come_alone_with_search_order_and_pages(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let part = async |panel: &str, query: &str| {
        let path = format!("/tiles/{panel}?tab=details&{RANGE}&{query}");
        let answer = desk.site.ask(get(&path).cookie(&desk.lead)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.text
    };
    let first = part("flow-failures", "").await;
    assert!(first.contains("1–10 of 4") && first.contains("flow-failures.page=2"), "{first}");
    let second = part("flow-failures", "flow-failures.page=2").await;
    assert!(second.contains("11–20 of 4"));
    let found = part("flow-failures", "flow-failures.q=BAD+reputation").await;
    assert!(found.contains("1–10 of 34"), "{found}");
    let sorted = part("flow-failures", "flow-failures.sort=phone.down").await;
    assert!(sorted.contains("aria-sort=\"descending\""));
    let table = part("failures-by-flow", "failures-by-flow.view=table&bucket=1d").await;
    assert!(table.contains("2020-12-02") && table.contains("B2C_1A_signup_signin"), "{table}");
    let unknown = desk.site.ask(get("/tiles/nonsense").cookie(&desk.lead)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn flows_get_names_that_pages_show_and_reports_do_not(pool: PgPool) {
    let desk = SampleServer::new(pool).await;
    let admin = desk.site.member("admin@example.com", Role::Admin).await;
    let page = desk.site.ask(get("/settings?tab=names").cookie(&admin)).await;
    assert!(page.text.contains("B2C_1A_signup_signin") && page.text.contains("0000-cc"));
    let save = async |fields: &[(&str, &str)]| {
        let answer = desk.site.ask(post("/_fn/save-names", fields).cookie(&admin)).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, "/settings?tab=names"),
            "{}",
            answer.text
        );
        desk.site.ask(get("/settings?tab=names").cookie(&admin)).await.text
    };

    let refused = save(&[
        ("version", "0"),
        ("flow_ids[]", "B2C_1A_signup_signin"),
        ("flow_names[]", "Sign\u{7}up"),
        ("flow_ids[]", "other"),
        ("flow_names[]", "Kept & typed"),
        ("app_ids[]", "0000-cc"),
        ("app_names[]", &"x".repeat(81)),
    ])
    .await;
    assert!(refused.contains("without line breaks, tabs and other control characters"));
    assert!(
        refused.contains("at most 80 letters") && refused.contains("Kept &amp; typed"),
        "{refused}"
    );
    assert!(!desk.see(RANGE).await.text.contains("Sign\u{7}up"));

    let saved = save(&[
        ("version", "0"),
        ("flow_ids[]", "B2C_1A_signup_signin"),
        ("flow_names[]", "Sign-up <new>"),
        ("flow_ids[]", ""),
        ("flow_names[]", ""),
        ("app_ids[]", "0000-cc"),
        ("app_names[]", "Web shop"),
    ])
    .await;
    assert!(saved.contains("Names saved"), "{saved}");
    let page = desk.see(RANGE).await.text;
    assert!(page.contains("Sign-up &lt;new>") || page.contains("Sign-up &lt;new&gt;"));
    assert!(page.contains("title=\"B2C_1A_signup_signin\""), "the id is in the tooltip");
    assert!(!page.contains("<new>"));
    let chip = desk.see(&format!("{RANGE}&flow=B2C_1A_signup_signin")).await.text;
    assert!(chip.contains("Flow Sign-up"));
    let found = desk.see(&format!("{RANGE}&flow-failures.q=sign-up+%3Cnew")).await.text;
    assert!(!found.contains("Nothing contains"), "a name is found by what is shown");

    let stale = save(&[("version", "0"), ("flow_ids[]", "a"), ("flow_names[]", "Late")]).await;
    assert!(stale.contains("Somebody else changed these names"));

    // Reports and the API keep ids; the names are settings like others.
    let read = desk.site.key("reader", &[Scope::Read, Scope::Admin]).await;
    let ask = |path: &str| TestRequest::new(Method::GET, path).key(&read);
    let report =
        desk.site.ask(ask(&format!("/api/v1/reports/failures-by-flow?{RANGE}&format=csv"))).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text);
    assert!(report.text.contains("B2C_1A_signup_signin") && !report.text.contains("Sign-up"));
    let settings = desk.site.ask(ask("/api/v1/settings/names")).await;
    let settings: Value = serde_json::from_str(&settings.text).unwrap();
    let held = json!({
        "apps": { "0000-cc": "Web shop" },
        "flows": { "B2C_1A_signup_signin": "Sign-up <new>" },
    });
    assert_eq!(settings, held);

    // Only an admin may save names.
    let answer =
        desk.site.ask(post("/_fn/save-names", &[("version", "1")]).cookie(&desk.lead)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let page = desk.site.ask(get("/settings?tab=names").cookie(&desk.lead)).await;
    assert!(page.text.contains("Only admins can see"));
}
