//! Input of every tab.

use super::view::View;
use crate::page::PageContext;
use domain::handles::HandleKey;

#[derive(Debug, Clone)]
pub(super) struct PageData {
    pub(super) visit: PageContext,
    pub(super) key: HandleKey,
    pub(super) view: View,
}
