//! Deriving families again. Events keep their user agent, so newer patterns also apply to old
//! events and to everything counted from them.

use super::{Agents, DATE};
use crate::ingest::tally;
use crate::sync::retried;
use domain::audit::{Activity, By, Change};
use serde::Serialize;
use std::collections::HashSet;
use store::Db;
use store::events::{ArrivalPosition, Arrived};
use store::tallies;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events read at a time; those that change are written in one transaction.
const PIECE: i64 = 2_000;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DerivedRows {
    /// Events read.
    pub read: u64,
    /// Events without a user agent: the source sent none, or the person was erased. Their families
    /// do not change.
    pub without_agent: u64,
    /// Events whose browser or operating system family changed.
    pub changed: u64,
    /// Attempts whose browser family changed.
    pub attempts: u64,
}

/// Derives the families of all events again, in pieces and in the order of arrival, until `stop` is
/// cancelled. A second run finds nothing left to change. Afterwards servers reload the data that
/// they keep in memory. `progress` is called after each piece.
///
/// # Errors
/// If the store fails; the pieces written before stay changed.
pub async fn derive(
    db: &Db,
    by: &By,
    stop: &CancellationToken,
    progress: impl FnMut(&DerivedRows) + Send,
) -> store::Result<DerivedRows> {
    crate::secret::check(db).await?;
    let mut done = DerivedRows::default();
    let outcome = pieces(db, stop, &mut done, progress).await;
    // Always, even if nothing changed: an earlier run may have been killed.
    let mut write = db.write(by).await?;
    store::events::note_rewritten(write.conn()).await?;
    let change = Change::new(Activity::Derived, format!("uap-core {DATE}"));
    write.commit(change.after(serde_json::json!(done))).await?;
    outcome.map(|()| done)
}

async fn pieces(
    db: &Db,
    stop: &CancellationToken,
    done: &mut DerivedRows,
    mut progress: impl FnMut(&DerivedRows) + Send,
) -> store::Result<()> {
    let agents = Agents::default();
    let writer = tallies::new_writer(db.facts()).await?;
    let mut after = ArrivalPosition::default();
    while !stop.is_cancelled() {
        let piece = store::events::arrived(db.read(), after, PIECE).await?;
        let Some(last) = piece.last() else { break };
        after = last.place;
        let stale: Vec<&Arrived> = piece.iter().filter(|one| is_stale(&agents, one)).collect();
        let (changed, attempts) = retried(|| renew(db, &agents, writer, &stale)).await?;
        done.read += piece.len() as u64;
        done.without_agent += piece.iter().filter(|one| one.user_agent.is_none()).count() as u64;
        done.changed += changed;
        done.attempts += attempts;
        progress(done);
    }
    Ok(())
}

fn is_stale(agents: &Agents, event: &Arrived) -> bool {
    event.user_agent.as_deref().is_some_and(|agent| {
        let (browser, os) = agents.families(agent);
        event.browser.as_deref() != Some(&*browser) || event.os.as_deref() != Some(&*os)
    })
}

/// Writes events with their new families, and everything counted from them. Returns how many events
/// and how many attempts changed.
async fn renew(
    db: &Db,
    agents: &Agents,
    writer: i16,
    stale: &[&Arrived],
) -> store::Result<(u64, u64)> {
    if stale.is_empty() {
        return Ok((0, 0));
    }
    let mut tx = db.begin().await?;
    let asked: Vec<_> = stale.iter().map(|one| (one.key, one.time, one.attempt)).collect();
    let mut counts = tallies::Counts::default();
    let mut attempts: Vec<Uuid> = Vec::new();
    let mut changed = 0;
    let mut found = store::events::known(&mut tx, &asked).await?;
    // An event that named the journey in the meantime moved it to another attempt.
    let there: HashSet<Uuid> = found.iter().map(|known| known.row.key).collect();
    let moved = stale.iter().filter(|one| !there.contains(&one.key));
    let moved: Vec<_> = moved.map(|one| (one.key, one.time)).collect();
    found.extend(store::events::known_at(&mut tx, &moved).await?);
    for mut known in found {
        // Erased after it was read.
        let Some(agent) = known.row.event.user_agent.as_deref() else { continue };
        let (browser, os) = agents.families(agent);
        let before = known.row.clone();
        (known.row.browser, known.row.os) = (Some(browser), Some(os));
        tally(&mut counts, &before, -1);
        tally(&mut counts, &known.row, 1);
        store::events::rewrite(&mut tx, &known).await?;
        attempts.push(known.row.attempt);
        changed += 1;
    }
    let attempts = store::attempts::browsers_again(&mut tx, &attempts).await?;
    tallies::add(&mut tx, writer, &counts).await?;
    tx.commit().await?;
    Ok((changed, attempts))
}
