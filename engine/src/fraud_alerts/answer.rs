//! The answer to a fraud report.

use domain::Fault;
use store::fraud_reports::Answered;

/// Result of a fraud report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The report was accepted.
    New(Answered),
    /// The report is known already; this is the first answer again.
    Known(Answered),
    /// The report was refused, and the audit log says so.
    Refused(Refusal),
}

/// Why a report was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Fraud reports are switched off.
    Off,
    /// The code is not the one in the settings.
    WrongCode,
}

impl Refusal {
    /// The error in the form that API clients get.
    pub fn fault(self) -> Fault {
        match self {
            Self::Off => Fault::FraudAlertsOff,
            Self::WrongCode => Fault::WrongCode,
        }
    }
}
