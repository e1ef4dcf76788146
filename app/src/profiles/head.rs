//! The head of a page: whom it is about, range and channel.

use super::view::{SubjectKind, View};
use crate::live::{Live, ends};
use crate::ui::{ChannelMenu, Copy, Icon, NoticeKind, RangeMenu, RangeState, misread, notice_of};
use domain::signins::Selection;
use leptos::prelude::*;
use leptos_meta::Title;

/// Name, a line, range and channel. The document title does not have the number, because browsers
/// keep titles in their history.
#[component]
pub(super) fn Head(
    what: SubjectKind,
    name: String,
    /// Whether the name can be copied: it is not masked.
    copies: bool,
    line: String,
    view: View,
    asked: Selection,
    /// Address of the same attempts in the sign-in log.
    log: String,
) -> impl IntoView {
    let state = RangeState::of(&view.log, asked.filter.period, &asked.invalid);
    let hidden = view.pairs_without_range();
    let (action, ranges) = (view.path.clone(), view.clone());
    let href = move |word: &str| ranges.with_range(word);
    let until = ends(view.log.text("to"), asked.filter.period);
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
                <ChannelMenu channel=asked.filter.channel href=move |choice| view.with_channel(choice)/>
                <a class="button" href=log>
                    <Icon name="sign-ins"/>{format!("{} attempts in the log", what.whose())}
                </a>
            </div>
        </header>
        <Misread asked/>
    }
}

/// Errors in the address, and what is shown instead.
#[component]
fn Misread(asked: Selection) -> impl IntoView {
    let channel = ["channel", "channel", "all channels are shown"];
    let mut words = misread(&asked.invalid, &[channel]);
    if asked.invalid.of("place").is_some() {
        words.push(
            "The position in the URL is not valid; the newest attempts are shown.".to_owned(),
        );
    }
    notice_of(NoticeKind::Warning, &words)
}
