//! What the tests of several packages share. No package needs it but for its tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

pub mod number_data;

use chrono::{DateTime, TimeDelta, Utc};

/// The time in most tests: 20 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A time at which no minute and no hour begins: 12:34:56 of the same day.
pub fn past_noon() -> DateTime<Utc> {
    noon() + TimeDelta::seconds(34 * 60 + 56)
}
