//! The permission table. The server's guard applies it to pages, server functions and the API; a
//! door without a row is refused.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// A console account's role (contract, section 7).
    Role {
        /// Configures Tollwarden.
        Admin = "admin",
        /// Operates it.
        SecurityLead = "security-lead",
        /// Reads and exports, with masked numbers.
        Auditor = "auditor",
    }
}

words! {
    /// What an API key may do (contract, section 2).
    Scope {
        /// Send events.
        EventsWrite = "events:write",
        /// Ask the gate for decisions.
        DecisionsWrite = "decisions:write",
        /// Submit fraud reports.
        ReportsWrite = "reports:write",
        /// Ask whether a user is blocked, and nothing else.
        BlocksRead = "blocks:read",
        /// Read the server's metrics.
        Metrics = "metrics",
        /// Read data, with masked numbers.
        Read = "read",
        /// Read data with whole numbers.
        Numbers = "numbers",
        /// Change settings.
        Admin = "admin",
    }
}

/// What an account may do in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// See the workbook, logs and settings; export.
    See,
    /// See whole numbers and filter by typed digits.
    WholeNumbers,
    /// Manage recipients, blocks, bypasses, rules and countries.
    Guard,
    /// Manage fraud-alert settings, sources, keys, accounts and retention.
    SetUp,
    /// Manage one's own account: password, sign-out.
    OwnAccount,
}

/// The table in the contract's section 7.
pub fn allows(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::See | Permission::OwnAccount => true,
        Permission::WholeNumbers | Permission::Guard => {
            matches!(role, Role::Admin | Role::SecurityLead)
        }
        Permission::SetUp => matches!(role, Role::Admin),
    }
}

/// The authorisation that a door requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Open to everyone.
    Nothing,
    /// A signed-in account whose role has this permission.
    Session(Permission),
    /// An API key with this scope.
    Key(Scope),
    /// Left to the operating system: anyone who can run the command.
    Shell,
}

/// The authenticated caller of a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Not authenticated.
    Nobody,
    /// A signed-in account with this role.
    Account(Role),
    /// An API key with these scopes.
    Key(&'a [Scope]),
    /// A command run on the server's machine.
    Shell,
}

/// Why a door refuses a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The caller must authenticate first.
    Unknown,
    /// The caller is authenticated but not allowed.
    Forbidden,
}

impl Requirement {
    /// Whether a door admits a caller. A session never opens a door that requires a key, nor the
    /// reverse.
    ///
    /// # Errors
    /// [`Denied::Unknown`] if the caller is not authenticated in the required way,
    /// [`Denied::Forbidden`] if permission or scope is missing.
    pub fn admits(self, caller: Caller<'_>) -> Result<(), Denied> {
        let opens = match (self, caller) {
            (Self::Nothing, _) | (Self::Shell, Caller::Shell) => true,
            (Self::Session(permission), Caller::Account(role)) => allows(role, permission),
            (Self::Key(scope), Caller::Key(scopes)) => grants(scopes, scope),
            (Self::Shell, _) => false,
            _ => return Err(Denied::Unknown),
        };
        if opens { Ok(()) } else { Err(Denied::Forbidden) }
    }
}

/// Whether these scopes include `scope`. `numbers` includes `read`; no other scope includes
/// another.
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
            for permission in [See, WholeNumbers, Guard, SetUp, OwnAccount] {
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
        let page = Requirement::Session(Permission::See);
        let api = Requirement::Key(Scope::Admin);
        assert_eq!(page.admits(Caller::Key(Scope::ALL)), Err(Denied::Unknown));
        assert_eq!(api.admits(Caller::Account(Role::Admin)), Err(Denied::Unknown));
        assert_eq!(api.admits(Caller::Key(&[Scope::Read])), Err(Denied::Forbidden));
        assert_eq!(Requirement::Shell.admits(Caller::Account(Role::Admin)), Err(Denied::Forbidden));
    }
}
