//! An accepted report, and the id and key of its event.

use super::job::From;
use chrono::{DateTime, Utc};
use domain::EventKey;
use domain::fraud_alerts::NewReport;
use uuid::Uuid;

/// An accepted report.
pub(super) struct Taken<'a> {
    pub(super) from: &'a From,
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
pub(super) fn event_key(from: &From, report: Uuid) -> Uuid {
    EventKey::new(&from.source, &event_id(report)).0
}
