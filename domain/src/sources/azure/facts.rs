//! What a record says, before it is an event.

use crate::sources::Rejection;
use crate::sources::text::within;
use crate::{Fault, Source};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// What a record says, whatever its shape: blanks and `N/A` are gone, details stand by their key.
pub(super) struct Facts<'a> {
    pub(super) time: DateTime<Utc>,
    pub(super) operation: Cow<'a, str>,
    pub(super) result: Cow<'a, str>,
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) journey: Option<Cow<'a, str>>,
    pub(super) user: Option<Cow<'a, str>>,
    pub(super) details: Vec<(&'a str, Cow<'a, str>)>,
}

impl Facts<'_> {
    /// A detail by its key.
    pub(super) fn detail(&self, key: &str) -> Option<&str> {
        self.details
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_ref())
    }
}

/// Whose log it is in.
pub(super) fn source(b2c: bool) -> Result<Source, Rejection> {
    let name = if b2c { "b2c" } else { "entra" };
    name.parse()
        .map_err(|message: &str| Rejection::new(Fault::InvalidValue, "loggedByService", message))
}

/// A text that is not longer than the contract allows.
pub(super) fn limited(
    field: &str,
    text: Option<&str>,
    limit: usize,
) -> Result<Option<String>, Rejection> {
    text.map(|text| within(field, text, limit).map(|()| text.to_owned())).transpose()
}
