//! The pill that chooses a channel.

use crate::names::channel_name;
use crate::ui::{Choice, Choices, Menu};
use domain::Channel;
use leptos::prelude::*;

/// The pill, with its menu.
#[component]
pub(crate) fn ChannelMenu(
    /// The channel shown; `None` for all.
    channel: Option<Channel>,
    href: impl Fn(Option<Channel>) -> String,
) -> impl IntoView {
    let name = |choice: Option<Channel>| choice.map_or("All channels", channel_name);
    let all = std::iter::once(None).chain(Channel::ALL.iter().copied().map(Some));
    let choices = all
        .map(|choice| Choice {
            text: name(choice).to_owned(),
            href: href(choice),
            chosen: choice == channel,
        })
        .collect();
    view! { <Menu label="Channel" shown=name(channel) icon="channel"><Choices choices/></Menu> }
        .into_any()
}
