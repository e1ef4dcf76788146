//! Attempts row by row, however many there are: as they are now, or folded again from the events
//! that were known at an instant.

use super::{Pace, declare, in_pieces};
use crate::Result;
use chrono::{DateTime, Utc};
use domain::signins::Filter;
use domain::{Channel, Kind, PhoneNumber, Reason};
use futures::{Stream, StreamExt as _};
use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, FromRow, PgPool, Postgres, Row as _};

/// The attempts that fit, by the arguments that [`filled`] binds.
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

/// The table `attempt` as it was at an instant: the fold of `domain::attempts` over the events that
/// had come in by then. Attempts that begin in the range (`$1`, `$2`) have an event in it; all
/// events of those are folded, since others of them may lie before. [`bind_past`] binds the five
/// arguments from `first` on: the instant, the kinds with their strengths, the reasons and the
/// channels in their order.
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

type Statement = sqlx::query::Query<'static, Postgres, PgArguments>;

/// Binds range and filters, and what [`past`] asks for.
fn filled(statement: Statement, filter: &Filter, as_of: Option<DateTime<Utc>>) -> Statement {
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

/// Binds what [`past`] asks for.
pub(crate) fn bind_past(statement: Statement, as_of: DateTime<Utc>) -> Statement {
    let mut kinds = Kind::ALL.to_vec();
    kinds.sort_unstable();
    let mut reasons = Reason::ALL.to_vec();
    reasons.sort_unstable();
    let mut channels = Channel::ALL.to_vec();
    channels.sort_unstable();
    let words = |words: Vec<&'static str>| words;
    statement
        .bind(as_of)
        .bind(words(kinds.iter().map(|kind| kind.as_str()).collect()))
        .bind(kinds.iter().map(|kind| i32::from(kind.strength())).collect::<Vec<i32>>())
        .bind(words(reasons.iter().map(|reason| reason.as_str()).collect()))
        .bind(words(channels.iter().map(|channel| channel.as_str()).collect()))
}

/// An attempt, its number whole.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AttemptRow {
    /// When it began.
    pub time: DateTime<Utc>,
    /// Its journey.
    pub journey: Option<String>,
    /// The user, as the source writes them.
    pub user: Option<String>,
    /// The number.
    pub phone: Option<String>,
    /// The number's region.
    pub region: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The flow.
    pub flow: Option<String>,
    /// The user's address.
    pub ip: Option<String>,
    /// What came of it.
    pub outcome: String,
    /// Why, in our words.
    pub reason: Option<String>,
    /// Why, in the source's words.
    pub reason_text: Option<String>,
    /// What it cost, with its currency.
    pub cost: Option<String>,
}

/// Attempts that fit, newest first, those of the same time by id. As of an instant if one is given,
/// else as they are.
pub fn attempts(
    pool: &PgPool,
    filter: &Filter,
    as_of: Option<DateTime<Utc>>,
    pace: Pace,
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
