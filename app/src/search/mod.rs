//! Help-desk search: one box, and why this person gets no code.

mod api;
mod field;
mod forms;
mod page;

pub use api::{SearchBypass, SearchUnblock};
pub use field::HeaderSearch;
pub use page::SearchPage;

/// The page's path.
pub const PATH: &str = "/search";

/// The page for a question.
fn address(q: &str) -> String {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    format!("{PATH}?q={q}")
}
