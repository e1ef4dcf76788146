//! What ties a request to its lines in the log.

use domain::keys::hex;
use std::sync::Arc;

/// What ties an answer (`x-request-id`) and an error page to lines in the log.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(hex(&store::random::bytes::<8>()).into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
