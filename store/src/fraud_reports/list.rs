//! Fraud reports for pages and exports.

use super::{Handled, Row, read};
use crate::After;
use crate::Result;
use crate::parsed::{read_all, read_one};
use crate::reports::{PieceSize, declare, in_pieces};
use crate::write::Write;
use chrono::{DateTime, Utc};
use domain::fraud_alerts::Action;
use domain::{Channel, Period};
use futures::{Stream, TryStreamExt as _};
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

/// Conditions of a page of reports; none means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What Tollwarden did in response.
    pub action: Option<Action>,
    /// Normalised names of one user.
    pub users: Option<Vec<String>>,
    /// Channel by which the user reported.
    pub channel: Option<Channel>,
    /// Received at or after.
    pub from: Option<DateTime<Utc>>,
    /// Received before.
    pub to: Option<DateTime<Utc>>,
    /// Whether they were marked handled.
    pub handled: Option<bool>,
}

/// Reports that match, newest first, after a position if one is given.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Row>> {
    let query = sqlx::query(concat!(
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
    .bind(filter.handled);
    read_all(db, After::bind(after, query, limit), read).await
}

/// The report with an id, if any.
pub async fn get(db: impl PgExecutor<'_>, id: Uuid) -> Result<Option<Row>> {
    let sql = concat!(report_columns!(), "where id = $1");
    read_one(db, sqlx::query(sql).bind(id), read).await
}

/// Newest reports of one user, by normalised names.
pub async fn by_user(db: impl PgExecutor<'_>, names: &[String], limit: i64) -> Result<Vec<Row>> {
    let sql =
        concat!(report_columns!(), "where user_key = any($1) order by received desc, id limit $2");
    read_all(db, sqlx::query(sql).bind(names).bind(limit), read).await
}

/// Marks a report handled; `false` if there is no such report.
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

/// Rows of the report `fraud-reports` (contract, section 8): those of a period and of one channel
/// or all, newest first.
pub fn report(
    pool: &PgPool,
    period: Period,
    channel: Option<Channel>,
    pace: PieceSize,
) -> impl Stream<Item = Result<Row>> + use<> {
    let statement = declare(concat!(
        report_columns!(),
        r#"where time >= $1 and time < $2 and ($3::text is null or channel = $3)
           order by time desc, "user" collate "C", id"#
    ));
    let statement = statement.bind(period.from).bind(period.to).bind(channel.map(Channel::as_str));
    in_pieces(pool, statement, pace).and_then(async |row| read(&row))
}
