//! `tollwarden agents derive`: browsers and operating systems of stored events by today's patterns.

use super::{Failure, put, say};
use crate::cli::Global;
use crate::opened;
use domain::audit::By;
use engine::agent::derive::{Done, derive};
use engine::agent::{DATE, REVISION};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// How long the piece that is being written may take when a signal came.
const GRACE: Duration = Duration::from_secs(20);

/// Prints what was done as JSON; how far it is goes to a terminal on stderr.
pub(super) async fn run(global: &Global) -> Result<(), Failure> {
    opened::with(global, GRACE, async |opened| {
        // Draws nothing where stderr is no terminal.
        let target = ProgressDrawTarget::stderr_with_hz(5);
        let bar = ProgressBar::with_draw_target(None, target);
        // A template that cannot be read would leave the plain bar.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        say(format_args!("by uap-core's patterns of {DATE} (revision {REVISION})"));
        let begun = Instant::now();
        let told = |done: &Done| {
            let rate = done.read as f64 / begun.elapsed().as_secs_f64().max(0.001);
            bar.set_message(format!("{} events, {} changed, {rate:.0}/s", done.read, done.changed));
            bar.tick();
        };
        let outcome = derive(&opened.db, &By::command(), &opened.stop, told).await;
        bar.finish_and_clear();
        put(serde_json::to_string(&outcome?)?)?;
        if opened.stop.is_cancelled() { Err(Failure::Interrupted) } else { Ok(()) }
    })
    .await
}
