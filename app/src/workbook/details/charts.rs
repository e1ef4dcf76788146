//! Charts of failures over time by number, flow or IP address.

use super::super::absent::nothing;
use super::super::tiles::panel_actions;
use super::super::view::{Panel, ResolvedView};
use super::steps::Steps;
use crate::charts::{AreaChart, SaveButtons};
use crate::page::{LoadError, log_load_error};
use crate::ui::Tile as Frame;
use domain::PhoneNumber;
use domain::names::{Kind, Settings};
use domain::series::{Chart, SeriesBy};
use engine::Engine;
use leptos::prelude::*;

/// Whether the chart could not be read, and its tile.
pub(in super::super) async fn chart_view(
    engine: &Engine,
    by: SeriesBy,
    asked: &ResolvedView,
) -> (bool, AnyView) {
    let steps = Steps::of(asked);
    let chart = load(engine, by, asked, &steps).await;
    let names = engine.names.last();
    (chart.is_err(), tile(by, asked, &steps, chart, &names))
}

async fn load(
    engine: &Engine,
    by: SeriesBy,
    asked: &ResolvedView,
    steps: &Steps,
) -> Result<Chart, LoadError> {
    let query = &asked.query;
    let none = || Chart {
        starts: Vec::new(),
        end: query.period.to,
        series: Vec::new(),
        other: None,
        before: None,
    };
    let Some(edges) = steps.edges(query.period, asked.zone) else { return Ok(none()) };
    let before = asked.view.compares().then(|| steps.edges(query.before().period, asked.zone));
    let before = before.flatten();
    let chart = engine.workbook.chart(by, query, &edges, before.as_ref()).await;
    chart.map_err(|error| log_load_error(Panel::Chart(by).as_str(), &error))
}

fn tile(
    by: SeriesBy,
    asked: &ResolvedView,
    steps: &Steps,
    chart: Result<Chart, LoadError>,
    names: &Settings,
) -> AnyView {
    let panel = Panel::Chart(by);
    let (word, title) = (panel.as_str(), panel.title());
    let table = asked.view.tile(panel).table;
    let wrong = super::super::tiles::misread(&asked.view.tile(panel));
    let picture = !table && chart.as_ref().is_ok_and(|chart| !chart.series.is_empty());
    let body = match chart {
        Err(lost) => lost.view("This tile could not be read.", asked.view.href_at(panel)),
        Ok(chart) if chart.series.is_empty() => nothing(asked, "failures"),
        Ok(chart) => {
            let links = chart.series.iter().map(|one| asked.filter_link(column(by), &one.key));
            let links: Vec<Option<String>> = links.collect();
            let called = chart.series.iter().map(|one| called(by, &one.key, asked, names));
            let called: Vec<String> = called.collect();
            let zone = asked.zone;
            view! { <AreaChart word title chart names=called links zone unit="failures" table/> }
                .into_any()
        }
    };
    let save = picture.then(|| view! { <SaveButtons word title/> });
    let further = [("bucket", steps.bucket.as_str())];
    let actions = view! { {save}{panel_actions(panel, asked, &further)} }.into_any();
    view! { <Frame word title actions filter=None>{wrong}{body}</Frame> }.into_any()
}

/// The column, in reports, of a chart's keys.
fn column(by: SeriesBy) -> &'static str {
    match by {
        SeriesBy::Number => "phone",
        SeriesBy::Flow => "flow",
        SeriesBy::Ip => "ip",
    }
}

/// The name of a key in the legend.
fn called(by: SeriesBy, key: &str, asked: &ResolvedView, names: &Settings) -> String {
    match by {
        _ if key.is_empty() => "not recorded".to_owned(),
        SeriesBy::Number => key
            .parse::<PhoneNumber>()
            .map_or_else(|_| key.to_owned(), |phone| asked.sight.number(phone)),
        SeriesBy::Flow => names.name(Kind::Flow, key).to_owned(),
        SeriesBy::Ip => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;
    use crate::workbook::samples::{asked, names};
    use domain::bucket::Bucket;
    use domain::series::Series;
    use domain::workbook::Sight;
    use domain::zone::Zone;

    fn html(by: SeriesBy, query: &str, keys: &[&str], lost: bool) -> String {
        let asked = asked(query, Sight::Masked, Zone::utc());
        let edges = Bucket::Day.edges(asked.query.period, &Zone::utc()).unwrap();
        let series = keys
            .iter()
            .map(|key| Series { key: (*key).to_owned(), counts: vec![3; edges.len()] })
            .collect();
        let chart = if lost {
            Err(LoadError("0badcafe".to_owned()))
        } else {
            Ok(Chart::top(&edges, series))
        };
        let steps = Steps::of(&asked);
        Owner::new().with(|| tile(by, &asked, &steps, chart, &names()).to_html())
    }

    #[test]
    fn a_chart_names_its_keys_as_they_may_be_seen() {
        let numbers = html(SeriesBy::Number, "tab=details", &["+14155552700", ""], false);
        assert_has(
            &numbers,
            &[
                "Failed Phone Authentications by Phone Number – Time Chart",
                "aria-labelledby=\"failures-by-number-title\"",
                "+14155••••00",
                "not recorded",
                "number=n_",
                "href=\"/export/failures-by-number?bucket=1d&amp;bom=1\"",
                "failures-by-number.view=table",
            ],
        );
        assert!(!numbers.contains("+14155552700"), "an auditor sees masks alone");
        let flows = html(SeriesBy::Flow, "tab=details", &["B2C_1_up", "B2C_1_<b>"], false);
        assert!(flows.contains("Sign-up") && flows.contains("flow=B2C_1_up"), "{flows}");
        assert!(!flows.contains("<b>"));
    }

    #[test]
    fn the_numbers_are_one_click_away() {
        let table =
            html(SeriesBy::Ip, "tab=details&failures-by-ip.view=table", &["198.51.100.23"], false);
        assert!(
            table.contains("<table")
                && table.contains("2026-11-19")
                && !table.contains("data-figure")
        );
    }

    #[test]
    fn empty_and_failed_are_said() {
        assert!(
            html(SeriesBy::Ip, "tab=details", &[], false).contains("No failures in this range.")
        );
        assert!(!html(SeriesBy::Ip, "tab=details", &[], false).contains("data-save"));
        assert!(html(SeriesBy::Ip, "tab=details", &["198.51.100.23"], false).contains("data-save"));
        let failed = html(SeriesBy::Ip, "tab=details", &[], true);
        assert!(failed.contains("0badcafe") && failed.contains("Retry"));
    }
}
