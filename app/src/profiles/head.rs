//! The head of a page: whom it is about, and which attempts it tells of.

use super::view::{View, What};
use crate::live::{Live, ends};
use crate::names::channel_name;
use crate::ui::{Choice, Choices, Copy, Icon, Menu, Notice, NoticeKind, RangeMenu, RangeState};
use domain::Channel;
use domain::signins::Asked;
use leptos::prelude::*;
use leptos_meta::Title;

/// Name, a line, and range and channel. The document is not named after the number: browsers keep
/// the titles of pages that were seen.
#[component]
pub(super) fn Head(
    /// Which page.
    what: What,
    /// The name, as shown.
    name: String,
    /// Whether the name can be copied: it is whole.
    copies: bool,
    /// What it tells, in a line.
    line: String,
    /// The page's state.
    view: View,
    /// What it was read as.
    asked: Asked,
    /// The same attempts in the sign-in log.
    log: String,
) -> impl IntoView {
    let state = RangeState {
        named: view.named_range().map(str::to_owned),
        typed: [view.text("from").to_owned(), view.text("to").to_owned()],
        period: asked.filter.period,
        invalid: asked.invalid.clone(),
    };
    let hidden = view.pairs_without_range();
    let (action, ranges) = (view.path.clone(), view.clone());
    let href = move |word: &str| ranges.with_range(word);
    let until = ends(view.text("to"), asked.filter.period);
    let copy = copies.then(|| view! { <Copy value=name.clone()/> });
    view! {
        <Title text=format!("{} – Tollwarden", what.title())/>
        <header class="page-head">
            <div class="page-head-words">
                <h1 class="profile-name">
                    <span class="hidden">{what.title()}" "</span>{name}{copy}
                </h1>
                <p>{line}</p>
            </div>
            <div class="page-tools">
                <Live until/>
                <RangeMenu state href action hidden/>
                <ChannelMenu view channel=asked.filter.channel/>
                <a class="button" href=log>
                    <Icon name="sign-ins"/>{format!("{} attempts in the log", what.whose())}
                </a>
            </div>
        </header>
        <Misread asked/>
    }
}

#[component]
fn ChannelMenu(view: View, channel: Option<Channel>) -> impl IntoView {
    let name = |choice: Option<Channel>| choice.map_or("All channels", channel_name);
    let choices = std::iter::once(None)
        .chain(Channel::ALL.iter().copied().map(Some))
        .map(|choice| Choice {
            text: name(choice).to_owned(),
            href: view.with_channel(choice),
            chosen: choice == channel,
        })
        .collect();
    view! { <Menu label="Channel" shown=name(channel) icon="channel"><Choices choices/></Menu> }
}

/// What could not be read, and what is shown in its place.
#[component]
fn Misread(asked: Asked) -> impl IntoView {
    let invalid = &asked.invalid;
    let range =
        invalid.of("range").map(|words| format!("The range {words}; the last 30 days are shown."));
    let times = (invalid.of("from").is_some() || invalid.of("to").is_some())
        .then(|| "The range could not be read; the last 30 days are shown.".to_owned());
    let channel =
        invalid.of("channel").map(|words| format!("The channel {words}; all channels are shown."));
    let place = invalid
        .of("place")
        .map(|_| "The place could not be read; the newest attempts are shown.".to_owned());
    let words: Vec<_> = [range, times, channel, place].into_iter().flatten().collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Warning>{words.join(" ")}</Notice> })
}
