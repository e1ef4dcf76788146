//! What stands in a panel that has no rows to show, and what to do about it: the same for all.

use super::view::{Asked, Panel};
use crate::ui::Empty;
use islands::text::thousands;
use leptos::prelude::*;

/// How many rows there are of what a panel was asked.
pub(crate) struct Counted {
    /// Of the range and its filters.
    pub(crate) in_all: u64,
    /// Of them those that the panel's own filter leaves.
    pub(crate) matching: u64,
    /// Of them those on the page asked for.
    pub(crate) shown: usize,
}

/// Where nothing can be shown: there is nothing at all, nothing contains what was typed, or there
/// is no such page. `what` is counted, such as "failures".
pub(crate) fn absent(
    panel: impl Into<Panel>,
    asked: &Asked,
    counted: &Counted,
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

/// Nothing at all in the range, with these filters or without any.
pub(crate) fn nothing(asked: &Asked, what: &'static str) -> AnyView {
    let wider = asked.view.with_range("90d").href();
    let cleared = asked.view.without_filters();
    // Pages of panels are no filters.
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
