//! Who may do what: the one permission table. The server's guard reads it for pages, server
//! functions and API alike; what has no row is refused.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// A console account's role (contract, section 7).
    Role {
        /// Sets Tollwarden up.
        Admin = "admin",
        /// Runs it.
        SecurityLead = "security-lead",
        /// Reads and exports, numbers masked.
        Auditor = "auditor",
    }
}

words! {
    /// What an API key may do (contract, section 2).
    Scope {
        /// Send events.
        EventsWrite = "events:write",
        /// Ask for decisions.
        DecisionsWrite = "decisions:write",
        /// Hand in fraud reports.
        ReportsWrite = "reports:write",
        /// Read, numbers masked.
        Read = "read",
        /// Read whole numbers.
        Numbers = "numbers",
        /// Change settings.
        Admin = "admin",
    }
}

/// Something a person at the console may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// See workbook, logs and settings; export.
    See,
    /// See whole numbers, filter by typed digits.
    WholeNumbers,
    /// Recipients, blocks, bypasses, rules, countries.
    Guard,
    /// Fraud-alert settings, sources, keys, accounts, retention.
    SetUp,
    /// One's own account: password, sign-out.
    OwnAccount,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::See,
        Self::WholeNumbers,
        Self::Guard,
        Self::SetUp,
        Self::OwnAccount,
    ];
}

/// The table of the contract's section 7.
pub fn allows(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::See | Permission::OwnAccount => true,
        Permission::WholeNumbers | Permission::Guard => {
            matches!(role, Role::Admin | Role::SecurityLead)
        }
        Permission::SetUp => matches!(role, Role::Admin),
    }
}

/// What a door asks of whoever knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: open to all.
    Nothing,
    /// A signed-in account whose role has this.
    Session(Permission),
    /// An API key with this scope.
    Key(Scope),
    /// The operating system's own say: whoever may run the command may.
    Shell,
}
