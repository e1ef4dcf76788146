//! Events told again. An id is used up by what was stored of it: what a later telling has and the
//! first lacked is added, to the event and to every fold of it, so that a bad export can be made
//! good with a better one.

use super::{Pen, tally};
use chrono::{DateTime, Utc};
use domain::Region;
use domain::attempts::Attempt;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use store::events::{Known, NewEvent};
use store::tallies;
use uuid::Uuid;

impl Pen {
    /// Adds to events in the store what later tellings of them have more; the keys of those that
    /// lacked something.
    pub(super) async fn enrich(
        &mut self,
        conn: &mut PgConnection,
        tellings: impl Iterator<Item = &NewEvent>,
        now: DateTime<Utc>,
    ) -> store::Result<HashSet<Uuid>> {
        let mut later: HashMap<Uuid, NewEvent> = HashMap::new();
        for telling in tellings {
            match later.get_mut(&telling.key) {
                Some(before) => {
                    fill(before, telling);
                }
                None => {
                    later.insert(telling.key, telling.clone());
                }
            }
        }
        // The first telling may have had no journey, and is an attempt of its own then.
        let asked: Vec<_> = later
            .values()
            .flat_map(|row| [row.attempt, row.key].map(|id| (row.key, row.event.time, id)))
            .collect();
        let mut counts = tallies::Counts::default();
        let mut filled = Vec::new();
        for mut known in store::events::known(conn, &asked).await? {
            let Some(later) = later.get(&known.row.key) else { continue };
            let before = known.row.clone();
            if !fill(&mut known.row, later) {
                continue;
            }
            self.move_to_journey(conn, &mut known).await?;
            tally(&mut counts, &before, -1);
            tally(&mut counts, &known.row, 1);
            store::events::rewrite(conn, &known).await?;
            filled.push((known.row, later.marks.names));
        }
        if filled.is_empty() {
            return Ok(HashSet::new());
        }
        let mut parts: HashMap<Uuid, Attempt> = HashMap::new();
        for (row, _) in &filled {
            let part = part(row);
            match parts.get_mut(&part.id) {
                Some(known) => known.merge(part),
                None => {
                    parts.insert(part.id, part);
                }
            }
        }
        store::attempts::fold(conn, parts.into_values().collect()).await?;
        tallies::add(conn, self.number, &counts).await?;
        let naming = filled.iter().filter(|(_, names)| *names).map(|(row, _)| &row.event);
        self.names.fill(conn, naming, now).await?;
        store::events::note_rewritten(conn).await?;
        Ok(filled.into_iter().map(|(row, _)| row.key).collect())
    }

    /// An event that was an attempt of its own and has a journey now belongs to that one's, unless
    /// something else was found to belong to it.
    async fn move_to_journey(
        &self,
        conn: &mut PgConnection,
        known: &mut Known,
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

/// Takes what is missing, and derives from it what is derived.
fn fill(row: &mut NewEvent, later: &NewEvent) -> bool {
    let had_agent = row.event.user_agent.is_some();
    if !row.event.fill(later.event.clone()) {
        return false;
    }
    row.region = row.region.or_else(|| row.event.phone.and_then(Region::of));
    if !had_agent {
        (row.browser, row.os) = (later.browser.clone(), later.os.clone());
    }
    true
}

fn part(row: &NewEvent) -> Attempt {
    let mut part = Attempt::of(&row.event, row.region, row.browser.as_deref());
    part.id = row.attempt;
    part
}
