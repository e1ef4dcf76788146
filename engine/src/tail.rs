//! How far something in memory has followed the store, and reading what came since.

use sqlx::PgPool;
use std::time::Instant;
use store::events::{Position, horizon};
use tokio::sync::{Mutex, MutexGuard};

/// Locked during a read, so that concurrent callers share one.
#[derive(Debug, Default)]
pub(crate) struct Tail(Mutex<LastRead>);

/// How far the last read came.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LastRead {
    /// Everything committed before this has been read.
    until: Position,
    /// When that read began; `None` before the first one.
    begun: Option<Instant>,
}

/// One read: the caller reads what was committed between two positions, then calls
/// [`TailRead::done`]. If it is dropped before, the next read starts at the same position.
#[derive(Debug)]
pub(crate) struct TailRead<'t> {
    seen: MutexGuard<'t, LastRead>,
    begun: Instant,
    pub(crate) from: Position,
    pub(crate) until: Position,
}

impl Tail {
    /// Starts reading everything.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn anew(&self, pool: &PgPool) -> store::Result<TailRead<'_>> {
        let seen = self.0.lock().await;
        let begun = Instant::now();
        Ok(TailRead { seen, begun, from: Position::default(), until: horizon(pool).await? })
    }

    /// Starts reading what was committed since the last read; `None` if there is nothing.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn next(&self, pool: &PgPool) -> store::Result<Option<TailRead<'_>>> {
        let asked = Some(Instant::now());
        let mut seen = self.0.lock().await;
        // A read that began after this call has covered everything.
        if seen.begun > asked {
            return Ok(None);
        }
        let begun = Instant::now();
        let until = horizon(pool).await?;
        if until <= seen.until {
            seen.begun = Some(begun);
            return Ok(None);
        }
        let from = seen.until;
        Ok(Some(TailRead { seen, begun, from, until }))
    }

    /// Prevents reads while the data that they fill is used otherwise.
    pub(crate) async fn still(&self) -> MutexGuard<'_, LastRead> {
        self.0.lock().await
    }
}

impl TailRead<'_> {
    /// Marks everything as read.
    pub(crate) fn done(mut self) {
        *self.seen = LastRead { until: self.until, begun: Some(self.begun) };
    }
}
