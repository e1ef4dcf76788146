//! A message about the page.

use crate::ui::Icon;
use leptos::prelude::*;

/// Kind of a notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// Information.
    #[default]
    Info,
    /// An action succeeded.
    Done,
    /// A warning.
    Warning,
    /// An action was refused or failed.
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

    /// Screen readers announce a failure at once, other notices later.
    fn role(self) -> &'static str {
        match self {
            Self::Failed => "alert",
            _ => "status",
        }
    }
}

/// A notice with its icon.
#[component]
pub(crate) fn Notice(#[prop(optional)] kind: NoticeKind, children: Children) -> impl IntoView {
    view! {
        <div class=kind.class() role=kind.role()>
            <Icon name=kind.icon()/>
            <div>{children()}</div>
        </div>
    }
    .into_any()
}

/// A notice of these sentences, if there are any.
pub(crate) fn notice_of(kind: NoticeKind, sentences: &[String]) -> Option<AnyView> {
    let words = sentences.join(" ");
    (!words.is_empty()).then(|| view! { <Notice kind>{words}</Notice> }.into_any())
}
