//! Sections of settings: each is a type, stored as a document, that validates itself.

mod assign;
mod read;
mod section;

use crate::{countries, fraud_alerts, names, notify, rules};

pub use assign::assignment;
pub use section::{Kind, Section};

/// All sections, for doors that accept any.
pub const SECTIONS: [&Kind; 5] = [
    fraud_alerts::Settings::KIND,
    notify::Settings::KIND,
    countries::Settings::KIND,
    rules::Settings::KIND,
    names::Settings::KIND,
];

/// The section of a given name; for a type, use [`Section::KIND`].
pub fn section(name: &str) -> Option<&'static Kind> {
    SECTIONS.into_iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn sections_are_weaker_when_something_is_off() {
        let now = DateTime::UNIX_EPOCH;
        let on = fraud_alerts::Settings {
            allow_user_reports: true,
            auto_block: true,
            ..fraud_alerts::Settings::default()
        };
        for off in [
            fraud_alerts::Settings { allow_user_reports: false, ..on.clone() },
            fraud_alerts::Settings { auto_block: false, ..on.clone() },
        ] {
            assert!(on.weakened_by(&off, now) && !off.weakened_by(&on, now));
        }
        let all = notify::Settings::default();
        let some = notify::Settings { block: false, ..all.clone() };
        assert!(all.weakened_by(&some, now) && !some.weakened_by(&all, now));

        let open = countries::Settings::default();
        let mut shut = open.clone();
        shut.voice.mode = countries::Mode::Allowlist;
        let mut wider = shut.clone();
        wider.voice.regions.insert(crate::Region::WORLD);
        assert!(shut.weakened_by(&open, now) && !open.weakened_by(&shut, now));
        assert!(!shut.weakened_by(&wider, now));
        let regions = ["AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI"];
        let others = ["FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"];
        for region in regions.iter().chain(&others) {
            wider.voice.regions.insert(region.parse().unwrap());
        }
        assert!(shut.weakened_by(&wider, now), "more than twenty at once");
    }
}
