//! What tests of the workbook ask for.

use super::view::{ResolvedView, View};
use domain::handles::HandleKey;
use domain::names::Settings;
use domain::workbook::Sight;
use domain::zone::Zone;

/// The key of the handles in links.
pub(super) fn key() -> HandleKey {
    HandleKey::new(&[3; 32])
}

/// What a query asks for on 20 November 2026.
pub(super) fn asked(query: &str, sight: Sight, zone: Zone) -> ResolvedView {
    let now = domain::period::parse_time("2026-11-20").unwrap();
    View::read(query).ask(key(), sight, zone, now)
}

/// The name of one flow.
pub(super) fn names() -> Settings {
    let mut names = Settings::default();
    names.flows.insert("B2C_1_up".to_owned(), "Sign-up".to_owned());
    names
}
