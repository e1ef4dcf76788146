//! The sign-in log: keyset pages of attempts, with a bound on how many rows a page reads.

use super::terms::{FoundAttempts, order_by, push_filter, push_range};
use super::{COLUMNS, keyed, read};
use crate::Result;
use domain::attempts::Attempt;
use domain::signins::{Cursor, Filter, Page, PageStart};
use sqlx::{PgConnection, QueryBuilder};

/// A page of at most `size` matching attempts. User, number and address are looked up by index; the
/// other conditions filter what is read, at most about `budget` attempts.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    place: PageStart,
    size: usize,
    budget: u32,
) -> Result<Page<Attempt>> {
    // One more than is shown, to see whether there is another page.
    let wanted = size.saturating_add(1);
    let found = match keyed::Key::of(filter) {
        Some(key) => keyed::find(conn, filter, &key, place, wanted, budget).await?,
        None => find(conn, filter, place, wanted, budget).await?,
    };
    Ok(found.page(place, size))
}

impl FoundAttempts {
    fn page(mut self, place: PageStart, size: usize) -> Page<Attempt> {
        let more = self.rows.len() > size;
        self.rows.truncate(size);
        let at = |attempt: &Attempt| Cursor { time: attempt.time, id: attempt.id };
        let end = if more { None } else { self.end };
        // `on` continues in the direction of reading; the way back starts at the first row shown.
        let on = if more { self.rows.last().map(at) } else { end };
        let looked_to = end.map(|end| end.time);
        let mut rows = self.rows;
        match place {
            PageStart::Newest => Page { rows, newer: None, older: on, looked_to },
            PageStart::Before(from) => {
                let newer = Some(rows.first().map_or(from, at));
                Page { rows, newer, older: on, looked_to }
            }
            PageStart::After(from) => {
                rows.reverse();
                let older = Some(rows.last().map_or(from, at));
                Page { rows, newer: on, older, looked_to }
            }
        }
    }
}

/// Finds rows by time, without an index on user, number or address.
async fn find(
    conn: &mut PgConnection,
    filter: &Filter,
    place: PageStart,
    wanted: usize,
    budget: u32,
) -> Result<FoundAttempts> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(COLUMNS).push(" from (select * from attempt where true");
    push_range(&mut sql, filter, place);
    sql.push(order_by(place))
        .push(" limit ")
        .push_bind(i64::from(budget))
        .push(") as seen where true");
    push_filter(&mut sql, filter);
    sql.push(order_by(place)).push(" limit ").push_bind(i64::try_from(wanted).unwrap_or(i64::MAX));
    let rows = sql.build().fetch_all(&mut *conn).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    if rows.len() >= wanted {
        return Ok(FoundAttempts { rows, end: None });
    }
    let mut sql = QueryBuilder::new("select time, id from attempt where true");
    push_range(&mut sql, filter, place);
    let last = i64::from(budget.max(1) - 1);
    sql.push(order_by(place)).push(" offset ").push_bind(last).push(" limit 1");
    let end: Option<(_, _)> = sql.build_query_as().fetch_optional(conn).await?;
    Ok(FoundAttempts { rows, end: end.map(|(time, id)| Cursor { time, id }) })
}
