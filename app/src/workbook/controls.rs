//! What the whole page is asked: range and channel.

use super::view::View;
use crate::names::channel_name;
use crate::ui::{Choice, Choices, Icon, Menu, Notice, NoticeKind, RangeMenu, RangeState};
use domain::workbook::Query;
use domain::{Channel, Invalid};
use leptos::prelude::*;

/// The range's pill: the named ranges, and a form for any other.
#[component]
pub(crate) fn RangePill(
    /// The page's state.
    view: View,
    /// What it was read as.
    query: Query,
    /// What of it could not be read.
    invalid: Invalid,
) -> impl IntoView {
    let cleared = view.with_range("");
    let state = RangeState {
        named: view.named_range().map(str::to_owned),
        typed: ["from", "to"].map(|field| view.text(field).to_owned()),
        period: query.period,
        invalid,
    };
    let (named, hidden): (Vec<_>, Vec<_>) =
        cleared.pairs().into_iter().partition(|(name, _)| name == "tz");
    let typed = named.into_iter().next().map(|(_, typed)| typed).unwrap_or_default();
    let zone = (typed, state.invalid.of("tz").map(str::to_owned));
    let href = move |word: &str| view.with_range(word).href();
    view! { <RangeMenu state href action="/" hidden zone keep=true/> }
}

/// The channel's pill.
#[component]
pub(crate) fn ChannelPill(
    /// The page's state.
    view: View,
    /// What it was read as.
    channel: Option<Channel>,
) -> impl IntoView {
    let shown = channel.map_or("All channels", channel_name);
    let all = std::iter::once(None).chain(Channel::ALL.iter().copied().map(Some));
    let choices = all
        .map(|choice| Choice {
            text: choice.map_or("All channels", channel_name).to_owned(),
            href: view.with_filter("channel", choice.map_or("", Channel::as_str)).href(),
            chosen: choice == channel,
        })
        .collect();
    view! {
        <Menu label="Channel" shown icon="channel">
            <Choices choices/>
        </Menu>
    }
}

/// What could not be read of range and channel and is not said beside a field, and what is shown
/// in its place.
#[component]
pub(crate) fn Misread(
    /// What could not be read.
    invalid: Invalid,
) -> impl IntoView {
    let said = |field: &str, name: &str, instead: &str| {
        invalid.of(field).map(|words| format!("The {name} {words}; {instead}."))
    };
    let times = (invalid.of("from").is_some() || invalid.of("to").is_some())
        .then(|| "The range could not be read; the last 30 days are shown.".to_owned());
    let words = [
        said("range", "range", "the last 30 days are shown"),
        times,
        said("channel", "channel", "all channels are shown"),
        said("number", "number", "all numbers are shown"),
        said("ip", "IP address", "all addresses are shown"),
        said("flow", "flow", "all flows are shown"),
        said("browser", "browser", "all browsers are shown"),
        said("region", "region", "all regions are shown"),
        said("reason", "reason", "all reasons are shown"),
        said("tab", "tab", "the Overview is shown"),
        said("tz", "time zone", "your own is used"),
        said("compare", "word compare", "nothing is compared"),
        said("open", "panel to open", "all tiles are shown"),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Warning>{words.join(" ")}</Notice> })
}

/// Whether the range before is shown beside; a link that turns it on and off.
#[component]
pub(crate) fn CompareSwitch(
    /// The page's state.
    view: View,
) -> impl IntoView {
    let on = view.compares();
    let href = view.with_word("compare", if on { "" } else { "yes" }).href();
    let title = "Shows beside every number what it was in the range of equal length before";
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
