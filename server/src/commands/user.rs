//! `tollwarden user add`: a console account.

use super::CommandFailure;
use crate::cli::Global;
use crate::opened;
use domain::accounts::PASSWORD_MAX;
use domain::audit::By;
use domain::roles::Role;
use engine::accounts;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::time::Duration;

pub(super) async fn add(global: &Global, email: &str, role: Role) -> Result<(), CommandFailure> {
    let password = password()?;
    let account = opened::with(global, Duration::ZERO, async |opened| {
        Ok(accounts::add(&opened.db, &By::command(), email, role, &password).await?)
    })
    .await?;
    super::say(format!("{} can sign in as {}", account.email, account.role));
    Ok(())
}

/// The first line of stdin, without its line end.
fn password() -> Result<String, CommandFailure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let mut stderr = std::io::stderr();
        write!(stderr, "Password (shown as you type): ")?;
        stderr.flush()?;
    }
    // At most 4 bytes for each character; one more, and the line end, to detect a longer password.
    let longest = u64::try_from(PASSWORD_MAX * 4 + 2).unwrap_or(u64::MAX);
    let mut line = Vec::new();
    stdin.lock().take(longest).read_until(b'\n', &mut line)?;
    let line = String::from_utf8(line)
        .map_err(|_| CommandFailure::new("the password on stdin is not UTF-8"))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
