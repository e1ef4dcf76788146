//! Attempts counted by what became of them, by `GROUP BY`: exact for any range, and the truth that
//! the attempt table is held against. They count at the time they began.

use crate::Result;
use crate::parsed::parsed;
use crate::workbook::Bound as _;
use domain::Kind;
use domain::bucket::Edges;
use domain::conversion::{By, Funnel, codes_alone};
use domain::region_figures::Figures;
use domain::series::Chart;
use domain::workbook::{Filters, Query};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use std::collections::BTreeMap;

/// The attempts that fit a query, by the arguments that [`crate::workbook::Bound`] binds.
pub(crate) const ATTEMPTS: &str = "time >= $1 and time < $2
             and ($3::text is null or channel = $3)
             and ($4::text is null or phone = $4)
             and ($5::text is null or ip = $5::inet)
             and ($6::text is null or flow = $6)
             and ($7::text is null or browser = $7)
             and ($8::text is null or region = $8)
             and ($9::text is null or reason = $9)";

/// The largest sum of money that is told.
pub const MOST: i64 = 1_000_000_000_000_000_000;

/// A number's calling prefix ([`domain::conversion::prefix`]); the calling code's length as
/// [`domain::PhoneNumber::calling_code_len`] has it.
const PREFIX: &str = "left(phone, 1 + least(3 + case
        when substr(phone, 2, 1) in ('1', '7') then 1
        when substr(phone, 2, 2) in ('20', '27', '30', '31', '32', '33', '34', '36', '39', '40',
            '41', '43', '44', '45', '46', '47', '48', '49', '51', '52', '53', '54', '55', '56',
            '57', '58', '60', '61', '62', '63', '64', '65', '66', '81', '82', '84', '86', '90',
            '91', '92', '93', '94', '95', '98') then 2
        else 3 end, length(phone) - 5))";

/// What became of attempts, key by key: most sent first, then by key. The key is the code of a
/// region, a calling prefix with its plus sign (`+371253`), a flow or carrier as told, a network
/// in CIDR form (`203.0.113.0/24`, `2001:db8:1::/48`) or a channel; empty where the attempts have
/// none.
///
/// # Errors
/// When the database refuses.
pub async fn rows(pool: &PgPool, by: By, query: &Query) -> Result<Vec<(String, Figures)>> {
    let sql = counted(by, &query.filters);
    tally(&sqlx::query(sqlx::AssertSqlSafe(sql)).query(query).fetch_all(pool).await?)
}

/// The statement that counts attempts key by key; the report `conversion` puts attempts as they
/// were at an instant before it.
pub(crate) fn counted(by: By, filters: &Filters) -> String {
    let key = match by {
        By::Region => "region",
        By::Prefix => PREFIX,
        By::Flow => "flow",
        By::Carrier => "carrier",
        By::Ip => "set_masklen(ip, case family(ip) when 4 then 24 else 48 end)::cidr::text",
        By::Channel => "channel",
    };
    // A sum that no amount of ours can hold is told as the largest that they can.
    format!(
        "select coalesce({key}, '') collate \"C\" as key, {OUTCOME} as came_to, cost_currency,
             count(*) as n, least(sum(cost_amount), 1e18) as cost
         from attempt where {ATTEMPTS}{} group by 1, 2, 3",
        codes(by, filters)
    )
}

/// What attempts came to, prompts as [`domain::conversion::of_prompt`] has them.
const OUTCOME: &str = "case when channel = 'push' and outcome = 'approved' then 'verified'
             when channel = 'push' and outcome = 'prompted' then 'sent' else outcome end";

/// What leaves prompts of push out, where they are.
fn codes(by: By, filters: &Filters) -> &'static str {
    if codes_alone(by, filters) { " and channel is distinct from 'push'" } else { "" }
}

/// What was counted, in its order.
pub(crate) fn tally(found: &[PgRow]) -> Result<Vec<(String, Figures)>> {
    let mut keys: BTreeMap<String, Figures> = BTreeMap::new();
    for row in found {
        let figures = keys.entry(row.try_get("key")?).or_default();
        figures.count(outcome(row)?, count(row)?);
        let (currency, cost): (Option<String>, Option<Decimal>) =
            (row.try_get("cost_currency")?, row.try_get("cost")?);
        if let (Some(currency), Some(cost)) = (currency, cost) {
            figures.spend(&currency, cost);
        }
    }
    let mut rows: Vec<_> = keys.into_iter().collect();
    for (_, figures) in &mut rows {
        figures.cost.iter_mut().for_each(|(_, cost)| *cost = (*cost).min(Decimal::from(MOST)));
    }
    // Keys are in order already.
    rows.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.sent));
    Ok(rows)
}

/// Attempts bucket by bucket: as [`Chart::strip`] has them.
///
/// # Errors
/// When the database refuses.
pub async fn strip(pool: &PgPool, query: &Query, edges: &Edges) -> Result<Chart> {
    let sql = format!(
        "select width_bucket(time, $10) as bucket, outcome as came_to, count(*) as n from attempt
         where {ATTEMPTS} group by 1, 2"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(sql))
        .query(query)
        .bind(edges.starts())
        .fetch_all(pool)
        .await?;
    let counted = |row: &PgRow| -> Result<_> {
        // The first bucket is 1, and nothing lies before it: it begins with the range or earlier.
        let at = usize::try_from(row.try_get::<i32, _>("bucket")? - 1).unwrap_or(0);
        Ok((at, outcome(row)?, count(row)?))
    };
    let counts: Vec<_> = found.iter().map(counted).collect::<Result<_>>()?;
    Ok(Chart::strip(edges, counts))
}

/// What became of attempts, step by step.
///
/// # Errors
/// When the database refuses.
pub async fn funnel(pool: &PgPool, query: &Query) -> Result<Funnel> {
    let sql = format!(
        "select delivered, {OUTCOME} as came_to, count(*) as n,
             coalesce(channel = 'push', false) as prompt
         from attempt where {ATTEMPTS} group by 1, 2, 4"
    );
    let codes = codes_alone(By::Region, &query.filters);
    let found = sqlx::query(sqlx::AssertSqlSafe(sql)).query(query).fetch_all(pool).await?;
    let mut funnel = Funnel::default();
    for row in &found {
        let n = count(row)?;
        match codes && row.try_get("prompt")? {
            true => funnel.prompts += n,
            false => funnel.count(outcome(row)?, row.try_get("delivered")?, n),
        }
    }
    Ok(funnel)
}

fn outcome(row: &PgRow) -> Result<Kind> {
    parsed("attempt", row.try_get("came_to")?)
}

fn count(row: &PgRow) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or(0))
}
