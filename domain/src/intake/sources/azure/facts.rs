//! A record's content before it becomes an event.

use crate::sources::Rejection;
use crate::sources::text::{no_nul, within};
use crate::{Fault, Source};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// A record's content, independent of its shape: blanks and `N/A` are removed, details are by key.
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
    pub(super) fn detail(&self, key: &str) -> Option<&str> {
        self.details
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_ref())
    }

    /// Refuses texts that cannot be stored; reason and user are named by the fields they are from.
    pub(super) fn check(&self, reason: &str, user: &str) -> Result<(), Rejection> {
        let texts = [
            ("operationName", Some(&self.operation)),
            ("result", Some(&self.result)),
            (reason, self.reason.as_ref()),
            ("correlationId", self.journey.as_ref()),
            (user, self.user.as_ref()),
        ];
        let mut given = texts.iter().filter_map(|(field, text)| Some((field, (*text)?)));
        given.try_for_each(|(field, text)| no_nul(field, text))
    }
}

/// The source of the record's log.
pub(super) fn source(b2c: bool) -> Result<Source, Rejection> {
    let name = if b2c { "b2c" } else { "entra" };
    name.parse()
        .map_err(|message: &str| Rejection::new(Fault::InvalidValue, "loggedByService", message))
}

/// A text within the contract's limit.
pub(super) fn limited(
    field: &str,
    text: Option<&str>,
    limit: usize,
) -> Result<Option<String>, Rejection> {
    text.map(|text| within(field, text, limit).map(|()| text.to_owned())).transpose()
}
