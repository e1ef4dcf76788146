//! What reports are filtered by.

use super::given::Given;
use super::links::PATH;
use crate::names::channel_name;
use crate::ui::{Button, Field, Hidden, Select, options};
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
    let actions = Action::ALL.iter().map(|action| (action.as_str(), action_name(*action)));
    let actions = options(std::iter::once(("", "All actions")).chain(actions));
    let channels = CHANNELS.iter().map(|channel| (channel.as_str(), channel_name(*channel)));
    let channels = options(std::iter::once(("", "All channels")).chain(channels));
    let handled = options([("", "Handled or not"), ("no", "Not handled"), ("yes", "Handled")]);
    let user = match given.key.read(&view.user) {
        Ok(Handle::User(name)) => given.visit.sight.said(&name),
        _ => String::new(),
    };
    let hidden = [("range", &view.range), ("from", &view.from), ("to", &view.to)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.clone()))
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
