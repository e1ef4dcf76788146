//! The button that verifies the log.

use super::query::PATH;
use crate::form::{failed, see_other};
use crate::who;
use domain::doors::local_path;
use engine::Engine;
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
    let engine = use_context::<Engine>();
    let engine = engine.ok_or_else(|| failed(&std::io::Error::other("no engine in context")))?;
    engine.audit.checks.begin(who::by());
    let back = local_path(&back).filter(|path| path.split('?').next() == Some(PATH));
    see_other(&format!("{}#check", back.unwrap_or(PATH)));
    Ok(())
}
