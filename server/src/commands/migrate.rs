//! `tollwarden migrate`: brings the schema up to date, as every subcommand does, and normalizes
//! stored spellings of numbers and networks, which a server does in the background.

use super::CommandFailure;
use crate::cli::Global;
use crate::opened;
use engine::spellings::{CorrectedRows, put_right};
use std::time::Duration;

pub(super) async fn run(global: &Global) -> Result<(), CommandFailure> {
    opened::with(global, Duration::ZERO, async |opened| {
        super::say("the schema is up to date");
        // `None` means done before, or stopped.
        let done = put_right(&opened.db, &opened.stop).await?;
        if opened.stop.is_cancelled() {
            return Err(CommandFailure::Interrupted);
        }
        if let Some(done) = done {
            let CorrectedRows { events, blocks, bypasses, reports } = done;
            super::say(format!(
                "spelling of numbers and networks corrected in {events} events, {blocks} blocks, \
                 {bypasses} bypasses and {reports} fraud reports"
            ));
        }
        Ok(())
    })
    .await
}
