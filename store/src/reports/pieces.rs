//! Rows of a report, fetched in pieces from a cursor. Between pieces the database waits for the
//! reader, so that a slow one uses no processor time. Pieces are small while more urgent work
//! waits, which then never waits for a large one.

use crate::{Result, Statement};
use futures::Stream;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool};
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::mpsc;

/// Rows in a piece: some milliseconds of work for the database.
const ROWS: usize = 1_000;
/// Rows in a piece while other work has priority: less than a millisecond.
const FEW: usize = 100;

/// Chooses the size of each piece.
#[derive(Clone)]
pub struct PieceSize(Arc<dyn Fn() -> bool + Send + Sync>);

impl PieceSize {
    /// Always large pieces.
    pub fn full() -> Self {
        Self::giving_way(|| false)
    }

    /// Small pieces while `others` is true: other work has priority.
    pub fn giving_way(others: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(others))
    }

    fn rows(&self) -> usize {
        if (self.0)() { FEW } else { ROWS }
    }
}

impl std::fmt::Debug for PieceSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("rows", &self.rows()).finish()
    }
}

/// Declares a cursor for a query, to be read with [`in_pieces`] once its arguments are bound.
pub(crate) fn declare(query: &str) -> Statement<'static> {
    let sql = format!("declare report no scroll cursor for {query}");
    sqlx::query(AssertSqlSafe(sql)).persistent(false)
}

/// Streams the rows of a declared cursor. The next piece is fetched while one is consumed; a
/// dropped stream fetches no more.
pub(crate) fn in_pieces(
    pool: &PgPool,
    declared: Statement<'static>,
    pace: PieceSize,
) -> impl Stream<Item = Result<PgRow>> + use<> {
    let (pieces, mut ready) = mpsc::channel(1);
    let pool = pool.clone();
    tokio::spawn(async move {
        if let Err(error) = read(&pool, declared, &pace, &pieces).await {
            // Fails only if the stream was dropped.
            let _ = pieces.send(Err(error)).await;
        }
    });
    let (mut piece, mut ended) = (Vec::new().into_iter(), false);
    futures::stream::poll_fn(move |context| {
        loop {
            if let Some(row) = piece.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            if ended {
                return Poll::Ready(None);
            }
            match std::task::ready!(ready.poll_recv(context)) {
                // The end is sent explicitly, so that a reader that died does not look like one.
                Some(Ok(rows)) if rows.is_empty() => ended = true,
                Some(Ok(rows)) => piece = Vec::into_iter(rows),
                Some(Err(error)) => {
                    ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    ended = true;
                    return Poll::Ready(Some(Err(sqlx::Error::WorkerCrashed.into())));
                }
            }
        }
    })
}

async fn read(
    pool: &PgPool,
    declared: Statement<'static>,
    pace: &PieceSize,
    pieces: &mpsc::Sender<Result<Vec<PgRow>>>,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    declared.execute(&mut *tx).await?;
    loop {
        let most = pace.rows();
        // The columns differ by cursor, so that the statement must not be cached.
        let fetch = sqlx::query(AssertSqlSafe(format!("fetch {most} from report")));
        let rows = fetch.persistent(false).fetch_all(&mut *tx).await?;
        let last = rows.len() < most;
        let whole = !rows.is_empty();
        if whole && pieces.send(Ok(rows)).await.is_err() {
            return Ok(());
        }
        if last {
            let _ = pieces.send(Ok(Vec::new())).await;
            return Ok(());
        }
    }
}
