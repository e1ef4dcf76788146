//! The forms of the fraud alerts.

mod blocks;
mod bypasses;
mod names;
mod reports;
mod settings;

use super::links::{PATH, REPORT, report_path};
use super::view::Tab;
use crate::form::{Form, failed};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Fault, Invalid};
use engine::blocks::BlockError;
use islands::text::sentences;
use leptos::prelude::ServerFnError;
use uuid::Uuid;

/// The page of a form: a tab, or a report's page.
struct FormPage {
    page: &'static str,
    path: String,
}

impl FormPage {
    fn tab(of: Tab) -> Self {
        Self { page: PATH, path: of.path() }
    }

    fn of(report: &str, otherwise: Tab) -> Self {
        match report.parse::<Uuid>() {
            Ok(id) => Self { page: REPORT, path: report_path(id) },
            Err(_) => Self::tab(otherwise),
        }
    }

    fn form<'a>(&'a self, name: &'a str) -> Form<'a> {
        Form { page: self.page, path: &self.path, name }
    }
}

/// Shows the result of giving a block or a bypass; `kept` is what was typed.
async fn given(
    form: Form<'_>,
    kept: &[(&str, &str)],
    done: Result<String, BlockError>,
) -> Result<(), ServerFnError> {
    let error = match done {
        Ok(what) => return form.done(&what).await,
        Err(error) => error,
    };
    let words = error.to_string();
    let value = match error {
        BlockError::AlreadyBlocked(present) => present.value,
        BlockError::AlreadyBypassed(present) => present.value,
        BlockError::Invalid(invalid) => return form.refuse(kept, sentences(invalid)).await,
        error => return Err(failed(&error)),
    };
    let words = format!("{value} {words}.");
    form.refuse(kept, Invalid::one("value", Fault::Duplicate, words)).await
}

/// Shows the result of ending a block or a bypass: errors of its fields in its own form, everything
/// else above the list.
async fn ended(
    place: &FormPage,
    [own, above]: [&str; 2],
    reason: &str,
    ended: Result<String, BlockError>,
    gone: &str,
) -> Result<(), ServerFnError> {
    match ended {
        Ok(what) => place.form(above).done(&what).await,
        Err(BlockError::Invalid(invalid)) => {
            place.form(own).refuse(&[("reason", reason)], invalid).await
        }
        Err(BlockError::Missing) => {
            place.form(above).refuse(&[], Invalid::one("gone", Fault::NotFound, gone)).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// The chosen end: the time entered, or now plus the duration; empty for none.
fn end_of(lasts: &str, until: &str, now: DateTime<Utc>) -> Result<String, Invalid> {
    if !until.trim().is_empty() || lasts.is_empty() {
        return Ok(until.to_owned());
    }
    let seconds = lasts.parse::<i64>().ok().filter(|seconds| (1..=315_360_000).contains(seconds));
    match seconds {
        Some(seconds) => Ok((now + TimeDelta::seconds(seconds)).to_rfc3339()),
        None => Err(Invalid::one("lasts", Fault::InvalidChoice, "Choose a duration.")),
    }
}
