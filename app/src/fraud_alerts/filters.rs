//! The filters of reports.

use super::{given::PageData, links::PATH};
use crate::names::channel_name;
use crate::ui::{Button, Field, Hidden, Select, options};
use domain::{Channel, fraud_alerts::Action, handles::Handle};
use leptos::prelude::*;

/// The channels by which a user can report.
const CHANNELS: [Channel; 3] = [Channel::Push, Channel::Voice, Channel::Sms];

/// An action's display name.
pub(crate) fn action_name(action: Action) -> &'static str {
    match action {
        Action::Blocked => "Blocked",
        Action::NoAction => "No action",
    }
}

pub(super) fn form(given: &PageData) -> impl IntoView + use<> {
    let view = &given.view;
    let actions = Action::ALL.iter().map(|action| (action.as_str(), action_name(*action)));
    let actions = options(std::iter::once(("", "All actions")).chain(actions));
    let channels = CHANNELS.iter().map(|channel| (channel.as_str(), channel_name(*channel)));
    let channels = options(std::iter::once(("", "All channels")).chain(channels));
    let handled = options([("", "Handled or not"), ("no", "Not handled"), ("yes", "Handled")]);
    let user = match given.key.read(view.text("user")) {
        Ok(Handle::User(name)) => given.visit.sight.text_owned(&name),
        _ => String::new(),
    };
    let mut hidden = view.pairs();
    hidden.retain(|(name, _)| matches!(name.as_str(), "range" | "from" | "to"));
    let clear = view.is_filtered().then(|| view! { <a href=PATH>"Clear the filters"</a> });
    view! {
        <form class="filters" role="search" aria-label="Filter the reports" method="get" action=PATH>
            <Hidden values=hidden/>
            <Field label="User" name="user" kind="search" value=user/>
            <Select label="Action" name="action" options=actions value=view.text("action")/>
            <Select label="Channel" name="channel" options=channels value=view.text("channel")/>
            <Select label="Handled" name="handled" options=handled value=view.text("handled")/>
            <div class="filters-end"><Button>"Filter"</Button></div>
            {clear}
        </form>
    }
}
