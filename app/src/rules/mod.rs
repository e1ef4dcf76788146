//! Rules: everything the gate obeys, readable as sentences and changed in place; what a change
//! would have done to the last 30 days before it is saved; and a number tried.

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

pub use api::{
    ChangeRule, Kill, PasteNumbers, PastePrices, RestoreRules, Resume, SaveRules, TryNumber,
};
pub use figures::figures_fragment;
pub use files::{Taken, csv, take_file};
pub use lists::List;
pub use page::RulesPage;
pub use view::PATH;
