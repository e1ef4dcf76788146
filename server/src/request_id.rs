//! The id that connects a request with its lines in the log.

use domain::keys::hex;
use std::sync::Arc;

/// Shown in the header `x-request-id`, on error pages and in the log.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn random() -> Self {
        Self(hex(&store::random::bytes::<8>()).into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
