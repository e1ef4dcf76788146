//! The state of sources: what each sent, and whether it has gone silent.

use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use domain::health::silent_for;
use store::Db;

/// State of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// It is sending.
    Live,
    /// Its events only ever came in files.
    Files,
    /// It has been silent for this time, longer than ever before.
    Silent(TimeDelta),
}

/// A source with its state and counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHealth {
    /// Name of the source.
    pub name: String,
    /// Whether it sends or is silent.
    pub state: SourceState,
    /// When it last sent something.
    pub last_received: DateTime<Utc>,
    /// Time of its newest event.
    pub last_event: Option<DateTime<Utc>>,
    /// Age of its newest event when it came in.
    pub delay: Option<TimeDelta>,
    /// Events with times in the last hour.
    pub last_hour: u64,
    /// Events stored since the beginning.
    pub accepted: u64,
    /// Duplicates since the beginning.
    pub duplicates: u64,
    /// Rejected records since the beginning.
    pub rejected: u64,
}

/// Every source, sorted by name.
///
/// # Errors
/// If the store fails.
pub async fn list(db: &Db) -> Result<Vec<SourceHealth>, Error> {
    let now = db.clock.now();
    let sources = store::sources::list(db.read(), now).await?;
    Ok(sources.into_iter().map(|source| health(source, now)).collect())
}

/// Silent sources with their silence, longest first.
///
/// # Errors
/// If the store fails.
pub async fn silent(db: &Db) -> Result<Vec<(String, TimeDelta)>, Error> {
    let mut silent: Vec<_> = list(db)
        .await?
        .into_iter()
        .filter_map(|source| match source.state {
            SourceState::Silent(length) => Some((source.name, length)),
            SourceState::Live | SourceState::Files => None,
        })
        .collect();
    silent.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    Ok(silent)
}

fn health(source: store::sources::SourceTotals, now: DateTime<Utc>) -> SourceHealth {
    let (first, last) = (source.first_received, source.last_received);
    let silence = silent_for(source.live, first, last, source.longest_silence, now);
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    SourceHealth {
        state: match silence {
            Some(length) => SourceState::Silent(length),
            None if source.live => SourceState::Live,
            None => SourceState::Files,
        },
        name: source.source,
        last_received: last,
        last_event: source.last_event,
        delay: source.last_event.map(|event| last - event),
        last_hour: count(source.last_hour),
        accepted: count(source.accepted),
        duplicates: count(source.duplicates),
        rejected: count(source.rejected),
    }
}
