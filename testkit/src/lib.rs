//! Helpers for the tests of several packages; only a dev-dependency.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

pub mod number_data;

use chrono::{DateTime, TimeDelta, Utc};

/// The time in most tests: 20 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// 12:34:56 of the same day, when no minute and no hour begins.
pub fn past_noon() -> DateTime<Utc> {
    noon() + TimeDelta::seconds(34 * 60 + 56)
}
