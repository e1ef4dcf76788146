//! Who tells of made-up traffic.

use crate::Source;

/// The sources that tell of it.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) b2c: Source,
    pub(super) entra: Source,
    pub(super) twilio: Source,
}
