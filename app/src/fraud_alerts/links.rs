//! Addresses of the page.

use domain::query::href;
use uuid::Uuid;

/// The page's path.
pub const PATH: &str = "/fraud-alerts";
/// A report's page as `domain::doors` writes its path.
pub(super) const REPORT: &str = "/fraud-alerts/{id}";

/// The form that blocks whom a handle names; of a number, its block of numbers with so many last
/// digits open.
pub fn block_form(handle: &str, open: Option<u8>) -> String {
    let open = open.map(|open| open.to_string()).unwrap_or_default();
    format!("{}#block", with(&[("tab", "blocked"), ("of", handle), ("open", &open)]))
}

/// The page with these fields; empty ones are left out.
pub(super) fn with(pairs: &[(&str, &str)]) -> String {
    href(PATH, pairs.iter().copied())
}

/// A report's page.
pub fn report_path(id: Uuid) -> String {
    format!("{PATH}/{id}")
}
