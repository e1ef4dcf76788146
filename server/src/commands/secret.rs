//! `tollwarden secret`: replaces the server's secret.

use super::CommandFailure;
use crate::cli::Global;
use crate::opened;
use domain::audit::By;
use engine::secret;
use std::path::Path;
use std::time::Duration;

/// Rotates the secret and prints the next steps.
pub(super) async fn rotate(global: &Global, output: Option<&Path>) -> Result<(), CommandFailure> {
    opened::with(global, Duration::ZERO, async |opened| {
        let by = By::command();
        let (rotated, path) = match (&opened.secret_file, output) {
            (Some(_), Some(_)) if global.secret_file.is_none() => {
                return Err(CommandFailure::new(
                    "the secret is in --data-dir and is replaced there; leave out --output",
                ));
            }
            (Some(path), None) => (secret::rotate_file(&opened.db, &by, path).await?, &**path),
            (_, Some(path)) => (secret::rotate_into(&opened.db, &by, path).await?, path),
            (None, None) => {
                return Err(CommandFailure::new(
                    "the secret comes from TOLLWARDEN_SECRET, which cannot be changed from here; \
                     name a file for the new one with --output",
                ));
            }
        };
        if rotated.unreadable > 0 {
            super::say(format!(
                "{} encrypted secrets could not be decrypted before either and stay as they are",
                rotated.unreadable
            ));
        }
        super::say(format!(
            "the secret in {} is new: the audit log continues under key {}, {} secrets were \
             encrypted again. Give it to every server of this database and restart them now; \
             until then they refuse every change",
            path.display(),
            rotated.key,
            rotated.sealed
        ));
        Ok(())
    })
    .await
}
