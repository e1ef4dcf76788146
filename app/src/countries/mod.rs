//! Countries: which regions each channel serves, with figures for each; a preview of what a change
//! would have refused; and exports for Microsoft's products.

mod act;
mod api;
mod channel;
mod draft;
mod file;
mod file_page;
mod formats;
mod given;
mod history;
mod many;
mod page;
mod preview;
mod read;
mod rows;
mod save;
mod table;
mod view;

pub use file::{FileAnswer, KEPT, UploadedFile, UploadedForm, answer};
pub use formats::{custom_policy, external_id, new_language_file};
pub(crate) use page::CountriesPage;
