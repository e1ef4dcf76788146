//! A report on its way in, with the key it came by.

use domain::audit::By;
use domain::fraud_alerts::NewReport;

/// By which key a report comes.
#[derive(Debug, Clone)]
pub struct From {
    /// The key's id: the caller's names for reports are unique to it.
    pub key: String,
    /// The key's name: the source of the report's event.
    pub source: domain::Source,
    /// Who and from where, for the record.
    pub by: By,
}

/// A report that waits for its answer.
pub(super) struct Job {
    pub(super) from: From,
    pub(super) report: NewReport,
}
