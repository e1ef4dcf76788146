//! Countries: which regions each channel serves, with what the store knows of each; a change with
//! what it would have refused before it is saved; and the shapes of Microsoft's products.

#[cfg(feature = "ssr")]
mod act;
#[cfg(feature = "ssr")]
mod api;
#[cfg(any(feature = "hydrate", test))]
mod bar;
#[cfg(feature = "ssr")]
mod channel;
#[cfg(feature = "ssr")]
mod draft;
#[cfg(feature = "ssr")]
mod file;
#[cfg(feature = "ssr")]
mod file_page;
mod find;
#[cfg(feature = "ssr")]
mod formats;
#[cfg(feature = "ssr")]
mod history;
mod island;
#[cfg(feature = "ssr")]
mod many;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod preview;
#[cfg(feature = "ssr")]
mod read;
#[cfg(feature = "ssr")]
mod rows;
#[cfg(feature = "ssr")]
mod save;
#[cfg(feature = "ssr")]
mod table;
#[cfg(feature = "ssr")]
mod view;
mod words;

#[cfg(feature = "ssr")]
pub use api::{ChangeCountries, RestoreCountries, SaveCountries};
#[cfg(feature = "hydrate")]
pub(crate) use bar::{Change, lines};
#[cfg(feature = "ssr")]
pub use file::{Answered, KEPT, Opened, Sent, answer};
#[cfg(feature = "hydrate")]
pub(crate) use find::fold;
#[cfg(feature = "ssr")]
pub use formats::{custom_policy, external_id, new_language_file};
pub use island::LiveCountries;
#[cfg(feature = "ssr")]
pub use page::CountriesPage;
#[cfg(feature = "ssr")]
pub use view::PATH;
#[cfg(feature = "hydrate")]
pub(crate) use words::effect;
