//! Attempts of one user, number or address. Their indexes start with the day (migration
//! 0008_lookup), so they are queried by day, several days at a time.

use super::terms::{FoundAttempts, order_by, position_after, push_filter, push_range};
use super::{COLUMNS, read};
use crate::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::signins::{Cursor, Filter, PageStart};
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// Days per query: few at first, since usually the newest are wanted.
const DAYS: [usize; 4] = [2, 14, 48, 384];

/// The indexed column that finds the rows.
pub(super) enum Key {
    User(String),
    Phone(String),
    Ip(String),
}

impl Key {
    /// The condition of a filter that usually matches the fewest attempts.
    pub(super) fn of(filter: &Filter) -> Option<Self> {
        let user = filter.user.clone().map(Self::User);
        let phone = || filter.phone.map(|phone| Self::Phone(phone.to_string()));
        let ip = || filter.ip.map(|ip| Self::Ip(ip.to_string()));
        user.or_else(phone).or_else(ip)
    }

    /// Whether a filter consists of this key and a period alone.
    fn covers(&self, filter: &Filter) -> bool {
        let bare = Filter::all(filter.period);
        let all = match self {
            Self::User(_) => Filter { user: filter.user.clone(), ..bare },
            Self::Phone(_) => Filter { phone: filter.phone, ..bare },
            Self::Ip(_) => Filter { ip: filter.ip, ..bare },
        };
        all == *filter
    }

    /// Adds the condition in the form that the index has.
    fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" where timezone('UTC', time)::date = asked.day and ");
        let (column, hash, cast, value) = match self {
            Self::User(user) => ("user_key", "hashtext", "", user),
            Self::Phone(phone) => ("phone", "hashtext", "", phone),
            Self::Ip(ip) => ("ip", "hashinet", "::inet", ip),
        };
        sql.push(hash).push("(").push(column).push(") = ").push(hash).push("(");
        sql.push_bind(value.clone()).push(cast).push(") and ").push(column).push(" = ");
        sql.push_bind(value.clone()).push(cast);
    }
}

/// Matching rows in the direction of reading, at most `wanted`.
pub(super) async fn find(
    conn: &mut PgConnection,
    filter: &Filter,
    key: &Key,
    place: PageStart,
    wanted: usize,
    budget: u32,
) -> Result<FoundAttempts> {
    let mut found = FoundAttempts::default();
    let days = days(conn, filter, place).await?;
    let is_filtered = !key.covers(filter);
    let (mut at, mut step) = (0, 0);
    while at < days.len() && found.rows.len() < wanted {
        let some = &days[at..days.len().min(at + DAYS[step])];
        // Rows read of each day: a page, or the day's share of the budget.
        let each = match is_filtered {
            true => usize::try_from(budget).unwrap_or(usize::MAX) / DAYS.len() / some.len(),
            false => wanted,
        };
        let each = i64::try_from(each.max(1)).unwrap_or(i64::MAX);
        let query = DayQuery { filter, key, place, days: some, each };
        let mut rows = query.rows(conn, wanted).await?;
        // A day with more rows than its share ends the search.
        let end = if is_filtered { query.end(conn).await? } else { None };
        if let Some(end) = end {
            rows.retain(|row| {
                let at = Cursor { time: row.time, id: row.id };
                if matches!(place, PageStart::After(_)) { at <= end } else { at >= end }
            });
        }
        found.rows.extend(rows);
        found.rows.truncate(wanted);
        if end.is_some() {
            found.end = end;
            break;
        }
        at += some.len();
        step = (step + 1).min(DAYS.len() - 1);
    }
    Ok(found)
}

/// The days between the first and last attempt of anyone, in the direction of reading.
async fn days(
    conn: &mut PgConnection,
    filter: &Filter,
    place: PageStart,
) -> Result<Vec<NaiveDate>> {
    let mut sql = QueryBuilder::new("select min(time), max(time) from attempt where true");
    push_range(&mut sql, filter, place);
    let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
        sql.build_query_as().fetch_one(conn).await?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let (first, last) = (first.date_naive(), last.date_naive());
    let mut days: Vec<_> =
        std::iter::successors(Some(first), |day| day.checked_add_signed(TimeDelta::days(1)))
            .take_while(|day| *day <= last)
            .collect();
    if !matches!(place, PageStart::After(_)) {
        days.reverse();
    }
    Ok(days)
}

/// A query for several days.
struct DayQuery<'a> {
    filter: &'a Filter,
    key: &'a Key,
    place: PageStart,
    days: &'a [NaiveDate],
    each: i64,
}

impl DayQuery<'_> {
    /// Matching rows among the first `each` of each day, and among those that began at the same
    /// instant as the last of them.
    async fn rows(
        &self,
        conn: &mut PgConnection,
        wanted: usize,
    ) -> Result<Vec<domain::attempts::Attempt>> {
        let mut sql = QueryBuilder::new("select ");
        sql.push(COLUMNS).push(" from unnest(").push_bind(self.days);
        sql.push(") as asked (day) cross join lateral (select * from attempt");
        self.key.push(&mut sql);
        push_range(&mut sql, self.filter, self.place);
        sql.push(self.by_time()).push(" fetch first (").push_bind(self.each);
        sql.push(") rows with ties) as seen where true");
        push_filter(&mut sql, self.filter);
        sql.push(order_by(self.place));
        sql.push(" limit ").push_bind(i64::try_from(wanted).unwrap_or(i64::MAX));
        let rows = sql.build().fetch_all(conn).await?;
        rows.iter().map(read).collect()
    }

    /// Where reading stopped in the first day that has more than `each` rows.
    async fn end(&self, conn: &mut PgConnection) -> Result<Option<Cursor>> {
        let mut sql = QueryBuilder::new("select time from unnest(");
        sql.push_bind(self.days);
        sql.push(") as asked (day) cross join lateral (select time from attempt");
        self.key.push(&mut sql);
        push_range(&mut sql, self.filter, self.place);
        sql.push(self.by_time()).push(" offset ").push_bind(self.each - 1);
        sql.push(" limit 1) as last").push(self.by_time()).push(" limit 1");
        let time: Option<DateTime<Utc>> = sql.build_query_scalar().fetch_optional(conn).await?;
        Ok(time.map(|time| position_after(self.place, time)))
    }

    /// The order of the index; rows are sorted by id afterwards.
    fn by_time(&self) -> &'static str {
        match self.place {
            PageStart::After(_) => " order by time",
            PageStart::Newest | PageStart::Before(_) => " order by time desc",
        }
    }
}
