//! The islands' code in the browser, based on `web-sys` alone.

pub(crate) mod captcha;
pub(crate) mod charts;
pub(crate) mod countries;
mod dom;
pub(crate) mod keys;
pub(crate) mod live;
pub(crate) mod poll;
pub(crate) mod rules;
pub(crate) mod tiles;
