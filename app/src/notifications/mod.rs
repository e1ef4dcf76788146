//! Notifications: recipients of alerts, what was sent to them, and the page that stops it.

mod add_form;
mod api;
mod change_form;
mod kinds;
mod kinds_form;
mod log;
mod message;
mod page;
mod recipients;
mod stop_page;

pub use api::{
    AddRecipient, ChangeRecipient, PauseRecipient, RemoveRecipient, ResendMessage, RotateSecret,
    SaveKinds, TestRecipient,
};
pub use page::NotificationsPage;
pub use stop_page::StopPage;

/// The page.
pub(crate) const PATH: &str = "/notifications";

/// The page with a recipient opened.
pub(crate) fn recipient_path(id: uuid::Uuid) -> String {
    format!("{PATH}?recipient={id}")
}

/// The page with a message opened.
pub(crate) fn message_path(id: uuid::Uuid) -> String {
    format!("{PATH}?message={id}")
}
