//! `tollwarden number-data`: loads newer number metadata without a release, or goes back to the
//! built-in one.

use super::{CommandFailure, progress_bar, put, say};
use crate::cli::{Global, NumberDataCommand};
use crate::opened::{self, OpenedDatabase};
use domain::audit::By;
use domain::numbers::{ChangedNumbers, MetadataChanges, NUMBER_DATA_MAX, Plans};
use engine::number_data::{DAYS, Offered, compare, replace, unpack};
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// Prints which numbers change and whether the metadata is in use now, as one line of JSON.
pub(super) async fn run(global: &Global, what: &NumberDataCommand) -> Result<(), CommandFailure> {
    // Refuse what can be refused before the database is opened.
    let (offered, yes) = match what {
        NumberDataCommand::Update { file, yes } => (read(file)?, *yes),
        NumberDataCommand::Reset { yes } => (Offered::built_in(), *yes),
    };
    opened::with(global, Duration::ZERO, async |opened| {
        let before = Plans::current();
        say(format_args!("current: {}; new: {}", before.name(), offered.plans.name()));
        let moves = compared(&opened, &offered).await?;
        print_changes(&moves);
        let agreed = yes || ask()?;
        let changed = agreed && replace(&opened.db, &By::command(), &offered).await?;
        say(match (agreed, changed) {
            (false, _) => "nothing was changed",
            (true, false) => "this data is in use already; nothing was changed",
            (true, true) => "the data is in use; running servers load it within seconds",
        });
        put(json!({
            "before": before.name(),
            "after": offered.plans.name(),
            "days": DAYS,
            "moves": moves,
            "changed": changed,
        }))
    })
    .await
}

/// Reads and unpacks a metadata file.
fn read(path: &Path) -> Result<Offered, CommandFailure> {
    let wrong =
        |what: &dyn std::fmt::Display| CommandFailure::new(format!("{} {what}", path.display()));
    let cannot = |error: std::io::Error| wrong(&format_args!("cannot be read: {error}"));
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    // One byte more than allowed, to detect a file that is too large.
    file.take(NUMBER_DATA_MAX as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (text, name) = unpack(&bytes, &name).map_err(|what| wrong(&what))?;
    Offered::read(&text, &name).map_err(|what| wrong(&what))
}

async fn compared(
    opened: &OpenedDatabase,
    offered: &Offered,
) -> Result<MetadataChanges, CommandFailure> {
    let bar = progress_bar(None, "{spinner} {msg}");
    let moves = compare(&opened.db, &offered.plans, |moves| {
        bar.set_message(format!("{} numbers compared", moves.numbers));
        bar.tick();
    })
    .await;
    bar.finish_and_clear();
    Ok(moves?)
}

fn print_changes(moves: &MetadataChanges) {
    say(format_args!("{} numbers of the last {DAYS} days were compared", moves.numbers));
    let line = |what: &str, moved: &ChangedNumbers| {
        say(format_args!("{what}: {} change", moved.moved));
        for example in &moved.examples {
            say(format_args!("  {}: {} → {}", example.number, example.before, example.after));
        }
    };
    line("region", &moves.region);
    line("type", &moves.kind);
    line("validity", &moves.validity);
    line("spelling", &moves.spelling);
}

/// Asks for confirmation on the terminal.
fn ask() -> Result<bool, CommandFailure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(CommandFailure::new(
            "cannot ask for confirmation here; nothing was changed: use --yes",
        ));
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "Use this data from now on? [y/N] ")?;
    stderr.flush()?;
    let mut line = String::new();
    stdin.lock().take(100).read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
