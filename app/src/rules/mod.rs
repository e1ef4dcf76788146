//! Rules: everything the gate obeys, as sentences that can be edited in place; a preview of what a
//! change would have done to the last 30 days; and a dry run for one number.

mod api;
mod change;
mod draft;
mod edit;
mod figures;
mod files;
mod given;
mod history;
mod list;
mod lists;
mod messages;
mod numbers;
mod page;
mod preview;
mod prices;
mod rule;
mod save;
mod tried;
mod view;

pub use figures::figures_fragment;
pub use files::{UploadResult, csv, take_file};
pub use lists::List;
pub(crate) use page::RulesPage;
