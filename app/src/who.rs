//! The account of the request, and what it may do and see.

use crate::form::failed;
use crate::request::extension;
use domain::roles::{Permission, Requirement, Role, allows};
use domain::{audit::By, doors::Door, workbook::Sight};
use engine::accounts::{Account, ClientAddress, Fresh};
use http::{HeaderMap, header::COOKIE};
use leptos::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// An address that recently sent `X-Forwarded-For` although it is not in `trusted_proxies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UntrustedProxy(pub Option<IpAddr>);

/// The [`UntrustedProxy`] address, for accounts that can change the set-up.
pub(crate) fn stray() -> Option<IpAddr> {
    use_context::<UntrustedProxy>().and_then(|stray| stray.0).filter(|_| may(Permission::SetUp))
}

/// The signed-in account, if any.
pub(crate) fn account() -> Option<Account> {
    use_context::<Account>()
}

/// The account of a form that needs one: the guard refuses it to others, so its absence is an
/// error.
pub(crate) fn signed_in() -> Result<Account, ServerFnError> {
    account().ok_or_else(|| failed(&std::io::Error::other("not signed in")))
}

/// Whether the guard admitted this request: its door is open to all, or an account is signed in.
/// Without a door in the request nothing is admitted.
pub fn is_admitted() -> bool {
    extension::<&Door>()
        .is_some_and(|door| door.need == Requirement::Nothing || account().is_some())
}

/// Whether the signed-in account has a permission; false without an account.
pub(crate) fn may(permission: Permission) -> bool {
    account().is_some_and(|account| allows(account.role, permission))
}

/// A role's display name.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "Admin",
        Role::SecurityLead => "Security lead",
        Role::Auditor => "Auditor",
    }
}

/// How much of a number the account sees; masked without an account.
pub(crate) fn sight() -> Sight {
    account().map_or(Sight::Masked, |account| Sight::of_role(account.role))
}

/// A free text with the numbers in it masked for the account's role.
pub(crate) fn masked(text: &str) -> String {
    sight().text_owned(text)
}

/// The actor for the audit log.
pub(crate) fn by() -> By {
    let from = client_address();
    let fresh = extension::<Fresh>() == Some(Fresh(true));
    let by = |account: Account| By::account(&account.email, from).fresh(fresh);
    account().map_or_else(|| By::unknown(from), by)
}

/// The client's address; 0.0.0.0 without a listener, as in tests.
pub(crate) fn client_address() -> IpAddr {
    extension::<ClientAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ClientAddress(address)| address)
}

/// The value of a cookie of the request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
}
