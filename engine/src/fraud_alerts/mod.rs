//! Fraud reports: taken, made blocks of if the settings say so, and put right afterwards
//! (contract, section 5).

mod blocks;
mod commit;
mod handle;
mod reports;
#[cfg(test)]
mod tests;

pub use handle::{HandleError, Lift, lift_batch, mark_handled};
pub use reports::{Answer, From, Refusal, Reports};
