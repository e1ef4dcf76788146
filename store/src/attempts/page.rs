//! The sign-in log: pages of attempts by keyset, and a bound on how much is looked at for one.

use super::terms::{Found, order, sift, within};
use super::{COLUMNS, keyed, read};
use crate::Result;
use domain::attempts::Attempt;
use domain::signins::{Cursor, Filter, Page, Place};
use sqlx::{PgConnection, QueryBuilder, Row as _};

/// A page of at most `size` attempts that fit. User, number and address are looked up; what else
/// is asked for is sifted from what they lead to, and at most about `budget` attempts are looked
/// at for that.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    place: Place,
    size: usize,
    budget: u32,
) -> Result<Page<Attempt>> {
    // One more than is shown tells whether there are others.
    let wanted = size.saturating_add(1);
    let found = match keyed::Key::of(filter) {
        Some(key) => keyed::find(conn, filter, &key, place, wanted, budget).await?,
        None => find(conn, filter, place, wanted, budget).await?,
    };
    Ok(found.page(place, size))
}

impl Found {
    fn page(mut self, place: Place, size: usize) -> Page<Attempt> {
        let more = self.rows.len() > size;
        self.rows.truncate(size);
        let at = |attempt: &Attempt| Cursor { time: attempt.time, id: attempt.id };
        let end = if more { None } else { self.end };
        // Where the log goes on in the direction of reading; and back, where the place itself lies.
        let on = if more { self.rows.last().map(at) } else { end };
        let looked_to = end.map(|end| end.time);
        let mut rows = self.rows;
        match place {
            Place::Newest => Page { rows, newer: None, older: on, looked_to },
            Place::Before(from) => {
                let newer = Some(rows.first().map_or(from, at));
                Page { rows, newer, older: on, looked_to }
            }
            Place::After(from) => {
                rows.reverse();
                let older = Some(rows.last().map_or(from, at));
                Page { rows, newer: on, older, looked_to }
            }
        }
    }
}

/// By time alone.
async fn find(
    conn: &mut PgConnection,
    filter: &Filter,
    place: Place,
    wanted: usize,
    budget: u32,
) -> Result<Found> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS).push(" from (select * from attempt where true");
    within(&mut sql, filter, place);
    sql.push(order(place))
        .push(" limit ")
        .push_bind(i64::from(budget))
        .push(") as seen where true");
    sift(&mut sql, filter);
    sql.push(order(place)).push(" limit ").push_bind(i64::try_from(wanted).unwrap_or(i64::MAX));
    let rows = sql.build().fetch_all(&mut *conn).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    if rows.len() >= wanted {
        return Ok(Found { rows, end: None });
    }
    let mut sql = QueryBuilder::new("select time, id from attempt where true");
    within(&mut sql, filter, place);
    let last = i64::from(budget.max(1) - 1);
    sql.push(order(place)).push(" offset ").push_bind(last).push(" limit 1");
    let end = sql.build().fetch_optional(conn).await?;
    let end = end.map(|row| Result::Ok(Cursor { time: row.try_get(0)?, id: row.try_get(1)? }));
    Ok(Found { rows, end: end.transpose()? })
}
