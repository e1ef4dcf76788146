//! The sign-in log: pages of filtered attempts, and one attempt with its events.

mod api;
mod attempt_page;
mod decision;
mod facts;
mod filters;
mod links;
mod page;
mod rows;
mod timeline;

pub(crate) use attempt_page::{AttemptPage, Reveal};
pub(crate) use decision::reasons as decision_reasons;
pub(crate) use links::log;
pub(crate) use links::{attempt_path, of_ip, of_number, of_user};
pub(crate) use page::SignInsPage;
pub(crate) use rows::{Clock, Outcome, foot};
pub(crate) use timeline::item as event_item;
