//! Addresses of the page's tabs.

use super::links::with;
use super::view::Tab;

/// A tab.
pub(super) fn tab(tab: Tab) -> String {
    with(&[("tab", tab_word(tab))])
}

/// The tab's word in addresses; the first has none.
fn tab_word(tab: Tab) -> &'static str {
    if tab == Tab::Reports { "" } else { tab.as_str() }
}

/// A tab, for whoever a handle names.
pub(super) fn tab_of(tab: Tab, handle: &str) -> String {
    with(&[("tab", tab_word(tab)), ("of", handle)])
}
