//! The server process: HTTP, command line, configuration. Each handler parses its request, calls
//! the engine or the store once, and maps the answer; the guard decides what a request may do.

pub mod access;
mod api;
mod audit;
mod bodies;
mod caller;
pub mod cli;
mod client;
pub mod commands;
pub mod config;
mod connections;
mod countries;
mod database;
mod engine_errors;
mod export;
mod failure;
mod guard;
mod headers;
mod hosts;
mod live;
mod masks;
mod opened;
mod options;
mod pages;
mod public_url;
mod query;
mod request_id;
pub mod router;
mod rules;
mod secret_files;
mod session;
mod shown;
mod site;
pub mod state;
mod stop;
#[cfg(test)]
mod testing;
mod tiles;
mod upload;
mod withheld;
