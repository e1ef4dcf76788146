//! Tables of single failures: all that match the filters, and those of a chosen number.

use super::super::absent::{RowNumbers, absent};
use super::super::rows::search;
use super::super::tiles::{alone_link, export_link, misread, panel_actions};
use super::super::view::{Panel, ResolvedView};
use super::table::{FailuresTable, column};
use crate::page::{LoadError, log_load_error};
use crate::ui::{Empty, Tile as Frame};
use domain::failures::{FailuresQuery, Listing, Order};
use domain::names::Settings;
use domain::workbook::Query;
use engine::Engine;
use leptos::prelude::*;

/// The query of a panel: of all failures, or of the chosen number's with any reason. `None` if no
/// number is chosen.
fn query(panel: Panel, asked: &ResolvedView) -> Option<Query> {
    let mut query = asked.query.clone();
    if panel == Panel::NumberEvents {
        query.filters.phone?;
        // The last grid of Microsoft's workbook shows every reason.
        query.filters.reason = None;
    }
    Some(query)
}

/// Whether the rows could not be read, and their tile.
pub(in super::super) async fn rows_view(
    engine: &Engine,
    panel: Panel,
    asked: &ResolvedView,
) -> (bool, AnyView) {
    let names = engine.names.last();
    let listing = match query(panel, asked) {
        None => None,
        Some(query) => Some(load(engine, panel, &query, asked, &names).await),
    };
    let failed = matches!(listing, Some(Err(_)));
    (failed, tile(panel, asked, listing, &names))
}

async fn load(
    engine: &Engine,
    panel: Panel,
    query: &Query,
    asked: &ResolvedView,
    names: &Settings,
) -> Result<Listing, LoadError> {
    let part = asked.view.tile(panel).part();
    let wanted = FailuresQuery {
        search: part.search,
        order: Order { column: column(panel, part.sort.column), reversed: part.sort.reversed },
        offset: part.offset,
        limit: part.limit,
    };
    let listing = engine.workbook.listing(query, &wanted, asked.sight, names).await;
    listing.map_err(|error| log_load_error(panel.as_str(), &error))
}

fn tile(
    panel: Panel,
    asked: &ResolvedView,
    listing: Option<Result<Listing, LoadError>>,
    names: &Settings,
) -> AnyView {
    let (word, title) = (panel.as_str(), panel.title());
    let state = asked.view.tile(panel);
    let filter = listing.is_some().then(|| search(&asked.view, panel));
    let chosen = panel == Panel::NumberEvents;
    let actions = if chosen { chosen_actions(asked) } else { panel_actions(panel, asked, &[]) };
    let whose = chosen.then(|| whose(asked)).flatten();
    let body = match listing {
        None => view! {
            <Empty>
                "No number is chosen. Click one under "
                <a href="#number-failures">"Select Phone Number"</a>
                ", or in any other tile, and its failures are listed here."
            </Empty>
        }
        .into_any(),
        Some(Err(lost)) => lost.view("This tile could not be read.", asked.view.href_at(panel)),
        Some(Ok(listing)) => body(panel, asked, listing, names),
    };
    let wrong = misread(&state);
    view! { <Frame word title actions filter>{wrong}{whose}{body}</Frame> }.into_any()
}

/// Names the chosen number, and says that the filter by reason does not apply.
fn whose(asked: &ResolvedView) -> Option<impl IntoView + use<>> {
    let phone = asked.query.filters.phone?;
    let shown = asked.sight.number(phone);
    let page = crate::profiles::links::number(&asked.key.number(phone));
    let reason = asked
        .query
        .filters
        .reason
        .map(|reason| format!(" All reasons are listed here, not only “{}”.", reason.words()));
    let another = format!("{}#number-failures", asked.filtered("number", ""));
    Some(view! {
        <p class="details-whose">
            "Failures of " <a href=page title="The number's page">{shown}</a> "." {reason}
            " " <a href=another data-keep="">"Choose another number"</a>
        </p>
    })
}

fn body(panel: Panel, asked: &ResolvedView, listing: Listing, names: &Settings) -> AnyView {
    let counted = RowNumbers {
        in_all: listing.rows_in_all,
        matching: listing.matching,
        shown: listing.rows.len(),
    };
    absent(panel, asked, &counted, "failures").unwrap_or_else(|| {
        view! { <FailuresTable panel asked=asked.clone() listing names=names.clone()/> }.into_any()
    })
}

/// Links to export and enlarge. The export is the report of all failures, filtered by this number.
fn chosen_actions(asked: &ResolvedView) -> AnyView {
    let (view, what) = (&asked.view, "the chosen number's failures");
    let chosen = asked.query.filters.phone.is_some();
    let alone = chosen.then(|| alone_link(Panel::NumberEvents, view, what)).flatten();
    let report = view.with_filter("reason", "").export(Panel::FlowFailures, &[]);
    let export = chosen.then(|| export_link(report, what));
    view! { {alone}{export} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;
    use crate::workbook::samples::{self, key, names};
    use domain::Channel;
    use domain::failures::Failure;
    use domain::workbook::Sight;
    use uuid::Uuid;

    const NUMBER: &str = "+14155552700";

    fn asked(query: &str, sight: Sight) -> ResolvedView {
        samples::asked(query, sight, "Europe/Berlin".parse().unwrap())
    }

    fn handle() -> String {
        key().number(NUMBER.parse().unwrap())
    }

    fn listing(rows: usize, matching: u64) -> Listing {
        let row = Failure {
            time: domain::period::parse_time("2026-11-19T22:00:05Z").unwrap(),
            flow: "B2C_1_up".to_owned(),
            phone: NUMBER.to_owned(),
            ip: "198.51.100.23".to_owned(),
            operation: "Make phone call".to_owned(),
            reason: "blocked_reputation".to_owned(),
            reason_text: "Phone number has <bad> reputation, blocking.".to_owned(),
            channel: Some(Channel::Voice),
            journey: "c0ffee".to_owned(),
            attempt: Some(Uuid::from_u128(7)),
        };
        Listing { rows: vec![row; rows], matching, rows_in_all: matching.max(1) }
    }

    fn html(
        panel: Panel,
        asked: &ResolvedView,
        listing: Option<Result<Listing, LoadError>>,
    ) -> String {
        Owner::new().with(|| tile(panel, asked, listing, &names()).to_html())
    }

    #[test]
    fn rows_are_told_whole_and_lead_on() {
        let asked = asked("tab=details&flow-failures.page=2", Sight::Whole);
        let html = html(Panel::FlowFailures, &asked, Some(Ok(listing(1, 31))));
        assert_has(
            &html,
            &[
                "Failed Phone Authentications by flow",
                "aria-labelledby=\"flow-failures-title\"",
                "2026-11-19 23:00:05",
                "title=\"B2C_1_up\"",
                "Sign-up",
                "flow=B2C_1_up",
                "ip=198.51.100.23",
                "reason=blocked_reputation",
                "/attempts/00000000-0000-0000-0000-000000000007",
                "/ips/198.51.100.23",
                "Make phone call",
                "&lt;bad",
                "11–20 of 31",
                "href=\"/export/flow-failures?bom=1\"",
                "flow-failures.sort=time.up",
                "flow-failures.sort=operation",
            ],
        );
        assert!(html.contains(&format!("number={}", handle())));
        assert!(html.contains(&format!("/numbers/{}", handle())));
    }

    #[test]
    fn an_auditor_sees_masks() {
        let html = html(
            Panel::FlowFailures,
            &asked("tab=details", Sight::Masked),
            Some(Ok(listing(1, 1))),
        );
        assert!(html.contains("+14155••••00") && !html.contains(NUMBER), "{html}");
    }

    #[test]
    fn without_a_number_it_says_what_to_do() {
        let html = html(Panel::NumberEvents, &asked("tab=details", Sight::Whole), None);
        assert!(html.contains("No number is chosen") && html.contains("#number-failures"));
        assert!(!html.contains("/export/"));
    }

    #[test]
    fn a_chosen_numbers_failures_have_their_journeys_and_every_reason() {
        let address = format!("tab=details&reason=blocked_reputation&number={}", handle());
        let asked = asked(&address, Sight::Whole);
        assert_eq!(query(Panel::NumberEvents, &asked).unwrap().filters.reason, None);
        assert!(query(Panel::FlowFailures, &asked).unwrap().filters.reason.is_some());
        let html = html(Panel::NumberEvents, &asked, Some(Ok(listing(1, 1))));
        assert_has(
            &html,
            &["c0ffee", "Voice", "All reasons are listed", NUMBER, "number-events.q"],
        );
        assert!(
            html.contains(&format!("href=\"/export/flow-failures?number={}&amp;bom=1\"", handle())),
            "{html}"
        );
    }

    #[test]
    fn empty_beyond_and_failed_are_said() {
        let asked = asked("tab=details&flow-failures.q=%3Cb%3E&flow-failures.page=9", Sight::Whole);
        let none = Listing::default();
        assert!(
            html(Panel::FlowFailures, &asked, Some(Ok(none)))
                .contains("No failures in this range.")
        );
        let filtered = html(Panel::FlowFailures, &asked, Some(Ok(listing(0, 0))));
        assert!(filtered.contains("&lt;b&gt;") && filtered.contains("Clear the filter"));
        assert!(
            html(Panel::FlowFailures, &asked, Some(Ok(listing(0, 31))))
                .contains("There is no page 9")
        );
        let failed = html(Panel::FlowFailures, &asked, Some(Err(LoadError("0badcafe".to_owned()))));
        assert!(failed.contains("0badcafe") && failed.contains("Retry"));
    }
}
