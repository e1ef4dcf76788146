//! Attempts as a report: as they are now, or folded again from the events known at an instant.

use super::{PieceSize, declare, in_pieces};
use crate::parsed::column;
use crate::{Result, Statement};
use chrono::{DateTime, Utc};
use domain::signins::Filter;
use domain::{Channel, Kind, PhoneNumber, Reason};
use futures::{Stream, StreamExt as _};
use sqlx::{AssertSqlSafe, FromRow, PgPool, Row as _};

/// Attempts that match a filter; [`filled`] binds the arguments.
const FITTING: &str = "from attempt where time >= $1 and time < $2
     and ($3::text is null or user_key = $3)
     and ($4::text is null or phone = $4)
     and ($5::text is null or ip = $5::inet)
     and ($6::text is null or channel = $6)
     and ($7::text is null or outcome = $7)
     and ($8::text is null or region = $8)
     and ($9::text is null or flow = $9)
     and ($10::text is null or reason = $10)
     and ($11::text is null or browser = $11)";

/// The table `attempt` as it was at an instant: the fold of `domain::attempts` over the events
/// received by then. An attempt that begins in the range (`$1`, `$2`) has an event in it; all its
/// events are folded, since some may lie before the range. [`bind_past`] binds the five arguments
/// from `first` on: the instant, kinds, their strengths, reasons and channels, in domain order.
pub(crate) fn past(first: u8) -> String {
    let [as_of, kinds, strengths, reasons, channels] = [0, 1, 2, 3, 4].map(|n| first + n);
    format!(
        r#"with known as materialized (
    select *, coalesce(array_position(${reasons}::text[], reason), 0) as reason_at,
        array_position(${kinds}::text[], kind) as kind_at,
        (${strengths}::int[])[array_position(${kinds}::text[], kind)] as strength
    from event
    where received <= ${as_of} and attempt in
        (select attempt from event where time >= $1 and time < $2 and received <= ${as_of})
), attempt as (
    select attempt as id, min(time) as time,
        (array_agg(kind order by strength desc, time desc, kind_at desc, reason_at desc,
            reason_text collate "C" desc nulls last))[1] as outcome,
        (array_agg(reason order by strength desc, time desc, kind_at desc, reason_at desc,
            reason_text collate "C" desc nulls last))[1] as reason,
        (array_agg(reason_text order by strength desc, time desc, kind_at desc, reason_at desc,
            reason_text collate "C" desc nulls last))[1] as reason_text,
        (array_agg(journey order by time, journey collate "C")
            filter (where journey is not null))[1] as journey,
        (array_agg("user" order by time, "user" collate "C")
            filter (where "user" is not null))[1] as "user",
        lower(normalize(btrim((array_agg("user" order by time, "user" collate "C")
            filter (where "user" is not null))[1]), nfc)) as user_key,
        (array_agg(phone order by time, length(phone), phone collate "C")
            filter (where phone is not null))[1] as phone,
        (array_agg(region order by time, region collate "C")
            filter (where region is not null))[1] as region,
        (array_agg(channel order by time, array_position(${channels}::text[], channel))
            filter (where channel is not null))[1] as channel,
        (array_agg(flow order by time, flow collate "C")
            filter (where flow is not null))[1] as flow,
        (array_agg(ip order by time, ip) filter (where ip is not null))[1] as ip,
        (array_agg(browser order by time, browser collate "C")
            filter (where browser is not null))[1] as browser,
        (array_agg(carrier order by time, carrier collate "C")
            filter (where carrier is not null))[1] as carrier,
        (array_agg(cost_amount order by time, cost_currency collate "C", cost_amount)
            filter (where cost_currency is not null))[1] as cost_amount,
        (array_agg(cost_currency order by time, cost_currency collate "C", cost_amount)
            filter (where cost_currency is not null))[1] as cost_currency
    from known group by attempt
)"#
    )
}

/// Binds a filter, and the arguments of [`past`] if there is an instant.
fn filled<'q>(
    statement: Statement<'q>,
    filter: &Filter,
    as_of: Option<DateTime<Utc>>,
) -> Statement<'q> {
    let statement = statement
        .bind(filter.period.from)
        .bind(filter.period.to)
        .bind(filter.user.clone())
        .bind(filter.phone.map(|phone: PhoneNumber| phone.to_string()))
        .bind(filter.ip.map(|ip| ip.to_string()))
        .bind(filter.channel.map(Channel::as_str))
        .bind(filter.outcome.map(Kind::as_str))
        .bind(filter.region.map(|region| region.to_string()))
        .bind(filter.flow.clone())
        .bind(filter.reason.map(Reason::as_str))
        .bind(filter.browser.clone())
        .persistent(false);
    match as_of {
        None => statement,
        Some(as_of) => bind_past(statement, as_of),
    }
}

/// Binds the arguments of [`past`].
pub(crate) fn bind_past(statement: Statement<'_>, as_of: DateTime<Utc>) -> Statement<'_> {
    fn sorted<T: Ord + Copy>(all: &[T]) -> Vec<T> {
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        sorted
    }
    let kinds = sorted(Kind::ALL);
    statement
        .bind(as_of)
        .bind(column(&kinds, |kind| kind.as_str()))
        .bind(column(&kinds, |kind| i32::from(kind.strength())))
        .bind(column(&sorted(Reason::ALL), |reason| reason.as_str()))
        .bind(column(&sorted(Channel::ALL), |channel| channel.as_str()))
}

/// An attempt with its unmasked number.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AttemptRow {
    /// Time of its first event.
    pub time: DateTime<Utc>,
    /// Correlation id from the source.
    pub journey: Option<String>,
    /// User name, as the source spells it.
    pub user: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// Region code of the number.
    pub region: Option<String>,
    /// Spelled as in the API.
    pub channel: Option<String>,
    /// Sign-in flow from the source.
    pub flow: Option<String>,
    /// IP address of the user.
    pub ip: Option<String>,
    /// Kind of the event that decided it.
    pub outcome: String,
    /// Neutral reason code.
    pub reason: Option<String>,
    /// Reason as worded by the source.
    pub reason_text: Option<String>,
    /// Amount and currency code, separated by a space.
    pub cost: Option<String>,
}

/// Attempts that match, newest first, then by id: as known at an instant if one is given, otherwise
/// as they are now.
pub fn attempts(
    pool: &PgPool,
    filter: &Filter,
    as_of: Option<DateTime<Utc>>,
    pace: PieceSize,
) -> impl Stream<Item = Result<AttemptRow>> + use<> {
    let sql = format!(
        r#"{} select time, journey, "user", phone, region, channel, flow, host(ip) as ip, outcome,
               reason, reason_text, cost_amount::text || ' ' || cost_currency as cost
           {FITTING} order by time desc, id"#,
        as_of.map(|_| past(12)).unwrap_or_default()
    );
    let statement = filled(declare(&sql), filter, as_of);
    in_pieces(pool, statement, pace).map(|row| Ok(AttemptRow::from_row(&row?)?))
}

pub(super) async fn count(
    pool: &PgPool,
    filter: &Filter,
    as_of: Option<DateTime<Utc>>,
    most: u64,
) -> Result<u64> {
    let before = as_of.map(|_| past(12)).unwrap_or_default();
    let sql = format!("{before} select count(*) from (select 1 {FITTING} limit {most}) as found");
    let row = filled(sqlx::query(AssertSqlSafe(sql)), filter, as_of).fetch_one(pool).await?;
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0))
}
