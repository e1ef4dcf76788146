//! The form to verify the audit log.

use super::query::PATH;
use crate::{answer::redirect, form::engine, who};
use domain::doors::local_path;
use leptos::prelude::*;

/// Starts to verify the audit log unless a verification is running, and returns to the page, which
/// shows the progress.
#[server(prefix = "/_fn", endpoint = "verify-audit")]
async fn verify_audit(
    /// The page to return to.
    #[server(default)]
    back: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    engine.audit.checks.begin(who::by());
    let back = local_path(&back).filter(|path| path.split('?').next() == Some(PATH));
    redirect(&format!("{}#check", back.unwrap_or(PATH)))
}
