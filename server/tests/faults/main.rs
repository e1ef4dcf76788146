//! What may go wrong with machines, done to real processes under load: servers and Postgres are
//! killed, frozen, cut off and restarted, disks full, clocks wrong, and others away or slow. Afterwards everything acknowledged is there once, the
//! counts are those of the events, the audit log verifies, nothing waits, and the log says what
//! happened.
//!
//! `make test` runs a short form. `make faults` sets `TOLLWARDEN_FAULTS=long` and shows the rows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "`make faults` shows the rows")]

#[path = "../process/mod.rs"]
mod process;

mod check;
mod clock;
mod desk;
mod disk;
mod load;
mod migration;
mod others;
mod postgres;
mod readers;
mod servers;

use std::time::Duration;

/// How much is tried.
pub struct Extent {
    /// How often each fault is caused.
    pub rounds: u32,
    /// How long Postgres stands still, or takes no connections.
    pub stands_still: Duration,
}

/// As long as `make faults` wants it, else the short form.
pub fn extent() -> Extent {
    if std::env::var("TOLLWARDEN_FAULTS").is_ok_and(|word| word == "long") {
        Extent { rounds: 10, stands_still: Duration::from_secs(30) }
    } else {
        Extent { rounds: 1, stands_still: Duration::from_secs(3) }
    }
}
