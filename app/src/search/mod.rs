//! Help-desk search: why a user gets no code.

mod api;
mod field;
mod forms;
mod page;

pub(crate) use field::HeaderSearch;
pub(crate) use page::SearchPage;

/// Path of the page.
pub(crate) const PATH: &str = "/search";

/// Address of the page for a search.
fn address(q: &str) -> String {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    format!("{PATH}?q={q}")
}
