//! A server on a store of its own, asked through its router as a browser or a program would.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of this")]

pub mod api;
mod ask;
pub mod desk;
mod site;

pub use ask::{Answer, Ask, get, post};
pub use site::{PASSWORD, PEER, Site};
