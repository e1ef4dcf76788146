//! Refusals: failed authentications, counted as they come and written when their minute is over;
//! and rate limits.

use super::failed::{KeyFailure, entries};
use super::known::Keys;
use super::memory::CachedKey;
use super::{KeyError, KeyHolder};
use crate::Error;
use crate::sync::lock;
use crate::work::Progress;
use chrono::{DateTime, Utc};
use domain::keys::take;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Keys {
    /// Writes the failures of past minutes to the audit log.
    ///
    /// # Errors
    /// If the store fails; the failures are kept for the next call.
    pub async fn step(&self) -> Result<Progress, Error> {
        Ok(Progress::of(self.write(Some(self.0.db.clock.now())).await? > 0))
    }

    /// Writes all failures, including those of the current minute, at shutdown. Returns the number
    /// of entries.
    ///
    /// # Errors
    /// If the store fails; the failures are kept for the next call.
    pub async fn flush(&self) -> Result<usize, store::Error> {
        self.write(None).await
    }

    /// Writes the minutes before a time, or all without one, and returns the number of entries.
    /// Minutes that cannot be written are kept for the next call.
    async fn write(&self, before: Option<DateTime<Utc>>) -> store::Result<usize> {
        let minutes = lock(&self.0.failed).take(before);
        let entries = entries(&minutes);
        if entries.is_empty() {
            return Ok(0);
        }
        let written = self.0.db.record(&entries).await;
        if written.is_err() {
            lock(&self.0.failed).put_back(minutes);
        }
        written.map(|()| entries.len())
    }

    /// Counts a failure; returns whether its answer must be delayed.
    pub(super) fn note_failure(&self, opened: &Result<KeyHolder, KeyError>, from: IpAddr) -> bool {
        let (why, key) = match opened {
            Err(KeyError::Unknown) => (KeyFailure::Unknown, None),
            Err(KeyError::Ended { name }) => (KeyFailure::Ended, Some(&**name)),
            Err(KeyError::Address { name }) => (KeyFailure::Address, Some(&**name)),
            _ => return false,
        };
        lock(&self.0.failed).note(why, key, from, self.0.db.clock.now())
    }

    /// Takes a request from a key's bucket: each server has one for each key.
    pub(super) fn take(&self, known: &CachedKey) -> Result<(), KeyError> {
        let rate = known.row.rate;
        let now = u64::try_from(self.0.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let mut wait = 0;
        let taken = known.full.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full| {
            take(rate, full, now).map_err(|longer| wait = longer).ok()
        });
        let wait = Duration::from_nanos(wait);
        taken.map(drop).map_err(|_| KeyError::Rate { rate: rate.get(), wait })
    }
}
