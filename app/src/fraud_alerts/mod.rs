//! Fraud alerts: reports and what they led to, their settings, who is blocked, who is let through
//! once, and which names are one user's.

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
mod tabs;
mod versions;
mod view;
mod worn;

pub use api::{
    Block, BlockMany, EndBypass, GiveBypass, HandleReport, JoinNames, LiftBlocks, PartName,
    RestoreFraudAlerts, SaveFraudAlerts, Unblock,
};
pub(crate) use filters::action_name;
pub use links::{PATH, block_form, report_path};
pub use page::FraudAlertsPage;
pub use report_page::ReportPage;
