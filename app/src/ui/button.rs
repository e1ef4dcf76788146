//! Buttons, and links that look like them.

use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing a form is for.
    #[default]
    Primary,
    /// Everything else.
    Quiet,
    /// What cannot be taken back.
    Danger,
}

impl ButtonKind {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Quiet => "button",
            Self::Danger => "button danger",
        }
    }
}

/// Sends the form it stands in. Labels are verbs.
#[component]
pub fn Button(
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// What it sends, for forms with more than one button.
    #[prop(into, default = String::new())]
    name: String,
    /// The value sent under that name.
    #[prop(into, default = String::new())]
    value: String,
    /// The label.
    children: Children,
) -> impl IntoView {
    let named = !name.is_empty();
    view! {
        <button class=kind.class() name=named.then_some(name) value=named.then_some(value)>
            {children()}
        </button>
    }
}

/// Goes somewhere, with a button's weight.
#[component]
pub fn ButtonLink(
    /// Where to.
    #[prop(into)]
    href: String,
    /// How much it asks for attention.
    #[prop(default = ButtonKind::Quiet)]
    kind: ButtonKind,
    /// The label.
    children: Children,
) -> impl IntoView {
    view! { <a class=kind.class() href=href>{children()}</a> }
}
