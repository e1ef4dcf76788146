//! The audit log: entries newest first, what each changed, and the check of the hash chain.

mod api;
mod check;
mod difference;
mod page;
mod query;
mod rows;

pub use check::check_fragment;
pub(crate) use page::AuditPage;
