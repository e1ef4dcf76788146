//! Users' reports of sign-ins they did not start.

/// Reports with the columns that [`read`] takes.
macro_rules! report_columns {
    () => {
        r#"select id, api_key, external_id, received, time, "user", user_key, channel, phone,
               journey, host(ip) as ip, flow, note, attempt, action, until, block, broken, handled,
               handled_by, handled_note
           from fraud_report "#
    };
}
pub(crate) use report_columns;

mod join;
mod list;

use crate::Result;
use crate::parsed::{parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::fraud_alerts::Action;
use domain::{Channel, PhoneNumber};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::collections::HashMap;
use std::net::IpAddr;
use uuid::Uuid;

pub use join::{
    Held, Wanted, aliases, attempts, auto_blocks_since, extend_blocks, held, lock_auto_blocks,
};
pub use list::{Filter, Place, by_user, get, handle, list, report};

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// The id of the API key it came by.
    pub api_key: String,
    /// The caller's own name for it, unique to the key.
    pub external_id: String,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// When the user reported.
    pub time: DateTime<Utc>,
    /// The user, as the caller wrote them.
    pub user: String,
    /// The user's name for comparison.
    pub user_key: String,
    /// The way the user reported.
    pub channel: Channel,
    /// The number called or texted.
    pub phone: Option<PhoneNumber>,
    /// The correlation id it named.
    pub journey: Option<String>,
    /// The address it named.
    pub ip: Option<IpAddr>,
    /// The user flow it named.
    pub flow: Option<String>,
    /// The caller's note.
    pub note: Option<String>,
    /// The attempt it joined.
    pub attempt: Uuid,
    /// What it led to.
    pub action: Action,
    /// Until when the user is blocked; none: until unblocked, or not at all.
    pub until: Option<DateTime<Utc>>,
    /// The block it led to or joined.
    pub block: Option<Uuid>,
    /// Whether the breaker kept it from blocking.
    pub broken: bool,
    /// When it was marked handled, by whom, and with what note.
    pub handled: Option<Handled>,
}

/// That somebody dealt with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What they noted.
    pub note: Option<String>,
}

/// The first answer to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The report's id.
    pub id: Uuid,
    /// What it led to.
    pub action: Action,
    /// Until when the user is blocked.
    pub until: Option<DateTime<Utc>>,
}

pub(crate) fn read(row: &PgRow) -> Result<Row> {
    let handled: Option<DateTime<Utc>> = row.try_get("handled")?;
    let (by, note): (Option<String>, Option<String>) =
        (row.try_get("handled_by")?, row.try_get("handled_note")?);
    Ok(Row {
        id: row.try_get("id")?,
        api_key: row.try_get("api_key")?,
        external_id: row.try_get("external_id")?,
        received: row.try_get("received")?,
        time: row.try_get("time")?,
        user: row.try_get("user")?,
        user_key: row.try_get("user_key")?,
        channel: parsed("fraud_report", row.try_get("channel")?)?,
        phone: parsed_if("fraud_report", row.try_get("phone")?)?,
        journey: row.try_get("journey")?,
        ip: parsed_if("fraud_report", row.try_get("ip")?)?,
        flow: row.try_get("flow")?,
        note: row.try_get("note")?,
        attempt: row.try_get("attempt")?,
        action: parsed("fraud_report", row.try_get("action")?)?,
        until: row.try_get("until")?,
        block: row.try_get("block")?,
        broken: row.try_get("broken")?,
        handled: handled.map(|at| Handled { at, by: by.unwrap_or_default(), note }),
    })
}

/// The first answers to reports that are there already, by API key and the caller's name.
///
/// # Errors
/// When the database refuses.
pub async fn answers(
    conn: &mut PgConnection,
    names: &[(&str, &str)],
) -> Result<HashMap<(String, String), Answered>> {
    let rows = sqlx::query(
        "select r.api_key, r.external_id, r.id, r.action, r.until
         from unnest($1::text[], $2::text[]) as t (api_key, external_id)
         join fraud_report r using (api_key, external_id)",
    )
    .bind(names.iter().map(|(key, _)| *key).collect::<Vec<_>>())
    .bind(names.iter().map(|(_, id)| *id).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    let mut answers = HashMap::with_capacity(rows.len());
    for row in rows {
        let answered = Answered {
            id: row.try_get("id")?,
            action: parsed("fraud_report", row.try_get("action")?)?,
            until: row.try_get("until")?,
        };
        answers.insert((row.try_get("api_key")?, row.try_get("external_id")?), answered);
    }
    Ok(answers)
}

/// Keeps reports that nobody has handled; returns how many were new. Fewer than given: another
/// transaction was first with some.
///
/// # Errors
/// When the database refuses.
pub async fn insert(conn: &mut PgConnection, reports: &[Row]) -> Result<u64> {
    fn column<'a, T>(reports: &'a [Row], get: impl Fn(&'a Row) -> T) -> Vec<T> {
        reports.iter().map(get).collect()
    }
    let done = sqlx::query(
        r#"
        insert into fraud_report (id, api_key, external_id, received, time, "user", user_key,
            channel, phone, journey, ip, flow, note, attempt, action, until, block, broken)
        select id, api_key, external_id, received, time, "user", user_key, channel, phone, journey,
            ip::inet, flow, note, attempt, action, until, block, broken
        from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[],
            $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
            $13::text[], $14::uuid[], $15::text[], $16::timestamptz[], $17::uuid[], $18::bool[])
        as t (id, api_key, external_id, received, time, "user", user_key, channel, phone, journey,
            ip, flow, note, attempt, action, until, block, broken)
        order by api_key, external_id
        on conflict (api_key, external_id) do nothing"#,
    )
    .bind(column(reports, |row| row.id))
    .bind(column(reports, |row| row.api_key.as_str()))
    .bind(column(reports, |row| row.external_id.as_str()))
    .bind(column(reports, |row| row.received))
    .bind(column(reports, |row| row.time))
    .bind(column(reports, |row| row.user.as_str()))
    .bind(column(reports, |row| row.user_key.as_str()))
    .bind(column(reports, |row| row.channel.as_str()))
    .bind(column(reports, |row| row.phone.map(|phone| phone.to_string())))
    .bind(column(reports, |row| row.journey.as_deref()))
    .bind(column(reports, |row| row.ip.map(|ip| ip.to_string())))
    .bind(column(reports, |row| row.flow.as_deref()))
    .bind(column(reports, |row| row.note.as_deref()))
    .bind(column(reports, |row| row.attempt))
    .bind(column(reports, |row| row.action.as_str()))
    .bind(column(reports, |row| row.until))
    .bind(column(reports, |row| row.block))
    .bind(column(reports, |row| row.broken))
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests;
