//! Countries: which regions each channel serves, with what the store knows of each; a change with
//! what it would have refused before it is saved; and the shapes of Microsoft's products.

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

pub use api::{ChangeCountries, RestoreCountries, SaveCountries};
pub use file::{Answered, KEPT, Opened, Sent, answer};
pub use formats::{custom_policy, external_id, new_language_file};
pub use page::CountriesPage;
pub use view::PATH;
