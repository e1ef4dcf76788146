//! Rules: everything the gate obeys, readable as sentences and changed in place; what a change
//! would have done to the last 30 days before it is saved; and a number tried.

#[cfg(feature = "ssr")]
mod api;
#[cfg(feature = "ssr")]
mod change;
#[cfg(feature = "ssr")]
mod draft;
#[cfg(feature = "ssr")]
mod edit;
#[cfg(feature = "ssr")]
mod figures;
#[cfg(feature = "ssr")]
mod files;
#[cfg(feature = "ssr")]
mod history;
#[cfg_attr(not(feature = "ssr"), allow(dead_code))]
mod island;
#[cfg_attr(not(feature = "ssr"), allow(dead_code))]
mod item;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod lists;
#[cfg(feature = "ssr")]
mod messages;
#[cfg(feature = "ssr")]
mod numbers;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod preview;
#[cfg(feature = "ssr")]
mod prices;
#[cfg_attr(not(feature = "ssr"), allow(dead_code))]
mod read;
#[cfg(feature = "ssr")]
mod rule;
#[cfg(feature = "ssr")]
mod save;
#[cfg(feature = "ssr")]
mod tried;
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
mod typed;
#[cfg(feature = "ssr")]
mod view;

#[cfg(feature = "ssr")]
pub use api::{
    ChangeRule, Kill, PasteNumbers, PastePrices, RestoreRules, Resume, SaveRules, TryNumber,
};
#[cfg(feature = "ssr")]
pub use figures::figures_fragment;
#[cfg(feature = "ssr")]
pub use files::{Taken, csv, take_file};
pub use island::LiveRules;
#[cfg(feature = "ssr")]
pub use lists::List;
#[cfg(feature = "ssr")]
pub use page::RulesPage;
#[cfg(feature = "hydrate")]
pub(crate) use typed::judge;
#[cfg(feature = "ssr")]
pub use view::PATH;
