//! Failed authentications: counted as they come and written when their minute is over.

use super::failed::{Why, write};
use super::known::Keys;
use super::{KeyError, KeyHolder};
use crate::Error;
use crate::work::Progress;
use std::net::IpAddr;
use std::sync::PoisonError;

impl Keys {
    /// Writes the failures of past minutes to the audit log.
    ///
    /// # Errors
    /// If the store fails; the failures are kept for the next call.
    pub async fn step(&self) -> Result<Progress, Error> {
        let wrote = write(&self.0.db, &self.0.failed, Some(self.0.db.clock.now())).await?;
        Ok(Progress::of(wrote > 0))
    }

    /// Writes all failures, including those of the current minute, at shutdown. Returns the number
    /// of entries.
    ///
    /// # Errors
    /// If the store fails; the failures are kept for the next call.
    pub async fn flush(&self) -> Result<usize, store::Error> {
        write(&self.0.db, &self.0.failed, None).await
    }

    /// Counts a failure; returns whether its answer must be delayed.
    pub(super) fn note_failure(&self, opened: &Result<KeyHolder, KeyError>, from: IpAddr) -> bool {
        let (why, key) = match opened {
            Err(KeyError::Unknown) => (Why::Unknown, None),
            Err(KeyError::Ended { name }) => (Why::Ended, Some(&**name)),
            Err(KeyError::Address { name }) => (Why::Address, Some(&**name)),
            _ => return false,
        };
        let now = self.0.db.clock.now();
        let failed = &self.0.failed;
        failed.lock().unwrap_or_else(PoisonError::into_inner).note(why, key, from, now)
    }
}
