//! Faults caused to real processes under load: servers and Postgres are killed, frozen, cut off and
//! restarted, disks are full, clocks wrong, and other servers away or slow. Afterwards everything
//! acknowledged is in the store once, the counts match the events, the audit log verifies, no
//! message waits, and the log says what happened.
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

/// The extent of the tests.
pub struct Extent {
    /// How often each fault is caused.
    pub rounds: u32,
    /// How long Postgres is frozen or takes no connections.
    pub stands_still: Duration,
}

/// The long form for `make faults`, otherwise the short one.
pub fn extent() -> Extent {
    if std::env::var("TOLLWARDEN_FAULTS").is_ok_and(|word| word == "long") {
        Extent { rounds: 10, stands_still: Duration::from_secs(30) }
    } else {
        Extent { rounds: 1, stands_still: Duration::from_secs(3) }
    }
}
