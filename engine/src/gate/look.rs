//! Looks at the store: all of it at the start, and then what was committed since the last look,
//! by this server or another.

use super::Shared;
use super::live::{self, HOURS, State};
use crate::settings;
use chrono::TimeDelta;
use domain::{countries, rules};
use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use store::Db;
use store::events::Position;

/// Days that a number may be trusted at most.
const TRUST_DAYS: i64 = rules::TRUST_DAYS_MAX as i64;

/// Reads everything: settings, blocks, bypasses, trusted numbers, and the last day's sends.
pub(super) async fn load(db: &Db) -> Result<State, store::Error> {
    let now = db.clock.now();
    let mut conn = db.pool.acquire().await?;
    let (position, versions) = store::gate::look(&mut conn).await?;
    let mut state = State::new(position, now);
    state.obey(
        settings::load::<countries::Settings>(&mut conn).await?.settings,
        settings::load::<rules::Settings>(&mut conn).await?.settings,
    );
    state.versions = versions;
    let start = Position::default();
    for stand in store::gate::blocks_after(&mut conn, start).await? {
        state.block(stand);
    }
    for stand in store::gate::bypasses_after(&mut conn, start).await? {
        state.bypass(stand);
    }
    let trusted = now - TimeDelta::days(TRUST_DAYS);
    for (phone, verified) in store::gate::trusted_after(&mut conn, start, trusted).await? {
        state.ledger.trust(phone, verified);
    }
    drop(conn);
    let from = now - TimeDelta::hours(HOURS);
    let (rules, currency) = (state.rules.clone(), state.rules.settings().spend.currency);
    let micros = now.timestamp_micros();
    store::gate::sends_since(&db.pool, from, position, |send| {
        live::note(&mut state.ledger, &rules, currency, &send, micros);
    })
    .await?;
    Ok(state)
}

impl Shared {
    /// Takes in what was committed since the last look. Transactions end in another order than
    /// they begin: what was written by those from the position on is read again until every one
    /// of them has ended, and folded in once.
    pub(super) async fn follow(&self) -> Result<(), store::Error> {
        let _one = self.looking.lock().await;
        let changes = self.db.changes();
        let looked = self.look().await;
        self.blind.store(looked.is_err(), Ordering::Relaxed);
        if looked.is_ok() {
            self.seen.store(changes, Ordering::Release);
        }
        looked
    }

    async fn look(&self) -> Result<(), store::Error> {
        let now = self.db.clock.now();
        let (since, versions) = {
            let state = self.state();
            (state.position, state.versions)
        };
        let own: Vec<i64> = {
            let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            own.iter().copied().collect()
        };
        let mut conn = self.db.pool.acquire().await?;
        // The position comes first: what commits after it is read by the next look.
        let (position, newest) = store::gate::look(&mut conn).await?;
        let settings = if newest == versions {
            None
        } else {
            Some((
                settings::load::<countries::Settings>(&mut conn).await?.settings,
                settings::load::<rules::Settings>(&mut conn).await?.settings,
            ))
        };
        let blocks = store::gate::blocks_after(&mut conn, since).await?;
        let bypasses = store::gate::bypasses_after(&mut conn, since).await?;
        let trusted = now - TimeDelta::days(TRUST_DAYS);
        let trusted = store::gate::trusted_after(&mut conn, since, trusted).await?;
        let from = now - TimeDelta::hours(HOURS);
        let sends = store::gate::sends_after(&mut conn, since, from, &own).await?;
        drop(conn);

        let micros = now.timestamp_micros();
        let mut state = self.state();
        if let Some((countries, rules)) = settings {
            state.obey(countries, rules);
            state.versions = newest;
        }
        blocks.into_iter().for_each(|stand| state.block(stand));
        bypasses.into_iter().for_each(|stand| state.bypass(stand));
        trusted.into_iter().for_each(|(phone, time)| state.ledger.trust(phone, time));
        let mut recent = HashSet::with_capacity(sends.len());
        for send in &sends {
            recent.insert(send.key);
            if !state.recent.contains(&send.key) {
                state.fold(send, micros);
            }
        }
        state.recent = recent;
        state.position = position;
        state.looked = now;
        state.forget(now);
        drop(state);
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.retain(|xid| *xid >= position.xid);
        Ok(())
    }
}
