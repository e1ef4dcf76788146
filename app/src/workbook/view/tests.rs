use super::tile::{read_sort, write_sort};
use super::*;
use crate::read_back::{fixed, queries};
use domain::Channel;
use domain::period::parse_time;
use domain::workbook::{Sort, Tile};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    parse_time("2026-11-20T00:00:00Z").unwrap()
}

fn ask(query: &str) -> ResolvedView {
    View::read(query).ask(HandleKey::new(&[3; 32]), Sight::Whole, Zone::utc(), now())
}

#[test]
fn links_keep_the_other_state() {
    let text = "tab=details&compare=yes&channel=sms&range=7d&ip-failures.q=198.51&\
                ip-failures.sort=ip.down&ip-failures.page=3&browsers.view=table&unknown=1";
    let view = View::read(text);
    assert_eq!(View::read(&view.href()[2..]), view);
    assert!(!view.href().contains("unknown"));
    let next = view.with_tile(Tile::IpFailures, |tile| tile.page += 1);
    assert_eq!(
        next.href(),
        "/?tab=details&compare=yes&channel=sms&range=7d&ip-failures.q=198.51\
         &ip-failures.sort=ip.down&ip-failures.page=4&browsers.view=table"
    );
    assert_eq!(
        view.export(Tile::IpFailures, &[]),
        "/export/ip-failures?channel=sms&range=7d&bom=1"
    );
    let other = view.with_range("90d");
    assert_eq!(other.tile(Tile::IpFailures).page, 1);
    assert_eq!(other.tile(Tile::IpFailures).q, "198.51");
    assert_eq!(View::default().href(), "/");
    assert_eq!(View::read("range=30d&tab=overview").href_at(Tile::Browsers), "/#browsers");
}

#[test]
fn orders() {
    for (tile, text, column, reversed) in [
        (Tile::IpFailures, "count", None, false),
        (Tile::IpFailures, "count.up", None, true),
        (Tile::IpFailures, "ip", Some(0), false),
        (Tile::NumberIpFailures, "ip.down", Some(1), true),
    ] {
        let sort = Sort { column, reversed };
        assert_eq!(read_sort(tile.into(), text), Some(sort), "{text}");
        assert_eq!(write_sort(tile.into(), sort), text);
    }
    for text in ["", "phone", "ip.", "ip.sideways", "count.up.up"] {
        assert_eq!(read_sort(Tile::IpFailures.into(), text), None, "{text}");
    }
    let newest = Sort { column: None, reversed: true };
    assert_eq!(read_sort(Panel::FlowFailures, "time.up"), Some(newest));
}

#[test]
fn filters_become_links_with_handles() {
    let asked = ask("number=%2B14155550100&ip=203.0.113.7&tab=details&flow-failures.page=4");
    assert_eq!(asked.query.filters.phone, "+14155550100".parse().ok());
    assert!(!asked.view.href().contains("1415555"), "{}", asked.view.href());
    let link = asked.filter_link("phone", "+14155550101").unwrap();
    assert!(link.contains("number=n_") && link.contains("ip=203.0.113.7"), "{link}");
    assert!(!link.contains("page"), "{link}");
    let flow = asked.filter_link("flow", "B2C_1A 'x' 100%").unwrap();
    assert!(flow.contains("flow=B2C_1A+%27x%27+100%25"), "{flow}");
    assert_eq!(asked.filter_link("ip", ""), None);
    assert_eq!(asked.view.without_filters().href(), "/?tab=details");
}

#[test]
fn bad_state_is_said_and_replaced() {
    let view = View::read("ip-failures.page=0&ip-failures.sort=colour&ip-failures.view=map");
    let tile = view.tile(Tile::IpFailures);
    assert_eq!((tile.page, tile.sort, tile.table), (1, Sort::default(), false));
    assert_eq!(tile.invalid.fields.len(), 3);
    let long = format!("ip-failures.q={}", "x".repeat(201));
    assert!(View::read(&long).tile(Tile::IpFailures).invalid.of("q").is_some());
    assert_eq!(
        View::read("browsers.page=18446744073709551615").tile(Tile::Browsers).part().offset,
        usize::MAX
    );

    let asked = ask("range=6m&channel=fax&tab=x&tz=Mars/Base&compare=no&open=x&flow=%FF%FE");
    assert_eq!(asked.query.period.length(), chrono::Duration::days(30));
    assert_eq!(asked.query.filters, Filters::default());
    for field in ["range", "channel", "tab", "tz", "compare", "open", "flow"] {
        assert!(asked.invalid.of(field).is_some(), "{field}: {}", asked.invalid);
    }
    assert_eq!(asked.view.tab(), "overview");

    let asked = ask("from=2020-12-01&to=2020-12-05T00:00:00Z&channel=sms");
    assert!(asked.invalid.fields.is_empty());
    assert_eq!(asked.query.period.length(), chrono::Duration::days(4));
    assert_eq!(asked.query.filters.channel, Some(Channel::Sms));
}

#[test]
fn custom_ranges_win_over_named_ones() {
    let view = View::read("range=7d&from=2020-12-01");
    assert_eq!(view.log.named_range(), None);
    assert_eq!(view.href(), "/?from=2020-12-01");
    assert_eq!(View::read("").log.named_range(), Some("30d"));
}

#[test]
fn times_are_read_by_the_pages_clocks() {
    let asked = ask("from=2026-07-01T00:00&to=2026-07-02T00:00:00Z&tz=Europe/Berlin");
    assert_eq!(asked.query.period.from, parse_time("2026-06-30T22:00:00Z").unwrap());
    // The address keeps what was typed, and its zone.
    assert!(asked.view.href().contains("from=2026-07-01T00%3A00"));
}

#[test]
fn a_panel_shown_alone_has_more_rows() {
    let view = View::read("open=ip-failures&ip-failures.page=2");
    assert_eq!(view.tile(Tile::IpFailures).part().offset, 50);
    assert_eq!(view.tile(Tile::Browsers).part().limit, 10);
}

#[test]
fn ten_kilobytes_are_refused_and_do_not_stand_in_links() {
    let long = "x".repeat(10_000);
    for name in ["flow", "tab", "by", "ip-failures.q"] {
        let view = View::read(&format!("{name}={long}"));
        assert!(view.href().len() < 2_000, "{name}");
    }
    let asked = ask(&format!("flow={long}"));
    assert!(asked.invalid.of("flow").is_some() && asked.query.filters.flow.is_none());
}

proptest! {
    #[test]
    fn links_are_read_back(
        query in queries(
            &[
                "tab", "compare", "tz", "bucket", "by", "map", "open", "range", "from", "to",
                "user", "number", "flow", "browsers.view", "ip-failures.q", "ip-failures.sort",
                "ip-failures.page",
            ],
            &[
                "details", "overview", "yes", "UTC", "1d", "ip-failures", "7d", "30d", "2026-11-20",
                "table", "chart", "count.up", "count", "ip.down", "0", "1", "7",
            ],
        )
    ) {
        fixed(&query, |query| View::read(query).href());
    }
}
