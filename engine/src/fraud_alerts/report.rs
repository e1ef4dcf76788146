//! A fraud report: with the API key that sent it, once it is accepted, and its answer.

use chrono::{DateTime, Utc};
use domain::audit::By;
use domain::fraud_alerts::NewReport;
use domain::{EventKey, Fault};
use store::fraud_reports::FirstAnswer;
use uuid::Uuid;

/// The API key that sent a report.
#[derive(Debug, Clone)]
pub struct ReportSender {
    /// The key's id: the caller's names for reports are unique within it.
    pub key: String,
    /// The key's name, used as the source of the report's event.
    pub source: domain::Source,
    /// Actor and address for the audit log.
    pub by: By,
}

/// A report that waits for its answer.
pub(super) struct PendingReport {
    pub(super) from: ReportSender,
    pub(super) report: NewReport,
}

pub(super) struct NamedReport<'a> {
    pub(super) from: &'a ReportSender,
    pub(super) report: &'a NewReport,
    pub(super) id: Uuid,
    pub(super) time: DateTime<Utc>,
    /// Every name of the report's user, in comparable form; the first is the one in the report.
    pub(super) names: Vec<String>,
}

/// The id of a report's event within its source.
pub(super) fn event_id(report: Uuid) -> String {
    format!("report:{report}")
}

/// The key of that event, which is also the attempt of a report that joins no other.
pub(super) fn event_key(from: &ReportSender, report: Uuid) -> Uuid {
    EventKey::new(&from.source, &event_id(report)).0
}

/// Result of a fraud report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportResult {
    /// The report was accepted.
    New(FirstAnswer),
    /// The report is known already; this is the first answer again.
    Known(FirstAnswer),
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
