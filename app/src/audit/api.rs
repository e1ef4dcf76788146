//! The button that verifies the log.

use super::query::PATH;
use crate::answer::see_other;
use crate::form::engine;
use crate::who;
use domain::doors::local_path;
use leptos::prelude::*;

/// Begins to verify the audit log, unless that is under way, and goes back to the page, which
/// shows how far it is.
///
/// # Errors
/// When there is no engine.
#[server(prefix = "/_fn", endpoint = "verify-audit")]
pub async fn verify_audit(
    /// The page's address.
    #[server(default)]
    back: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    engine.audit.checks.begin(who::by());
    let back = local_path(&back).filter(|path| path.split('?').next() == Some(PATH));
    see_other(&format!("{}#check", back.unwrap_or(PATH)));
    Ok(())
}
