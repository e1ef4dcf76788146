//! What every tab of the page is given.

use super::view::View;
use crate::page::Visit;
use domain::handles::HandleKey;

/// The address, the key that its handles are read with, and who looks.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) visit: Visit,
    pub(super) key: HandleKey,
    pub(super) view: View,
}
