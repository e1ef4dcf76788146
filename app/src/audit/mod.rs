//! The audit log: entries newest first, what each changed, and whether the chain is whole.

mod api;
mod check;
mod difference;
mod page;
mod query;
mod rows;

pub use api::VerifyAudit;
pub use check::check_fragment;
pub use page::AuditPage;
