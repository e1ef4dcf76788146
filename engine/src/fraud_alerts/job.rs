//! A fraud report in the queue, with the API key that sent it.

use domain::audit::By;
use domain::fraud_alerts::NewReport;

/// The API key that sent a report.
#[derive(Debug, Clone)]
pub struct From {
    /// The key's id: the caller's names for reports are unique within it.
    pub key: String,
    /// The key's name, used as the source of the report's event.
    pub source: domain::Source,
    /// Actor and address for the audit log.
    pub by: By,
}

/// A report that waits for its answer.
pub(super) struct Job {
    pub(super) from: From,
    pub(super) report: NewReport,
}
