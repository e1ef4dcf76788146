//! What became of a report, as its caller is told.

use domain::Fault;
use store::fraud_reports::Answered;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    New(Answered),
    /// It is there already: the first answer.
    Known(Answered),
    /// It was refused, and that is on the record.
    Refused(Refusal),
}

/// Why a report was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No reports are taken.
    Off,
    /// The code is not the one of the settings.
    WrongCode,
}

impl Refusal {
    /// What is wrong, for programs.
    pub fn fault(self) -> Fault {
        match self {
            Self::Off => Fault::FraudAlertsOff,
            Self::WrongCode => Fault::WrongCode,
        }
    }
}
