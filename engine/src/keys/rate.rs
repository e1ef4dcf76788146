//! Rate limits: each server has one bucket of requests for each key.

use super::KeyError;
use super::known::Keys;
use super::memory::Known;
use domain::keys::take;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Keys {
    /// Takes a request from a key's bucket in this process.
    pub(super) fn take(&self, known: &Known) -> Result<(), KeyError> {
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
