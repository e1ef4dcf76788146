//! What is decided before a code is sent: rules, countries, blocks, captchas, counts.

pub mod blocks;
pub mod captcha;
pub mod countries;
pub mod gate;
pub mod ledger;
pub mod rules;
