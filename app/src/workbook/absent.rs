//! The message of a panel without rows, with a link to what the user can do.

use super::view::{Panel, ResolvedView};
use crate::ui::Empty;
use islands::text::thousands;
use leptos::prelude::*;

/// Numbers of rows of a panel.
pub(crate) struct RowNumbers {
    /// Rows in the range that match the page's filters.
    pub(crate) in_all: u64,
    /// Of these, rows that match the panel's own filter.
    pub(crate) matching: u64,
    /// Of these, rows on the requested page.
    pub(crate) shown: usize,
}

/// The message if no rows can be shown: there are none, none match the panel's filter, or the page
/// does not exist. `what` is what the panel counts, such as "failures".
pub(crate) fn absent(
    panel: impl Into<Panel>,
    asked: &ResolvedView,
    counted: &RowNumbers,
    what: &'static str,
) -> Option<AnyView> {
    let (panel, view) = (panel.into(), &asked.view);
    if counted.in_all == 0 {
        return Some(nothing(asked, what));
    }
    let state = view.tile(panel);
    if counted.matching == 0 {
        let clear = view.with_tile(panel, |tile| (tile.page, tile.q) = (1, String::new()));
        let clear = clear.href_at(panel);
        return Some(
            view! {
                <Empty>
                    {format!("Nothing contains “{}”. ", state.q)}
                    <a href=clear data-tile-link="" data-clear="">"Clear the filter"</a> "."
                </Empty>
            }
            .into_any(),
        );
    }
    (counted.shown == 0).then(|| {
        let pages = counted.matching.div_ceil(state.rows);
        let last = view.with_tile(panel, |tile| tile.page = pages).href_at(panel);
        view! {
            <Empty>
                {format!("There is no page {}. ", thousands(state.page))}
                <a href=last data-tile-link="">{format!("Go to the last, {}", thousands(pages))}</a> "."
            </Empty>
        }
        .into_any()
    })
}

/// The message if there are no rows in the range, with or without filters.
pub(crate) fn nothing(asked: &ResolvedView, what: &'static str) -> AnyView {
    let wider = asked.view.with_range("90d").href();
    let cleared = asked.view.without_filters();
    // The page of a panel is not a filter.
    if cleared.asked_pairs() == asked.view.asked_pairs() {
        return view! {
            <Empty>
                {format!("No {what} in this range. ")} <a href=wider data-keep="">"Widen it"</a>
                ", or " <a href="/settings">"import a log"</a> "."
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty>
            {format!("No {what} in this range fit the filters. ")}
            <a href=wider data-keep="">"Widen it"</a> ", or "
            <a href=cleared.href() data-keep="">"clear the filters"</a> "."
        </Empty>
    }
    .into_any()
}
