//! Users' reports of sign-ins that they did not start.

/// Selects the columns that [`read`] needs.
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
use crate::parsed::{column, parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::fraud_alerts::Action;
use domain::{Channel, PhoneNumber};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::collections::HashMap;
use std::net::IpAddr;
use uuid::Uuid;

pub use join::{
    ActiveBlock, AttemptQuery, aliases, attempts, auto_blocks_since, extend_blocks, held,
    lock_auto_blocks,
};
pub use list::{Filter, by_user, get, handle, list, report};

/// A stored fraud report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Id given by Tollwarden.
    pub id: Uuid,
    /// Id of the API key that sent it.
    pub api_key: String,
    /// The caller's id for it, unique per API key.
    pub external_id: String,
    /// When it was received.
    pub received: DateTime<Utc>,
    /// When the user reported.
    pub time: DateTime<Utc>,
    /// User name, as the caller spells it.
    pub user: String,
    /// Normalised user name.
    pub user_key: String,
    /// Channel by which the user reported.
    pub channel: Channel,
    /// Number that was called or texted.
    pub phone: Option<PhoneNumber>,
    /// Correlation id of the verification, if reported.
    pub journey: Option<String>,
    /// IP address of the verification, if reported.
    pub ip: Option<IpAddr>,
    /// Sign-in flow of the verification, if reported.
    pub flow: Option<String>,
    /// Free text from the caller.
    pub note: Option<String>,
    /// Id of the attempt it was matched with.
    pub attempt: Uuid,
    /// What Tollwarden did in response.
    pub action: Action,
    /// End of the user's block; none if it has no end or there is no block.
    pub until: Option<DateTime<Utc>>,
    /// Id of the block that it created or extended.
    pub block: Option<Uuid>,
    /// Whether the breaker prevented a block.
    pub broken: bool,
    /// Set when it was marked handled.
    pub handled: Option<Handled>,
}

/// How a report was marked handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// Time of the mark.
    pub at: DateTime<Utc>,
    /// Who marked it, named as in the audit log.
    pub by: String,
    /// Free text from them.
    pub note: Option<String>,
}

/// What the first answer to a report said; repeats get the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Id of the stored report.
    pub id: Uuid,
    /// What Tollwarden did in response.
    pub action: Action,
    /// End of the user's block, as in [`Row::until`].
    pub until: Option<DateTime<Utc>>,
}

pub(crate) fn read(row: &PgRow) -> Result<Row> {
    let handled: Option<DateTime<Utc>> = row.try_get("handled")?;
    let by: Option<String> = row.try_get("handled_by")?;
    let note = row.try_get("handled_note")?;
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

/// First answers to stored reports, by API key and the caller's id.
pub async fn answers(
    conn: &mut PgConnection,
    names: &[(&str, &str)],
) -> Result<HashMap<(String, String), FirstAnswer>> {
    type Row = (String, String, Uuid, String, Option<DateTime<Utc>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select r.api_key, r.external_id, r.id, r.action, r.until
         from unnest($1::text[], $2::text[]) as t (api_key, external_id)
         join fraud_report r using (api_key, external_id)",
    )
    .bind(column(names, |(key, _)| *key))
    .bind(column(names, |(_, id)| *id))
    .fetch_all(conn)
    .await?;
    let answer = |(key, external_id, id, action, until): (_, _, _, String, _)| {
        let action = parsed("fraud_report", &action)?;
        Ok(((key, external_id), FirstAnswer { id, action, until }))
    };
    rows.into_iter().map(answer).collect()
}

/// Stores unhandled reports; returns how many were new. Fewer than given means that another
/// transaction stored some first.
pub async fn insert(conn: &mut PgConnection, reports: &[Row]) -> Result<u64> {
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
