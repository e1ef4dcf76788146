//! URLs of the pages that redirect after a password was entered.

/// URL of the sign-in page, which redirects to the local path `next`.
pub fn sign_in_path(next: &str) -> String {
    before("/sign-in", next)
}

pub(super) const CONFIRM: &str = "/account/confirm";

/// URL of the page that asks for the password again, then redirects to the local path `next`.
pub fn confirm_path(next: &str) -> String {
    before(CONFIRM, next)
}

fn before(page: &str, next: &str) -> String {
    if next == "/" {
        return page.to_owned();
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{page}?next={next}")
}
