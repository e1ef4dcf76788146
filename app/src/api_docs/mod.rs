//! The page `/api/docs`: the OpenAPI document as HTML.

mod operation;
mod page;
mod spec;

pub(crate) use page::ApiDocsPage;
pub use spec::Spec;
