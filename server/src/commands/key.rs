//! `tollwarden key create`: a new API key, printed once.

use super::Failure;
use crate::cli::Global;
use crate::place;
use domain::audit::By;
use domain::keys::KeyName;
use domain::roles::Scope;
use engine::keys::{self, NewKey};
use std::time::Duration;

pub(super) async fn create(
    global: &Global,
    name: KeyName,
    mut scopes: Vec<Scope>,
) -> Result<(), Failure> {
    scopes.sort_unstable();
    scopes.dedup();
    let new = NewKey { name, scopes, expires: None, sources: Vec::new(), trusted: false };
    place::with(global, Duration::ZERO, async |place| {
        let key = keys::create(&place.db, &By::command(), new).await?;
        super::put(key.reveal())
    })
    .await
}
