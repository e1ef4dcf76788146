//! The page's forms.

mod blocks;
mod bypasses;
mod names;
mod reports;
mod settings;

pub use blocks::{Block, BlockMany, LiftBlocks, Unblock};
pub use bypasses::{EndBypass, GiveBypass};
pub use names::{JoinNames, PartName};
pub use reports::HandleReport;
pub use settings::{RestoreFraudAlerts, SaveFraudAlerts};

use super::links::{PATH, REPORT, report_path};
use super::tabs::tab;
use super::view::Tab;
use crate::form::{Form, failed};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Fault, Invalid};
use engine::blocks::BlockError;
use leptos::prelude::ServerFnError;
use uuid::Uuid;

/// Where a form stands: in a tab, or on a report's page.
struct Place {
    page: &'static str,
    path: String,
}

impl Place {
    fn tab(of: Tab) -> Self {
        Self { page: PATH, path: tab(of) }
    }

    /// The report's page, if a report is named; else the tab.
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

/// Says that something is ended, or why not: its own form tells what was wrong with that, the one
/// above the list that it was over already.
async fn ended(
    place: &Place,
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

/// The end that was chosen: a time that was entered, or a length from now; empty for none.
fn end_of(lasts: &str, until: &str, now: DateTime<Utc>) -> Result<String, Invalid> {
    if !until.trim().is_empty() || lasts.is_empty() {
        return Ok(until.to_owned());
    }
    let seconds = lasts.parse::<i64>().ok().filter(|seconds| (1..=315_360_000).contains(seconds));
    match seconds {
        Some(seconds) => Ok((now + TimeDelta::seconds(seconds)).to_rfc3339()),
        None => Err(Invalid::one("lasts", Fault::InvalidChoice, "Choose one of the lengths.")),
    }
}
