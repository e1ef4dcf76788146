//! Who looks at the page, from the request's context.

use domain::roles::{Permission, allows};
use domain::workbook::Sight;
use engine::accounts::Account;
use leptos::prelude::*;

/// The signed-in account; none on the pages that need none.
pub fn account() -> Option<Account> {
    use_context::<Account>()
}

/// Whether the signed-in account may do something. Nobody may do anything.
pub fn may(permission: Permission) -> bool {
    account().is_some_and(|account| allows(account.role, permission))
}

/// How much of a number the signed-in account sees.
pub fn sight() -> Sight {
    if may(Permission::WholeNumbers) { Sight::Whole } else { Sight::Masked }
}
