//! Input of every tab.

use super::view::View;
use crate::page::Visit;
use domain::handles::HandleKey;

#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) visit: Visit,
    pub(super) key: HandleKey,
    pub(super) view: View,
}
