//! A line or a box that says something about the page.

use crate::ui::Icon;
use leptos::prelude::*;

/// What a notice is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something to know.
    #[default]
    Info,
    /// Something was done.
    Done,
    /// Something to look at.
    Warning,
    /// Something was refused or failed.
    Failed,
}

impl NoticeKind {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "notice",
            Self::Done => "notice done",
            Self::Warning => "notice warning",
            Self::Failed => "notice failed",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Done => "check",
            Self::Warning | Self::Failed => "alert",
        }
    }

    /// Failures interrupt; the rest waits its turn.
    fn role(self) -> &'static str {
        match self {
            Self::Failed => "alert",
            _ => "status",
        }
    }
}

/// A notice: icon, words, and what can be done about it.
#[component]
pub fn Notice(
    /// What it is about.
    #[prop(optional)]
    kind: NoticeKind,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=kind.class() role=kind.role()>
            <Icon name=kind.icon()/>
            <div>{children()}</div>
        </div>
    }
}
