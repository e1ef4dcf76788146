//! Addresses of the pages that go on elsewhere once a password was given.

/// The address of the sign-in that then goes on to a path of ours.
pub fn sign_in_path(next: &str) -> String {
    before("/sign-in", next)
}

/// Where the password is asked for again.
pub(super) const CONFIRM: &str = "/account/confirm";

/// The address of the page that asks for the password again and then goes on to a path of ours.
pub fn confirm_path(next: &str) -> String {
    before(CONFIRM, next)
}

/// The address of a page that then goes on to a path of ours.
fn before(page: &str, next: &str) -> String {
    if next == "/" {
        return page.to_owned();
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{page}?next={next}")
}
