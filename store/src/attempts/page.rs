//! The sign-in log: pages of attempts by keyset, and a bound on how much is looked at for one.

use super::{COLUMNS, keyed, read};
use crate::Result;
use domain::attempts::Attempt;
use domain::signins::{Cursor, Filter, Page, Place};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

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

/// What was found in the direction of reading.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// At most one more than a page has.
    pub(super) rows: Vec<Attempt>,
    /// Where looking ended, if before the range did.
    pub(super) end: Option<Cursor>,
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

/// The range, from the place on.
pub(super) fn within(sql: &mut QueryBuilder<Postgres>, filter: &Filter, place: Place) {
    match place {
        Place::Newest => {}
        Place::Before(Cursor { time, id }) => {
            sql.push(" and (time, id) < (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        Place::After(Cursor { time, id }) => {
            sql.push(" and (time, id) > (").push_bind(time).push(", ").push_bind(id).push(")");
        }
    }
    sql.push(" and time >= ").push_bind(filter.period.from);
    sql.push(" and time < ").push_bind(filter.period.to);
}

/// What is asked for besides the range.
pub(super) fn sift(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(user) = &filter.user {
        sql.push(" and user_key = ").push_bind(user.clone());
    }
    if let Some(phone) = filter.phone {
        sql.push(" and phone = ").push_bind(phone.to_string());
    }
    if let Some(ip) = filter.ip {
        sql.push(" and ip = ").push_bind(ip.to_string()).push("::inet");
    }
    let words = [
        (" and channel = ", filter.channel.map(|channel| channel.as_str().to_owned())),
        (" and outcome = ", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
        (" and region = ", filter.region.map(|region| region.as_str().to_owned())),
        (" and flow = ", filter.flow.clone()),
        (" and reason = ", filter.reason.map(|reason| reason.as_str().to_owned())),
        (" and browser = ", filter.browser.clone()),
    ];
    for (part, word) in words {
        if let Some(word) = word {
            sql.push(part).push_bind(word);
        }
    }
}

/// The direction of reading.
pub(super) fn order(place: Place) -> &'static str {
    match place {
        Place::After(_) => " order by time, id",
        Place::Newest | Place::Before(_) => " order by time desc, id desc",
    }
}

/// The place that lies after all attempts of an instant, in the direction of reading.
pub(super) fn beyond(place: Place, time: chrono::DateTime<chrono::Utc>) -> Cursor {
    let id = match place {
        Place::After(_) => Uuid::max(),
        Place::Newest | Place::Before(_) => Uuid::nil(),
    };
    Cursor { time, id }
}
