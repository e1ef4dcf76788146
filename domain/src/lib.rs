//! Tollwarden's vocabulary and rules. Pure: no I/O, clock, randomness or SQL, so the same code runs
//! in the server, the browser and tests. Time is passed in as an argument.

pub mod accounts;
pub mod address;
pub mod alert_warnings;
pub mod attempts;
pub mod audit;
pub mod blocks;
pub mod bucket;
pub mod captcha;
pub mod conversion;
pub mod countries;
pub mod doors;
pub mod erase;
pub mod events;
pub mod failures;
pub mod fatigue;
pub mod fault;
pub mod form;
pub mod fraud_alerts;
pub mod gate;
pub mod handles;
pub mod health;
pub mod helpdesk;
pub mod invalid;
pub mod json;
pub mod keys;
pub mod ledger;
mod letters;
pub mod mask;
pub mod names;
pub mod neighbours;
pub mod network;
pub mod notify;
pub mod numbers;
pub mod period;
pub mod phone;
pub mod query;
#[cfg(feature = "metadata")]
pub mod reach_warnings;
pub mod reason;
pub mod region;
pub mod region_figures;
pub mod regions;
pub mod reports;
pub mod roles;
pub mod rules;
pub mod secret;
pub mod series;
pub mod settings;
mod sheet;
pub mod signins;
pub mod simulate;
pub mod sources;
pub mod standouts;
pub mod watch;
mod words;
pub mod workbook;
#[cfg(feature = "zones")]
pub mod zone;

pub use events::{Channel, Cost, Event, EventKey, Kind, Source};
pub use fault::Fault;
pub use invalid::{FieldError, Invalid};
pub use period::Period;
pub use phone::PhoneNumber;
pub use reason::Reason;
pub use region::Region;
