//! Fraud alerts: reports and their consequences, settings, blocks, bypasses, and names that belong
//! to one user.

mod api;
mod banners;
mod blocked;
mod bypasses;
mod facts;
mod filters;
mod forms;
mod given;
mod links;
mod listing;
mod names;
mod page;
mod paste;
mod report_page;
mod reports;
mod settings;
mod versions;
mod view;
mod worn;

pub(crate) use filters::action_name;
pub(crate) use links::{PATH, block_form, report_path};
pub(crate) use page::FraudAlertsPage;
pub(crate) use report_page::ReportPage;
