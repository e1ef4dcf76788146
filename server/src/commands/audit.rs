//! `tollwarden audit verify`: verifies the audit log.

use super::CommandFailure;
use crate::cli::Global;
use crate::opened;
use domain::audit::Head;
use engine::audit::{VerifyError, verify};
use std::process::ExitCode;
use std::time::Duration;

/// Prints the head as SEQ:HASH and the number of entries, or the first fault.
pub(super) async fn verify_log(
    global: &Global,
    head: Option<Head>,
) -> Result<ExitCode, CommandFailure> {
    opened::with(global, Duration::ZERO, async |opened| {
        match verify(&opened.db, head, |_| ()).await {
            Ok(verified) => {
                super::put(verified.head)?;
                let entries = if verified.count == 1 { "entry" } else { "entries" };
                super::put(format!("{} {entries}", verified.count))?;
                if let Some(after) = verified.after {
                    super::say(format!(
                        "begins after {after}, the last entry that retention dropped"
                    ));
                }
                if verified.erased > 0 {
                    super::say(format!(
                        "people were erased from {} of these entries",
                        verified.erased
                    ));
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(VerifyError::Broken(broken)) => {
                super::put(broken)?;
                Ok(ExitCode::FAILURE)
            }
            Err(VerifyError::Store(error)) => Err(error.into()),
        }
    })
    .await
}
