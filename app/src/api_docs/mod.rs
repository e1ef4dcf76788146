//! `/api/docs`: the API's own description, as a page.

mod operation;
mod page;
mod spec;

pub use page::ApiDocsPage;
pub use spec::Spec;
