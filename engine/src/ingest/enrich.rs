//! Repeated events. The first event stored with an id keeps it; fields that it lacked and a
//! repetition has are added to the event and to everything derived from it. So a better export can
//! repair a bad one.

use super::{EventWriter, attempts, tally};
use chrono::{DateTime, Utc};
use domain::Region;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use store::events::{NewEvent, StoredEvent};
use store::tallies;
use uuid::Uuid;

/// An event that a repetition completed.
#[derive(Debug)]
pub(super) struct Enriched {
    pub(super) row: NewEvent,
    /// Whether its two names belong to one user.
    names: bool,
    /// Whether it had no cost before.
    pub(super) priced: bool,
}

impl EventWriter {
    /// Adds fields from repetitions to stored events. Returns the events that changed, in their new
    /// state.
    pub(super) async fn enrich(
        &mut self,
        conn: &mut PgConnection,
        tellings: impl Iterator<Item = &NewEvent>,
        now: DateTime<Utc>,
    ) -> store::Result<Vec<Enriched>> {
        let mut later: HashMap<Uuid, NewEvent> = HashMap::new();
        for telling in tellings {
            match later.get_mut(&telling.key) {
                Some(before) => _ = fill(before, telling),
                None => _ = later.insert(telling.key, telling.clone()),
            }
        }
        if later.is_empty() {
            return Ok(Vec::new());
        }
        let erased = store::erase::last(conn).await?;
        let mut counts = tallies::Counts::default();
        let mut filled = Vec::new();
        for mut known in found(conn, &later).await? {
            let Some(later) = later.get(&known.row.key) else { continue };
            // A log does not bring back a person who was erased from the event.
            if erased.is_some_and(|erased| known.received <= erased) {
                continue;
            }
            let before = known.row.clone();
            if !fill(&mut known.row, later) {
                continue;
            }
            self.move_to_journey(conn, &mut known).await?;
            tally(&mut counts, &before, -1);
            tally(&mut counts, &known.row, 1);
            store::events::rewrite(conn, &known).await?;
            let priced = before.event.cost.is_none() && known.row.event.cost.is_some();
            filled.push(Enriched { row: known.row, names: later.marks.names, priced });
        }
        if filled.is_empty() {
            return Ok(filled);
        }
        store::attempts::fold(conn, attempts(filled.iter().map(|one| &one.row))).await?;
        tallies::add(conn, self.number, &counts).await?;
        let naming = filled.iter().filter(|one| one.names).map(|one| &one.row.event);
        self.names.fill(conn, naming, now).await?;
        store::events::note_rewritten(conn).await?;
        Ok(filled)
    }

    /// An event that was an attempt by itself and now has a journey moves to that journey's
    /// attempt, unless another event has joined it.
    async fn move_to_journey(
        &self,
        conn: &mut PgConnection,
        known: &mut StoredEvent,
    ) -> store::Result<()> {
        let (own, to, time) = (known.row.attempt, known.row.event.attempt(), known.row.event.time);
        if own == to || own != known.row.key || store::events::is_shared(conn, own, time).await? {
            return Ok(());
        }
        known.row.attempt = to;
        if let Some(mut attempt) = store::attempts::take(conn, own).await? {
            attempt.id = to;
            store::attempts::fold(conn, vec![attempt]).await?;
        }
        Ok(())
    }
}

/// The stored versions of these events.
async fn found(
    conn: &mut PgConnection,
    later: &HashMap<Uuid, NewEvent>,
) -> store::Result<Vec<StoredEvent>> {
    // The first event may have had no journey; then it is an attempt by itself.
    let own = later.values().filter(|row| row.attempt != row.key).map(|row| (row, row.key));
    let asked = later.values().map(|row| (row, row.attempt)).chain(own);
    let asked: Vec<_> = asked.map(|(row, id)| (row.key, row.event.time, id)).collect();
    let mut all = store::events::known(conn, &asked).await?;
    // Or it had a journey that this repetition lacks.
    let there: HashSet<Uuid> = all.iter().map(|known| known.row.key).collect();
    let elsewhere = later.values().filter(|row| !there.contains(&row.key));
    let elsewhere: Vec<_> = elsewhere.map(|row| (row.key, row.event.time)).collect();
    all.extend(store::events::known_at(conn, &elsewhere).await?);
    Ok(all)
}

/// Fills missing fields and derives others from them. The sender of a number or cost is trusted no
/// more than for a new event.
fn fill(row: &mut NewEvent, later: &NewEvent) -> bool {
    let had_agent = row.event.user_agent.is_some();
    let had = (row.event.phone.is_some(), row.event.cost.is_some());
    if !row.event.fill(later.event.clone()) {
        return false;
    }
    if had != (row.event.phone.is_some(), row.event.cost.is_some()) {
        row.marks.counts &= later.marks.counts;
    }
    row.marks.names &= later.marks.names;
    row.region = row.region.or_else(|| row.event.phone.and_then(Region::of));
    if !had_agent {
        (row.browser, row.os) = (later.browser.clone(), later.os.clone());
    }
    true
}
