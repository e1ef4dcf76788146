//! Display names of flows, apps and channels. Those of flows and apps come from the section `names`
//! of the settings; reports, links and the API keep the ids.

use crate::{form::engine_of_request, ui::LongText, who};
use domain::Channel;
use domain::names::{Kind, Settings};
use leptos::prelude::*;
use std::sync::Arc;

/// The configured names; none outside a request.
pub(crate) fn all() -> Arc<Settings> {
    engine_of_request().map(|engine| engine.names.last()).unwrap_or_default()
}

/// A flow's name, or its id if it has none, masked for the account's role.
pub(crate) fn flow(id: &str) -> String {
    who::masked(all().name(Kind::Flow, id))
}

/// An app's name, or its id if it has none, masked for the account's role.
pub(crate) fn app(id: &str) -> String {
    who::masked(all().name(Kind::App, id))
}

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

/// A flow's name; the tooltip shows its id.
#[component]
pub(crate) fn FlowName(#[prop(into)] id: String) -> impl IntoView {
    named(flow(&id), id)
}

/// An app's name; the tooltip shows its id.
#[component]
pub(crate) fn AppName(#[prop(into)] id: String) -> impl IntoView {
    named(app(&id), id)
}

fn named(name: String, id: String) -> AnyView {
    let id = who::masked(&id);
    if name == id {
        return view! { <LongText text=id/> }.into_any();
    }
    view! { <span class="named" title=id>{name}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_in_the_tooltip_of_its_name() {
        let html =
            Owner::new().with(|| named("Sign-up".to_owned(), "B2C_1_<up>".to_owned()).to_html());
        assert!(html.contains("Sign-up") && html.contains("title=\"B2C_1_&lt;up"), "{html}");
        let bare = Owner::new().with(|| named("B2C_1".to_owned(), "B2C_1".to_owned()).to_html());
        assert!(bare.contains("B2C_1") && !bare.contains("title"), "{bare}");
        assert_eq!(
            Owner::new().with(|| flow("B2C_1")),
            "B2C_1",
            "without an engine there are none"
        );
    }
}
