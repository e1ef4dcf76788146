//! Accounts, roles, keys, settings, the audit log, and what is hidden from whom.

pub mod accounts;
pub mod audit;
pub mod doors;
pub mod erase;
pub mod helpdesk;
pub mod keys;
pub mod mask;
pub mod names;
pub mod roles;
pub mod settings;
