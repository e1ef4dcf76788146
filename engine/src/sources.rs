//! How the sources are: what each sent, and whether it has gone silent.

use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use domain::health::silent_for;
use store::Db;

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It sends.
    Live,
    /// It only ever came in files.
    Files,
    /// It has been silent for longer than it ever was.
    Silent(TimeDelta),
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: State,
    /// When it was last heard of.
    pub last_received: DateTime<Utc>,
    /// The time of its newest event.
    pub last_event: Option<DateTime<Utc>>,
    /// How far its newest event lay back when it came.
    pub delay: Option<TimeDelta>,
    /// Events with times in the last hour.
    pub last_hour: u64,
    /// Events taken, ever.
    pub accepted: u64,
    /// Duplicates, ever.
    pub duplicates: u64,
    /// Records refused, ever.
    pub rejected: u64,
}

/// Every source, by name.
///
/// # Errors
/// When the store refuses.
pub async fn list(db: &Db) -> Result<Vec<Health>, Error> {
    let now = db.clock.now();
    let sources = store::sources::list(db.read(), now).await?;
    Ok(sources.into_iter().map(|source| health(source, now)).collect())
}

/// The sources that have gone silent, the longest silence first.
///
/// # Errors
/// When the store refuses.
pub async fn silent(db: &Db) -> Result<Vec<(String, TimeDelta)>, Error> {
    let mut silent: Vec<_> = list(db)
        .await?
        .into_iter()
        .filter_map(|source| match source.state {
            State::Silent(length) => Some((source.name, length)),
            State::Live | State::Files => None,
        })
        .collect();
    silent.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    Ok(silent)
}

fn health(source: store::sources::Health, now: DateTime<Utc>) -> Health {
    let silence = silent_for(
        source.live,
        source.first_received,
        source.last_received,
        source.longest_silence,
        now,
    );
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Health {
        state: match silence {
            Some(length) => State::Silent(length),
            None if source.live => State::Live,
            None => State::Files,
        },
        name: source.source,
        last_received: source.last_received,
        last_event: source.last_event,
        delay: source.last_event.map(|event| source.last_received - event),
        last_hour: count(source.last_hour),
        accepted: count(source.accepted),
        duplicates: count(source.duplicates),
        rejected: count(source.rejected),
    }
}
