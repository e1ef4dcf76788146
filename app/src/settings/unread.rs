//! A part of the page that could not be read.

use crate::page::lost;
use leptos::prelude::*;
use std::error::Error;

/// Says so in its place.
pub(super) fn unread(what: &'static str, error: &(dyn Error + 'static)) -> AnyView {
    lost(what, error).view(format!("The {what} could not be read."), "/settings")
}
