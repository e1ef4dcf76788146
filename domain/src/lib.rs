//! Tollwarden's vocabulary and rules. Pure: no I/O, clock, randomness or SQL, so the same code runs
//! in the server, the browser and tests. Time is passed in as an argument.

mod alerts;
mod analysis;
mod base;
mod console;
mod guard;
mod intake;
mod numbering;

#[cfg(feature = "metadata")]
pub use alerts::reach_warnings;
pub use alerts::{alert_warnings, fatigue, fraud_alerts, notify, standouts, watch};
pub use analysis::{conversion, failures, health, reports, signins, workbook};
#[cfg(feature = "zones")]
pub use base::zone;
pub use base::{
    address, bucket, fault, form, invalid, json, network, period, query, secret, series,
};
use base::{letters, sheet, words};
pub use console::{accounts, audit, doors, erase, helpdesk, keys, mask, names, roles, settings};
pub use guard::{blocks, captcha, countries, gate, ledger, rules};
pub use intake::{attempts, events, handles, reason, simulate, sources};
pub use numbering::{neighbours, numbers, phone, region, region_figures, regions};

pub use events::{Channel, Cost, Event, EventKey, Kind, Source};
pub use fault::Fault;
pub use invalid::{FieldError, Invalid};
pub use period::Period;
pub use phone::PhoneNumber;
pub use reason::Reason;
pub use region::Region;
