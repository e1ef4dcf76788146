//! Fraud reports: accepting them, blocking users if the settings say so, and handling them
//! afterwards (contract, section 5).

mod answer;
mod blocks;
mod commit;
mod handle;
mod job;
mod reports;
mod taken;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Refusal};
pub use handle::{HandleError, Lift, lift_batch, mark_handled};
pub use job::From;
pub use reports::Reports;
