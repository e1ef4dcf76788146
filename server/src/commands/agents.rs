//! `tollwarden agents derive`: browsers and operating systems of stored events by today's patterns.

use super::{CommandFailure, progress_bar, put, say};
use crate::cli::Global;
use crate::opened;
use domain::audit::By;
use engine::agent::derive::{DerivedRows, derive};
use engine::agent::{DATE, REVISION};
use std::time::{Duration, Instant};

/// How long the current batch may take after a signal.
const GRACE: Duration = Duration::from_secs(20);

/// Prints the result as JSON; shows progress if stderr is a terminal.
pub(super) async fn run(global: &Global) -> Result<(), CommandFailure> {
    opened::with(global, GRACE, async |opened| {
        let bar = progress_bar(None, "{spinner} {msg}");
        say(format_args!("with uap-core's patterns of {DATE} (revision {REVISION})"));
        let begun = Instant::now();
        let told = |done: &DerivedRows| {
            let rate = done.read as f64 / begun.elapsed().as_secs_f64().max(0.001);
            bar.set_message(format!("{} events, {} changed, {rate:.0}/s", done.read, done.changed));
            bar.tick();
        };
        let outcome = derive(&opened.db, &By::command(), &opened.stop, told).await;
        bar.finish_and_clear();
        put(serde_json::to_string(&outcome?)?)?;
        if opened.stop.is_cancelled() { Err(CommandFailure::Interrupted) } else { Ok(()) }
    })
    .await
}
