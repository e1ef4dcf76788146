//! Buttons, and links styled as buttons.

use leptos::prelude::*;

/// Visual weight of a button.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ButtonKind {
    /// The main action of a form.
    #[default]
    Primary,
    /// Any other action.
    Quiet,
    /// An action that cannot be undone.
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

/// Submits its form. Labels are verbs.
#[component]
pub(crate) fn Button(
    #[prop(optional)] kind: ButtonKind,
    /// Parameter that it submits, for forms with more than one button.
    #[prop(into, default = String::new())]
    name: String,
    #[prop(into, default = String::new())] value: String,
    children: Children,
) -> impl IntoView {
    let named = !name.is_empty();
    view! {
        <button class=kind.class() name=named.then_some(name) value=named.then_some(value)>
            {children()}
        </button>
    }
    .into_any()
}

/// A link styled as a button.
#[component]
pub(crate) fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(default = ButtonKind::Quiet)] kind: ButtonKind,
    children: Children,
) -> impl IntoView {
    view! { <a class=kind.class() href=href>{children()}</a> }.into_any()
}
