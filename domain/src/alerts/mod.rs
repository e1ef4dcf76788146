//! Fraud alerts, notifications and warnings.

pub mod alert_warnings;
pub mod fatigue;
pub mod fraud_alerts;
pub mod notify;
#[cfg(feature = "metadata")]
pub mod reach_warnings;
pub mod standouts;
pub mod watch;
