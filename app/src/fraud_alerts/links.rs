//! URLs of the page.

use domain::query::href;
use uuid::Uuid;

pub(crate) const PATH: &str = "/fraud-alerts";
/// Path of a report's page as in `domain::doors`.
pub(super) const REPORT: &str = "/fraud-alerts/{id}";

/// URL of the form to block the user or number of a handle, or the block of numbers with `open`
/// open last digits.
pub(crate) fn block_form(handle: &str, open: Option<u8>) -> String {
    let open = open.map(|open| open.to_string()).unwrap_or_default();
    format!("{}#block", href(PATH, [("tab", "blocked"), ("of", handle), ("open", &*open)]))
}

pub(crate) fn report_path(id: Uuid) -> String {
    format!("{PATH}/{id}")
}
