//! What reports are filtered by.

use super::given::Given;
use super::links::PATH;
use crate::names::channel_name;
use crate::ui::{Button, Field, Hidden, Select};
use domain::Channel;
use domain::fraud_alerts::Action;
use domain::handles::Handle;
use leptos::prelude::*;

/// The ways a user can report.
const CHANNELS: [Channel; 3] = [Channel::Push, Channel::Voice, Channel::Sms];

/// An action as people call it.
pub(crate) fn action_name(action: Action) -> &'static str {
    match action {
        Action::Blocked => "Blocked",
        Action::NoAction => "No action",
    }
}

/// The form.
pub(super) fn form(given: &Given) -> impl IntoView + use<> {
    let view = &given.view;
    let one = |word: &str, text: &str| (word.to_owned(), text.to_owned());
    let actions = [one("", "All actions")]
        .into_iter()
        .chain(Action::ALL.iter().map(|action| one(action.as_str(), action_name(*action))))
        .collect();
    let channels = [one("", "All channels")]
        .into_iter()
        .chain(CHANNELS.map(|channel| one(channel.as_str(), channel_name(channel))))
        .collect();
    let handled = vec![one("", "Handled or not"), one("no", "Not handled"), one("yes", "Handled")];
    let user = match given.key.read(&view.user) {
        Ok(Handle::User(name)) => given.visit.sight.said(&name),
        _ => String::new(),
    };
    let hidden = [("range", &view.range), ("from", &view.from), ("to", &view.to)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| one(name, value))
        .collect();
    let clear = view.is_filtered().then(|| {
        view! { <a href=PATH>"Clear the filters"</a> }
    });
    view! {
        <form class="filters" role="search" aria-label="Filter the reports" method="get" action=PATH>
            <Hidden values=hidden/>
            <Field label="User" name="user" kind="search" value=user/>
            <Select label="Action" name="action" options=actions value=view.action.clone()/>
            <Select label="Channel" name="channel" options=channels value=view.channel.clone()/>
            <Select label="Handled" name="handled" options=handled value=view.handled.clone()/>
            <div class="filters-end"><Button>"Filter"</Button></div>
            {clear}
        </form>
    }
}
