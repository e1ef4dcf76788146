//! Who looks at the page, from the request's context.

use crate::form::failed;
use domain::audit::By;
use domain::doors::Door;
use domain::roles::{Need, Permission, Role, allows};
use domain::workbook::Sight;
use engine::accounts::{Account, ClientAddress, Fresh};
use http::request::Parts;
use leptos::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// An address that lately wrote `X-Forwarded-For` although it is not among `trusted_proxies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stray(pub Option<IpAddr>);

/// The same, for who can do something about it.
pub fn stray() -> Option<IpAddr> {
    use_context::<Stray>().and_then(|stray| stray.0).filter(|_| may(Permission::SetUp))
}

/// The signed-in account; none on the pages that need none.
pub fn account() -> Option<Account> {
    use_context::<Account>()
}

/// The account that sends a form which the guard lets nobody else send.
///
/// # Errors
/// When nobody is signed in.
pub fn signed_in() -> Result<Account, ServerFnError> {
    account().ok_or_else(|| failed(&std::io::Error::other("nobody is signed in")))
}

/// Whether the guard let this request through to its page or form: one that is open to all, or
/// anything else for a signed-in account. Without the guard's word nobody is.
pub fn is_admitted() -> bool {
    let door = use_context::<Parts>().and_then(|parts| parts.extensions.get::<&Door>().copied());
    door.is_some_and(|door| door.need == Need::Nothing || account().is_some())
}

/// Whether the signed-in account may do something. Nobody may do anything.
pub fn may(permission: Permission) -> bool {
    account().is_some_and(|account| allows(account.role, permission))
}

/// A role, as people read it.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "Admin",
        Role::SecurityLead => "Security lead",
        Role::Auditor => "Auditor",
    }
}

/// How much of a number the signed-in account sees.
pub fn sight() -> Sight {
    account().map_or(Sight::Masked, |account| Sight::of_role(account.role))
}

/// A free text as the signed-in account may see it.
pub fn seen(text: &str) -> String {
    sight().said(text)
}

/// Who asks, as the audit log names them.
pub fn by() -> By {
    // Unknown (0.0.0.0) without a listener, as in tests.
    let parts = use_context::<Parts>();
    let from = parts
        .as_ref()
        .and_then(|parts| parts.extensions.get::<ClientAddress>().copied())
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0);
    let fresh = parts.is_some_and(|parts| parts.extensions.get() == Some(&Fresh(true)));
    let by = |account: Account| By::account(&account.email, from).fresh(fresh);
    account().map_or_else(|| By::unknown(from), by)
}
