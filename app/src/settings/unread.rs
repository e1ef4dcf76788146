//! The replacement for a part of the page that could not be read.

use crate::page::log_load_error;
use leptos::prelude::*;
use std::error::Error;

/// Replaces a part of the page that could not be read.
pub(super) fn unread(what: &'static str, error: &(dyn Error + 'static)) -> AnyView {
    log_load_error(what, error).view(format!("The {what} could not be read."), "/settings")
}
