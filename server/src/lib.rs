//! The process: HTTP, command line, configuration. Every handler parses, asks the engine or the
//! store once, and maps the answer; what a request may do is the guard's say.

pub mod access;
pub mod api;
pub mod audit;
pub mod bodies;
pub mod caller;
pub mod cli;
pub mod client;
pub mod commands;
pub mod config;
mod connections;
pub mod countries;
pub mod database;
pub mod export;
pub mod failure;
pub mod guard;
pub mod headers;
pub mod hosts;
pub mod layers;
pub mod live;
pub mod masks;
pub mod pages;
pub mod place;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod router;
pub mod rules;
pub mod session;
pub mod site;
pub mod state;
pub mod stop;
pub mod tiles;
pub mod upload;
pub mod withheld;
