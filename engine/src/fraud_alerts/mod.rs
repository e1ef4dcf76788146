//! Fraud reports: accepting them, blocking users if the settings say so, and handling them
//! afterwards (contract, section 5).

mod blocks;
mod commit;
mod handle;
mod report;
mod reports;
#[cfg(test)]
mod tests;

pub use handle::{Lift, lift_batch, mark_handled};
pub use report::{Refusal, ReportResult, ReportSender};
pub use reports::Reports;
