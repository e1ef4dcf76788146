//! The settings of fraud reports, and their input (contract, section 5).

mod report;

use crate::events::words;
use crate::settings::Section;
use crate::words::as_text;
use crate::{Channel, Fault, Invalid};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

pub use report::{NOTE, NewReport};

/// Most days of an automatic block: ten years.
const BLOCK_DAYS_MAX: u16 = 3_650;
/// Highest value of the setting `breaker`.
const BREAKER_MAX: u32 = 10_000;
/// Minutes in which the breaker counts automatic blocks.
pub const BREAKER_MINUTES: i64 = 10;

words! {
    /// The effect of a report.
    Action {
        /// The user was blocked.
        Blocked = "blocked",
        /// The report was only recorded.
        NoAction = "no_action",
    }
}

/// The code that a user presses during a call, or sends, to report fraud: 1 to 10 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportCode(String);

impl ReportCode {
    /// The digits as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReportCode {
    fn default() -> Self {
        Self("0".to_owned())
    }
}

impl FromStr for ReportCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 10 digits")
        }
    }
}

as_text!(ReportCode);

impl fmt::Display for ReportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The settings of fraud reports. A document without one of them means its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether reports are accepted.
    pub allow_user_reports: bool,
    /// Whether a report blocks its user at once.
    pub auto_block: bool,
    /// The code for reports by call or text.
    pub report_code: ReportCode,
    /// Days of an automatic block, 0 to 3650; with 0 it lasts until unblocked.
    pub block_days: u16,
    /// Most automatic blocks in ten minutes, 1 to 10000; further reports block nobody.
    pub breaker: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_user_reports: false,
            auto_block: false,
            report_code: ReportCode::default(),
            block_days: 90,
            breaker: 20,
        }
    }
}

/// A setting on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The label on the page; Microsoft's where there is one.
    pub label: &'static str,
    /// One line of explanation.
    pub help: &'static str,
    /// The allowed values, to follow "must be".
    pub allowed: &'static str,
}

/// The settings in the order of the page.
pub const FIELDS: [Field; 5] = [
    Field {
        name: "allow_user_reports",
        label: "Allow users to submit fraud alerts",
        help: "Accepts reports of sign-ins that users did not start. If off, every report is \
               refused.",
        allowed: "true or false",
    },
    Field {
        name: "auto_block",
        label: "Automatically block users who report fraud",
        help: "Blocks the user as soon as a report arrives. If off, reports are only recorded and \
               recipients notified.",
        allowed: "true or false",
    },
    Field {
        name: "report_code",
        label: "Code to report fraud during initial greeting",
        help: "What a user enters to report by call or text. Microsoft's greeting says 0.",
        allowed: "1 to 10 digits",
    },
    Field {
        name: "block_days",
        label: "Days an automatic block lasts",
        help: "The block then ends by itself. 0 means until somebody unblocks the user.",
        allowed: "a whole number of days from 0 to 3650",
    },
    Field {
        name: "breaker",
        label: "Maximum automatic blocks in 10 minutes",
        help: "Above this, reports block nobody until there are fewer, and recipients are notified.",
        allowed: "a whole number from 1 to 10000",
    },
];

impl Settings {
    /// Finds a setting by its name in JSON.
    pub fn field(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }
}

impl Section for Settings {
    const NAME: &'static str = "fraud-alerts";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::field(name).map(|field| field.allowed)
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        let mut refuse = |name: &str, fault: Fault| {
            let allowed = Self::allowed(name).unwrap_or_default();
            invalid.push(name, fault, format!("must be {allowed}"));
        };
        if self.block_days > BLOCK_DAYS_MAX {
            refuse("block_days", Fault::TooLarge);
        }
        if !(1..=BREAKER_MAX).contains(&self.breaker) {
            refuse("breaker", Fault::outside(self.breaker, 1));
        }
        invalid.or(())
    }

    /// Reports or automatic blocks are switched off.
    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        (self.allow_user_reports && !after.allow_user_reports)
            || (self.auto_block && !after.auto_block)
    }
}

/// Microsoft's text for a report in the app.
const BY_APP: &str = "MFA denied; Phone App Reported Fraud";
/// Microsoft's text for a report by code.
const BY_CODE: &str = "MFA denied; Fraud Code Entered";

/// The reason text of a report's event.
pub fn reason_text(channel: Channel) -> &'static str {
    if channel == Channel::Push { BY_APP } else { BY_CODE }
}

/// Whether a source's text is about a user's report. Microsoft writes it with a semicolon, a comma
/// or a colon, depending on the log.
pub(crate) fn tells_of_report(text: &str) -> bool {
    let Some((denied, how)) = text.split_once([';', ',', ':']) else { return false };
    let how = how.trim().trim_end_matches('.');
    let known = ["Phone App Reported Fraud", "Fraud Code Entered"];
    denied.trim().eq_ignore_ascii_case("MFA denied")
        && known.iter().any(|known| known.eq_ignore_ascii_case(how))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;
    use serde_json::json;

    #[test]
    fn defaults_are_the_contracts() {
        assert_eq!(
            serde_json::to_value(Settings::default()).unwrap(),
            json!({
                "allow_user_reports": false, "auto_block": false, "report_code": "0",
                "block_days": 90, "breaker": 20
            })
        );
        Settings::default().check().unwrap();
        let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        let document = serde_json::to_value(Settings::default()).unwrap();
        assert!(document.as_object().unwrap().keys().all(|key| names.contains(&key.as_str())));
    }

    #[test]
    fn values_have_bounds() {
        for (days, breaker, wrong) in [
            (0, 1, None),
            (3_650, 10_000, None),
            (3_651, 20, Some("block_days")),
            (90, 0, Some("breaker")),
            (90, 10_001, Some("breaker")),
        ] {
            let settings = Settings { block_days: days, breaker, ..Settings::default() };
            let found = settings.check().err().map(|invalid| invalid.fields[0].field.clone());
            assert_eq!(found.as_deref(), wrong, "{days} {breaker}");
        }
        for code in ["0", "77", "0000000000", "1234567890"] {
            assert_eq!(code.parse::<ReportCode>().unwrap().as_str(), code);
        }
        for code in ["", " ", "7a", "12345678901", "+1", "٣", "7 7", "-1"] {
            assert!(code.parse::<ReportCode>().is_err(), "{code:?}");
        }
    }

    #[test]
    fn microsofts_words_in_every_spelling() {
        for text in [
            BY_APP,
            BY_CODE,
            "MFA denied, Phone App Reported Fraud",
            "MFA denied: Fraud Code Entered",
            "mfa denied,fraud code entered.",
        ] {
            assert!(tells_of_report(text), "{text}");
            assert_eq!(Reason::from_text(text), Reason::UserReportedFraud, "{text}");
        }
        for text in ["MFA denied", "MFA denied; user declined", "Fraud Code Entered", "a; b", ""] {
            assert!(!tells_of_report(text), "{text}");
        }
    }
}
