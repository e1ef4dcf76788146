//! Controls of the whole page: range, channel and comparison.

use super::view::View;
use crate::ui::{Icon, NoticeKind, RangeMenu, RangeState, misread, notice_of};
use domain::Invalid;
use domain::workbook::Query;
use leptos::prelude::*;

/// The pill for the range.
#[component]
pub(crate) fn RangePill(view: View, query: Query, invalid: Invalid) -> impl IntoView {
    let cleared = view.with_range("");
    let state = RangeState::of(&view.log, query.period, &invalid);
    let (named, hidden): (Vec<_>, Vec<_>) =
        cleared.pairs().into_iter().partition(|(name, _)| name == "tz");
    let typed = named.into_iter().next().map(|(_, typed)| typed).unwrap_or_default();
    let zone = (typed, state.invalid.of("tz").map(str::to_owned));
    let href = move |word: &str| view.with_range(word).href();
    view! { <RangeMenu state href action="/" hidden zone keep=true/> }
}

/// Errors in the address that are not shown beside a field, and what is shown instead.
#[component]
pub(crate) fn Misread(invalid: Invalid) -> impl IntoView {
    let others = [
        ["channel", "channel", "all channels are shown"],
        ["number", "number", "all numbers are shown"],
        ["ip", "IP address", "all addresses are shown"],
        ["flow", "flow", "all flows are shown"],
        ["browser", "browser", "all browsers are shown"],
        ["region", "region", "all regions are shown"],
        ["reason", "reason", "all reasons are shown"],
        ["tab", "tab", "the Overview is shown"],
        ["tz", "time zone", "your own is used"],
        ["compare", "word compare", "nothing is compared"],
        ["open", "panel to open", "all tiles are shown"],
    ];
    notice_of(NoticeKind::Warning, &misread(&invalid, &others))
}

/// A link that switches the comparison with the previous range on and off.
#[component]
pub(crate) fn CompareSwitch(view: View) -> impl IntoView {
    let on = view.compares();
    let href = view.with_word("compare", if on { "" } else { "yes" }).href();
    let title = "Shows next to each figure its value in the previous period of equal length";
    view! {
        <a
            class="pill on-off" class:on=on href=href data-keep="" role="switch" title=title
            aria-checked=if on { "true" } else { "false" }
        >
            <Icon name="compare"/>
            <span class="pill-text">"Compare"</span>
        </a>
    }
}
