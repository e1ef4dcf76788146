//! Attempts of one user, to one number or from one address. Their indexes lead with the day (see
//! the migration), so they are asked day by day, some days at a time.

use super::terms::{Found, beyond, order, sift, within};
use super::{COLUMNS, read};
use crate::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::signins::{Cursor, Filter, Place};
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// Days that are asked at a time: few at first, since the newest are what is mostly wanted.
const DAYS: [usize; 4] = [2, 14, 48, 384];

/// What is looked up.
pub(super) enum Key {
    User(String),
    Phone(String),
    Ip(String),
}

impl Key {
    /// The one of a filter's that leads to the fewest attempts, as a rule.
    pub(super) fn of(filter: &Filter) -> Option<Self> {
        let user = filter.user.clone().map(Self::User);
        let phone = || filter.phone.map(|phone| Self::Phone(phone.to_string()));
        let ip = || filter.ip.map(|ip| Self::Ip(ip.to_string()));
        user.or_else(phone).or_else(ip)
    }

    /// Whether a filter asks for more than this and a range.
    fn is_all_of(&self, filter: &Filter) -> bool {
        let bare = Filter::all(filter.period);
        let all = match self {
            Self::User(_) => Filter { user: filter.user.clone(), ..bare },
            Self::Phone(_) => Filter { phone: filter.phone, ..bare },
            Self::Ip(_) => Filter { ip: filter.ip, ..bare },
        };
        all == *filter
    }

    /// The condition, as the index has it.
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

/// What fits, in the direction of reading, at most `wanted`.
pub(super) async fn find(
    conn: &mut PgConnection,
    filter: &Filter,
    key: &Key,
    place: Place,
    wanted: usize,
    budget: u32,
) -> Result<Found> {
    let mut found = Found::default();
    let days = days(conn, filter, place).await?;
    let sifts = !key.is_all_of(filter);
    let (mut at, mut step) = (0, 0);
    while at < days.len() && found.rows.len() < wanted {
        let some = &days[at..days.len().min(at + DAYS[step])];
        // Of each day so many are looked at: a page, or its share of the budget.
        let each = match sifts {
            true => usize::try_from(budget).unwrap_or(usize::MAX) / DAYS.len() / some.len(),
            false => wanted,
        };
        let each = i64::try_from(each.max(1)).unwrap_or(i64::MAX);
        let ask = Ask { filter, key, place, days: some, each };
        let mut rows = ask.rows(conn, wanted).await?;
        // A day with more than its share ends the search there.
        let end = if sifts { ask.end(conn).await? } else { None };
        if let Some(end) = end {
            rows.retain(|row| {
                let at = Cursor { time: row.time, id: row.id };
                if matches!(place, Place::After(_)) { at <= end } else { at >= end }
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

/// The days that have attempts of anybody, in the direction of reading.
async fn days(conn: &mut PgConnection, filter: &Filter, place: Place) -> Result<Vec<NaiveDate>> {
    let mut sql = QueryBuilder::new("select min(time), max(time) from attempt where true");
    within(&mut sql, filter, place);
    let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
        sql.build_query_as().fetch_one(conn).await?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let (first, last) = (first.date_naive(), last.date_naive());
    let mut days: Vec<_> =
        std::iter::successors(Some(first), |day| day.checked_add_signed(TimeDelta::days(1)))
            .take_while(|day| *day <= last)
            .collect();
    if !matches!(place, Place::After(_)) {
        days.reverse();
    }
    Ok(days)
}

/// Some days of what is looked up.
struct Ask<'a> {
    filter: &'a Filter,
    key: &'a Key,
    place: Place,
    days: &'a [NaiveDate],
    each: i64,
}

impl Ask<'_> {
    /// What fits of the days' first `each`, and of those that began at the same instant as the
    /// last of them.
    async fn rows(
        &self,
        conn: &mut PgConnection,
        wanted: usize,
    ) -> Result<Vec<domain::attempts::Attempt>> {
        let mut sql = QueryBuilder::new("select ");
        sql.push(COLUMNS).push(" from unnest(").push_bind(self.days);
        sql.push(") as asked (day) cross join lateral (select * from attempt");
        self.key.push(&mut sql);
        within(&mut sql, self.filter, self.place);
        sql.push(self.by_time()).push(" fetch first (").push_bind(self.each);
        sql.push(") rows with ties) as seen where true");
        sift(&mut sql, self.filter);
        sql.push(order(self.place));
        sql.push(" limit ").push_bind(i64::try_from(wanted).unwrap_or(i64::MAX));
        let rows = sql.build().fetch_all(conn).await?;
        rows.iter().map(read).collect()
    }

    /// Where the first of the days that had more than `each` was left.
    async fn end(&self, conn: &mut PgConnection) -> Result<Option<Cursor>> {
        let mut sql = QueryBuilder::new("select time from unnest(");
        sql.push_bind(self.days);
        sql.push(") as asked (day) cross join lateral (select time from attempt");
        self.key.push(&mut sql);
        within(&mut sql, self.filter, self.place);
        sql.push(self.by_time()).push(" offset ").push_bind(self.each - 1);
        sql.push(" limit 1) as last").push(self.by_time()).push(" limit 1");
        let time: Option<DateTime<Utc>> = sql.build_query_scalar().fetch_optional(conn).await?;
        Ok(time.map(|time| beyond(self.place, time)))
    }

    /// The order of the index; ids are put in order afterwards.
    fn by_time(&self) -> &'static str {
        match self.place {
            Place::After(_) => " order by time",
            Place::Newest | Place::Before(_) => " order by time desc",
        }
    }
}
