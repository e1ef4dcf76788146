//! A server on its own store, asked through its router as by a browser or a program.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of this")]

pub mod api;
mod ask;
pub mod command;
pub mod description;
pub mod desk;
mod site;

pub use ask::{TestRequest, TestResponse, get, post};
pub use site::{PASSWORD, PEER, TestServer};
