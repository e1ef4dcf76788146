//! Rows of a report, some at a time. Between two pieces the database waits for whoever reads, so
//! that one who reads slowly holds no processor; and while something more urgent is asked of the
//! store the pieces are small, so that it never waits for a large one.

use crate::Result;
use futures::Stream;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgPool, Postgres};
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::mpsc;

/// Rows in a piece: some milliseconds of the database's work.
const ROWS: usize = 1_000;
/// Rows in a piece while others come first: less than a millisecond of it.
const FEW: usize = 100;

/// How large pieces are, asked before each.
#[derive(Clone)]
pub struct Pace(Arc<dyn Fn() -> bool + Send + Sync>);

impl Pace {
    /// Large ones: nobody else is there.
    pub fn full() -> Self {
        Self::giving_way(|| false)
    }

    /// Small ones while others come first.
    pub fn giving_way(others: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(others))
    }

    fn rows(&self) -> usize {
        if (self.0)() { FEW } else { ROWS }
    }
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("rows", &self.rows()).finish()
    }
}

/// A query to be read with [`in_pieces`], once its arguments are bound.
pub(crate) fn declare(query: &str) -> Query<'static, Postgres, PgArguments> {
    let sql = format!("declare report no scroll cursor for {query}");
    sqlx::query(AssertSqlSafe(sql)).persistent(false)
}

/// The rows of what was declared. The next piece is fetched while one is looked at. Dropped, it
/// reads no more than that.
pub(crate) fn in_pieces(
    pool: &PgPool,
    declared: Query<'static, Postgres, PgArguments>,
    pace: Pace,
) -> impl Stream<Item = Result<PgRow>> + use<> {
    let (pieces, mut ready) = mpsc::channel(1);
    let pool = pool.clone();
    tokio::spawn(async move {
        if let Err(error) = read(&pool, declared, &pace, &pieces).await {
            // Nobody waits for it any more, or gets it.
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
                // The end is said: a reader that died must not look like one.
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
    declared: Query<'static, Postgres, PgArguments>,
    pace: &Pace,
    pieces: &mpsc::Sender<Result<Vec<PgRow>>>,
) -> Result<()> {
    let mut tx = pool.begin().await?;
    declared.execute(&mut *tx).await?;
    loop {
        let most = pace.rows();
        // Every cursor has other columns, so that the statement is not one to keep.
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
