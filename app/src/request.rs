//! What came with the request that is being answered. `None` outside of one, as in tests.

use http::{HeaderName, request::Parts};
use leptos::prelude::use_context;

/// What the server laid beside the request.
pub(crate) fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<T>().cloned())
}

/// The value of a header, if it is text.
pub(crate) fn header(name: HeaderName) -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}
