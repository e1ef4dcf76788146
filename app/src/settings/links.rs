//! URLs of the page's tabs.

use uuid::Uuid;

pub(super) const ACCOUNTS: &str = "/settings?tab=accounts";
pub(super) const KEYS: &str = "/settings?tab=keys";
pub(super) const NAMES: &str = "/settings?tab=names";
pub(super) const PRIVACY: &str = "/settings?tab=privacy";

pub(super) fn account(id: Uuid) -> String {
    format!("{ACCOUNTS}&account={id}")
}
