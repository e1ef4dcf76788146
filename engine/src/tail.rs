//! How far something in memory has followed the store, and its looks at what came since.

use sqlx::PgPool;
use std::time::Instant;
use store::events::{Position, horizon};
use tokio::sync::{Mutex, MutexGuard};

/// Held while somebody looks, so that callers at the same time share one look.
#[derive(Debug, Default)]
pub(crate) struct Tail(Mutex<Seen>);

/// What the last look took in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// All that was committed before this has been taken in.
    until: Position,
    /// When the look that took it in began; none before the first.
    begun: Option<Instant>,
}

/// One look: what was committed from one place to another is to be taken in, and then
/// [`Look::done`]. Dropped before that, the next look goes on from the same place.
#[derive(Debug)]
pub(crate) struct Look<'t> {
    seen: MutexGuard<'t, Seen>,
    begun: Instant,
    /// Where it goes on from.
    pub(crate) from: Position,
    /// Where it ends.
    pub(crate) until: Position,
}

impl Tail {
    /// A look at everything.
    ///
    /// # Errors
    /// When the store refuses.
    pub(crate) async fn anew(&self, pool: &PgPool) -> store::Result<Look<'_>> {
        let seen = self.0.lock().await;
        let begun = Instant::now();
        Ok(Look { seen, begun, from: Position::default(), until: horizon(pool).await? })
    }

    /// A look at what was committed since the last one; none when nothing was.
    ///
    /// # Errors
    /// When the store refuses.
    pub(crate) async fn next(&self, pool: &PgPool) -> store::Result<Option<Look<'_>>> {
        let asked = Some(Instant::now());
        let mut seen = self.0.lock().await;
        // A look that began after this one was asked for has seen all that it would.
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
        Ok(Some(Look { seen, begun, from, until }))
    }

    /// Keeps looks away while something else is done with what they fill.
    pub(crate) async fn still(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().await
    }
}

impl Look<'_> {
    /// All of it has been taken in.
    pub(crate) fn done(mut self) {
        *self.seen = Seen { until: self.until, begun: Some(self.begun) };
    }
}
