//! `tollwarden key create`: a new API key, printed once.

use super::CommandFailure;
use crate::cli::{Global, KeyArgs};
use crate::opened;
use domain::audit::By;
use domain::keys::{Marks, parse_sources};
use engine::keys::{self, NewKey};
use std::time::Duration;

pub(super) async fn create(global: &Global, args: KeyArgs) -> Result<(), CommandFailure> {
    let KeyArgs { name, mut scope, source, trusted, counts, names, rate, expires, from } = args;
    scope.sort_unstable();
    scope.dedup();
    // The form's rules: no duplicates, and not too many.
    let sources: Vec<&str> = source.iter().map(|source| source.as_str()).collect();
    let sources = parse_sources(&sources.join(",")).map_err(engine::ChangeError::from)?;
    let marks = Marks { trusted, counts, names };
    let new = NewKey { expires, networks: from, sources, marks, rate, ..NewKey::new(name, scope) };
    opened::with(global, Duration::ZERO, async |opened| {
        let key = keys::create(&opened.db, &By::command(), new).await?;
        super::put(key.reveal())
    })
    .await
}
