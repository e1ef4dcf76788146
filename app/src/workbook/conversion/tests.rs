use super::*;
use crate::ui::testing::assert_has;
use crate::workbook::samples::{self, names};
use domain::conversion::{Column, Funnel, KeyCounts, Order, PageRow};
use domain::standouts::RegionCount;
use domain::workbook::Sight;
use domain::zone::Zone;

fn asked(query: &str) -> ResolvedView {
    samples::asked(query, Sight::Masked, Zone::utc())
}

fn cost(amount: &str) -> domain::conversion::Cost {
    vec![("EUR".to_owned(), amount.parse().unwrap())]
}

fn row(key: &str, sent: u64, verified: u64, before: (u64, u64)) -> PageRow {
    PageRow {
        key: key.to_owned(),
        line: KeyCounts {
            id: 0,
            sent,
            verified,
            failed: sent - verified,
            refused: 0,
            sent_before: before.0,
            verified_before: before.1,
        },
        cost: cost("1234.5000"),
        enough: sent >= 20,
    }
}

fn rows(keys: &[&str], matching: u64) -> KeyRows {
    let rows: Vec<_> = keys.iter().map(|key| row(key, 1_200, 36, (1_000, 400))).collect();
    KeyRows {
        rows,
        matching,
        rows_in_all: matching.max(2),
        enough: 20,
        largest: 1_200,
        total: KeyCounts { sent: 2_400, verified: 72, ..KeyCounts::default() },
        cost: cost("2469"),
    }
}

fn html(query: &str, rows: Result<KeyRows, LoadError>) -> String {
    let names = Arc::new(names());
    Owner::new().with(|| tile(&asked(query), rows, &names).to_html()).replace("<!>", "")
}

#[test]
fn a_key_is_a_filter_with_its_figures() {
    let html = html("tab=conversion&range=7d", Ok(rows(&["LV"], 12)));
    assert_has(
        &html,
        &[
            "aria-labelledby=\"conversion-title\"",
            "href=\"/?tab=conversion&amp;region=LV&amp;range=7d\"",
            "Latvia",
            "1,200",
            "3.0 %",
            "−37.0 points",
            "40.0 % of 1,000 sent in the previous period",
            "1,234.50",
            "34.2917",
            "title=\"1234.5000 EUR\"",
            ">All<",
            "href=\"/export/conversion?range=7d&amp;by=region&amp;bom=1\"",
            "href=\"/?tab=conversion&amp;by=prefix&amp;range=7d#conversion\"",
            "conversion.sort=sent.down",
            "conversion.sort=rate#",
            "fewer than 20 sends",
            "1–10 of 12",
        ],
    );
    assert!(!html.contains("Lowest conversion first"), "it is the order already");
}

#[test]
fn every_breakdown_reads_as_people_call_it() {
    for (by, key, shown, link) in [
        ("prefix", "+371253", "+371 253", None),
        ("flow", "B2C_1_up", "Sign-up", Some("flow=B2C_1_up")),
        ("carrier", "247-01", "247-01", None),
        ("ip", "203.0.113.0/24", "203.0.113.0/24", None),
        ("channel", "sms", "SMS", Some("channel=sms")),
        ("channel", "", "not recorded", None),
    ] {
        let html = html(&format!("tab=conversion&by={by}"), Ok(rows(&[key], 12)));
        assert!(html.contains(shown), "{shown} is not in {html}");
        assert_eq!(html.contains("filter-by"), link.is_some(), "{by}");
        assert!(link.is_none_or(|link| html.contains(link)), "{by}: {html}");
    }
}

#[test]
fn orders_are_turned_round_by_a_second_click() {
    let sent = html("tab=conversion&conversion.sort=sent.down", Ok(rows(&["LV"], 12)));
    assert!(sent.contains("aria-sort=\"descending\"") && sent.contains("conversion.sort=sent#"));
    assert!(sent.contains("Lowest conversion first"));
    let falling = asked("conversion.sort=sent.down").view.tile(Panel::Conversion).sort;
    assert_eq!(order(falling), Order { column: Some(Column::Sent), reversed: false });
    for column in Column::ALL {
        let rising = asked(&format!("conversion.sort={column}")).view.tile(Panel::Conversion).sort;
        let expected = Order { column: Some(*column), reversed: !column.rises() };
        assert_eq!(order(rising), expected, "{column} is a column of the panel");
    }
}

#[test]
fn a_flow_is_found_by_its_name() {
    let names = names();
    let found = |query: &str| part(&asked(query), &names).also;
    assert_eq!(found("by=flow&conversion.q=SIGN"), ["B2C_1_up"]);
    assert_eq!(found("by=flow"), [""; 0]);
    assert_eq!(found("by=carrier&conversion.q=sign"), [""; 0]);
}

#[test]
fn few_new_and_nothing_are_told_apart() {
    let mut some = rows(&[], 3);
    some.rows = vec![row("MC", 19, 0, (0, 0)), row("DE", 0, 0, (5, 5))];
    some.rows[0].cost.clear();
    let html = html("tab=conversion", Ok(some));
    assert!(html.contains("<tr class=\"few\">") && html.contains(">new<"), "{html}");
    assert!(html.contains("0.0 %") && html.contains("–"));
}

#[test]
fn empty_beyond_failed_and_misread_are_said() {
    let none = html("tab=conversion", Ok(KeyRows::default()));
    assert!(none.contains("No attempts in this range."));
    let filtered = html("tab=conversion&region=LV", Ok(KeyRows::default()));
    assert!(filtered.contains("clear the filters"));
    // A page is no filter.
    let paged = html("tab=conversion&conversion.page=2", Ok(KeyRows::default()));
    assert!(paged.contains("No attempts in this range.") && !paged.contains("clear the filters"));
    let sought = html("conversion.q=%3Cb%3E", Ok(rows(&[], 0)));
    assert!(sought.contains("&lt;b&gt;") && sought.contains("Clear the filter"));
    let beyond = html("conversion.page=9", Ok(rows(&[], 31)));
    assert!(beyond.contains("There is no page 9") && beyond.contains("Go to the last, 4"));
    let failed = html("range=7d", Err(LoadError("0badcafe".to_owned())));
    assert!(failed.contains("0badcafe") && failed.contains("Retry"));
    let misread = html("by=colour&conversion.sort=size", Ok(rows(&["LV"], 1)));
    assert!(misread.contains("“colour” is not a breakdown") && misread.contains("Latvia"));
    assert!(misread.contains("The order must be one of"), "{misread}");
}

#[test]
fn the_map_leads_to_its_regions() {
    let draw = |query: &str, counts: Result<&[(&str, u64, u64)], LoadError>| {
        let count = |(region, sent, verified): &(&str, u64, u64)| {
            let (sent, verified) = (*sent, *verified);
            RegionCount { region: region.parse().ok(), sent, verified, failed: sent - verified }
        };
        let counts = counts.map(|counts| counts.iter().map(count).collect());
        Owner::new().with(|| map::tile(&asked(query), counts).to_html()).replace("<!>", "")
    };
    let some: &[_] = &[("LV", 1_200, 36), ("", 1_200, 36), ("001", 1_200, 36)];
    let failures = draw("tab=conversion", Ok(some));
    assert_has(
        &failures,
        &["Latvia: 1,164", "region=LV", "Not on the map", "map=rate", "Failed attempts"],
    );
    let rates = draw("tab=conversion&map=rate", Ok(&[("LV", 1_200, 36)]));
    assert!(rates.contains("Latvia: 3.0 %") && rates.contains("fewer than 20 sends"), "{rates}");
    let few: &[_] = &[("LV", 19, 19)];
    assert!(draw("map=rate", Ok(few)).contains("No region has enough sends"));
    assert!(draw("", Ok(few)).contains("No attempt with a region failed"));
    assert!(draw("map=x", Ok(some)).contains("must be failures or rate"));
    assert!(draw("", Err(LoadError("0badcafe".to_owned()))).contains("0badcafe"));
}

#[test]
fn the_funnel_says_what_is_counted() {
    let drawn =
        |funnel, before| Owner::new().with(|| funnel::funnel_view(funnel, before).to_html());
    let draw = |funnel| drawn(funnel, None).replace("<!>", "");
    let some =
        Funnel { attempts: 120, refused: 10, sent: 100, delivered: 80, verified: 60, prompts: 0 };
    let html = draw(some);
    assert_has(
        &html,
        &[
            "10 attempts were refused",
            "For 10 attempts, no source reported that a code was sent",
            "the 80 that a source reported",
        ],
    );
    assert!(!draw(some).contains("push"));
    let pushed = draw(Funnel { prompts: 2, ..some });
    assert!(pushed.contains("2 push prompts carry no code. To see push prompts"), "{pushed}");
    let silent = Funnel { delivered: 60, ..some };
    assert!(draw(silent).contains("No source reported"));
    assert!(!html.contains("delta"));
    let compared = drawn(some, Some(Funnel { sent: 50, ..some }));
    assert!(compared.contains("50 in the previous period") && compared.contains("+100 %"));
    assert!(draw(Funnel::default()).contains("No attempts in this range."));
}
