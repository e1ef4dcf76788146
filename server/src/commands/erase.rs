//! `tollwarden erase`: takes a person out of every table.

use super::CommandFailure;
use crate::cli::{EraseArgs, Global};
use crate::opened;
use domain::audit::By;
use domain::erase::Whom;
use serde_json::json;
use std::time::Duration;

/// Prints the number of affected rows of each table as JSON; progress goes to stderr.
pub(super) async fn run(global: &Global, args: &EraseArgs) -> Result<(), CommandFailure> {
    let whom = match (&args.user, args.phone) {
        (Some(user), _) => Whom::User(user.clone()),
        (None, Some(phone)) => Whom::Phone(phone),
        (None, None) => return Err(CommandFailure::new("give --user or --phone")),
    };
    let spool = global.spool();
    opened::with(global, Duration::ZERO, async |opened| {
        let told = |table: &str, rows: u64| {
            if rows > 0 {
                super::say(format!("{table}: {rows}"));
            }
        };
        let done =
            engine::erase::erase(&opened.db, &By::command(), &whom, args.dry_run, told).await?;
        if !args.dry_run {
            engine::imports::forget_rejected(&spool)?;
        }
        super::put(json!({ "rows": done.rows }))
    })
    .await
}
