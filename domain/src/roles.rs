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
        /// Ask whether a user is blocked, and nothing else.
        BlocksRead = "blocks:read",
        /// Read the server's own figures.
        Metrics = "metrics",
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
    pub const ALL: &'static [Self] =
        &[Self::See, Self::WholeNumbers, Self::Guard, Self::SetUp, Self::OwnAccount];
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

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Nobody known.
    Nobody,
    /// A signed-in account.
    Account(Role),
    /// An API key with these scopes.
    Key(&'a [Scope]),
    /// Whoever runs a command on the machine.
    Shell,
}

/// Why a door stays shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// Who knocks has to say first who they are.
    Unknown,
    /// Who knocks is known, and may not.
    Forbidden,
}

impl Need {
    /// Whether the door opens. A cookie never opens what asks for a key, nor a key what asks for
    /// a session.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(self, caller: Caller<'_>) -> Result<(), Shut> {
        let opens = match (self, caller) {
            (Self::Nothing, _) | (Self::Shell, Caller::Shell) => true,
            (Self::Session(permission), Caller::Account(role)) => allows(role, permission),
            (Self::Key(scope), Caller::Key(scopes)) => grants(scopes, scope),
            (Self::Shell, _) => false,
            _ => return Err(Shut::Unknown),
        };
        if opens { Ok(()) } else { Err(Shut::Forbidden) }
    }
}

/// Whether a key with these scopes may do what asks for `scope`. `numbers` reads all that `read`
/// reads, and whole; otherwise no scope holds another.
fn grants(scopes: &[Scope], scope: Scope) -> bool {
    scopes.contains(&scope) || (scope == Scope::Read && scopes.contains(&Scope::Numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_may_what_the_contract_says() {
        use Permission::*;
        let expected = [
            (Role::Admin, vec![See, WholeNumbers, Guard, SetUp, OwnAccount]),
            (Role::SecurityLead, vec![See, WholeNumbers, Guard, OwnAccount]),
            (Role::Auditor, vec![See, OwnAccount]),
        ];
        for (role, may) in expected {
            for &permission in Permission::ALL {
                assert_eq!(allows(role, permission), may.contains(&permission), "{role}");
            }
        }
    }

    #[test]
    fn numbers_holds_read_and_nothing_holds_more() {
        for &held in Scope::ALL {
            for &asked in Scope::ALL {
                let expected = held == asked || (held == Scope::Numbers && asked == Scope::Read);
                assert_eq!(grants(&[held], asked), expected, "{held} for {asked}");
            }
        }
    }

    #[test]
    fn cookies_and_keys_do_not_stand_in_for_each_other() {
        let page = Need::Session(Permission::See);
        let api = Need::Key(Scope::Admin);
        assert_eq!(page.admits(Caller::Key(Scope::ALL)), Err(Shut::Unknown));
        assert_eq!(api.admits(Caller::Account(Role::Admin)), Err(Shut::Unknown));
        assert_eq!(api.admits(Caller::Key(&[Scope::Read])), Err(Shut::Forbidden));
        assert_eq!(Need::Shell.admits(Caller::Account(Role::Admin)), Err(Shut::Forbidden));
    }
}
