//! Notifications: recipients of alerts, the delivery log, and the page to unsubscribe.

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

pub(crate) use page::NotificationsPage;
pub(crate) use stop_page::StopPage;

pub(crate) const PATH: &str = "/notifications";

pub(crate) fn recipient_path(id: uuid::Uuid) -> String {
    format!("{PATH}?recipient={id}")
}

pub(crate) fn message_path(id: uuid::Uuid) -> String {
    format!("{PATH}?message={id}")
}
