//! What the whole page is asked: range and channel.

use super::view::View;
use crate::ui::{Choice, Choices, Menu, Notice, NoticeKind, RangeMenu, RangeState};
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
    let cleared = view.with(|view| {
        view.range.clear();
        view.from.clear();
        view.to.clear();
    });
    let state = RangeState {
        named: view.named_range().map(str::to_owned),
        typed: [view.from.clone(), view.to.clone()],
        period: query.period,
        invalid,
    };
    let href = move |word: &str| view.with_range(word).href();
    view! { <RangeMenu state href action="/" hidden=cleared.pairs() keep=true/> }
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
            href: view
                .with(|view| {
                    view.channel = choice.map(|channel| channel.to_string()).unwrap_or_default()
                })
                .href(),
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
    let range =
        invalid.of("range").map(|words| format!("The range {words}; the last 30 days are shown."));
    let channel =
        invalid.of("channel").map(|words| format!("The channel {words}; all channels are shown."));
    let times = (invalid.of("from").is_some() || invalid.of("to").is_some())
        .then(|| "The range could not be read; the last 30 days are shown.".to_owned());
    let words: Vec<_> = [range, times, channel].into_iter().flatten().collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Warning>{words.join(" ")}</Notice> })
}

/// What a channel is called on pages.
pub(crate) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "Voice",
        Channel::Sms => "SMS",
        Channel::Whatsapp => "WhatsApp",
        Channel::Push => "Push",
        Channel::Email => "E-mail",
        Channel::Rcs => "RCS",
    }
}
