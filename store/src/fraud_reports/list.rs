//! Reports as pages and exports list them.

use super::{Handled, Row, read};
use crate::Result;
use crate::reports::{Pace, declare, in_pieces};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::fraud_alerts::Action;
use domain::{Channel, Period};
use futures::{Stream, TryStreamExt as _};
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

/// Which reports a page asks for. Empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they led to.
    pub action: Option<Action>,
    /// Names of one user, for comparison.
    pub users: Option<Vec<String>>,
    /// The way the user reported.
    pub channel: Option<Channel>,
    /// Not received before.
    pub from: Option<DateTime<Utc>>,
    /// Received before.
    pub to: Option<DateTime<Utc>>,
    /// Whether they were handled.
    pub handled: Option<bool>,
}

/// A place in the list: the report that a page ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When it was received.
    pub received: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

impl Row {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        Place { received: self.received, id: self.id }
    }
}

/// Reports that fit, newest first, after a place if one is given.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query(concat!(
        report_columns!(),
        "where ($1::text is null or action = $1)
             and ($2::text[] is null or user_key = any($2))
             and ($3::text is null or channel = $3)
             and ($4::timestamptz is null or received >= $4)
             and ($5::timestamptz is null or received < $5)
             and ($6::bool is null or (handled is not null) = $6)
             and ($7::timestamptz is null or received <= $7)
             and ($7::timestamptz is null or received < $7 or id > $8)
           order by received desc, id limit $9"
    ))
    .bind(filter.action.map(Action::as_str))
    .bind(&filter.users)
    .bind(filter.channel.map(Channel::as_str))
    .bind(filter.from)
    .bind(filter.to)
    .bind(filter.handled)
    .bind(after.map(|place| place.received))
    .bind(after.map(|place| place.id))
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The report of this id.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Row>> {
    let row = sqlx::query(concat!(report_columns!(), "where id = $1"))
        .bind(id)
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The newest reports of one user, by their names for comparison.
///
/// # Errors
/// When the database refuses.
pub async fn by_user(db: impl PgExecutor<'_>, names: &[String], limit: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query(concat!(
        report_columns!(),
        "where user_key = any($1) order by received desc, id limit $2"
    ))
    .bind(names)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Marks a report as dealt with; `false` when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn handle(write: &mut Write, id: Uuid, handled: &Handled) -> Result<bool> {
    let done = sqlx::query(
        "update fraud_report set handled = $2, handled_by = $3, handled_note = $4 where id = $1",
    )
    .bind(id)
    .bind(handled.at)
    .bind(&handled.by)
    .bind(&handled.note)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Every report of a range of time and of one channel or all, newest first: the rows of the
/// report `fraud-reports` (contract, section 8).
pub fn report(
    pool: &PgPool,
    period: Period,
    channel: Option<Channel>,
    pace: Pace,
) -> impl Stream<Item = Result<Row>> + use<> {
    let statement = declare(concat!(
        report_columns!(),
        r#"where time >= $1 and time < $2 and ($3::text is null or channel = $3)
           order by time desc, "user" collate "C", id"#
    ));
    let statement = statement.bind(period.from).bind(period.to).bind(channel.map(Channel::as_str));
    in_pieces(pool, statement, pace).and_then(async |row| read(&row))
}
