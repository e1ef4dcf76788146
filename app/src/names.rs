//! What flows, apps and channels are called on pages: flows and apps by the names of the settings'
//! section `names`. Reports, links and the API keep the ids.

use crate::form::engine_of_request;
use crate::ui::LongText;
use crate::who;
use domain::Channel;
use domain::names::{Kind, Settings};
use leptos::prelude::*;
use std::sync::Arc;

/// The names that hold for this request, from its context's engine; none without one.
pub fn all() -> Arc<Settings> {
    engine_of_request().map(|engine| engine.names.last()).unwrap_or_default()
}

/// What a flow is called: its name, or its id where it has none, as it may be seen.
pub fn flow(id: &str) -> String {
    who::seen(all().name(Kind::Flow, id))
}

/// What an app is called: its name, or its id where it has none, as it may be seen.
pub fn app(id: &str) -> String {
    who::seen(all().name(Kind::App, id))
}

/// What a channel is called.
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

/// A flow as text, its id in the tooltip where it has a name.
#[component]
pub fn FlowName(
    /// Its id.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    named(flow(&id), id)
}

/// An app as text, its id in the tooltip where it has a name.
#[component]
pub fn AppName(
    /// Its id.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    named(app(&id), id)
}

fn named(name: String, id: String) -> AnyView {
    let id = who::seen(&id);
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
