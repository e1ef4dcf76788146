//! Attempts counted by outcome with `group by`: exact for any range, and the reference for tests of
//! the attempt table. An attempt counts at the time it began.

use crate::Result;
use crate::parsed::parsed;
use crate::workbook::{bind, bucket_index, filters};
use domain::Kind;
use domain::bucket::Edges;
use domain::conversion::{By, Funnel, codes_alone};
use domain::region_figures::Figures;
use domain::series::Chart;
use domain::workbook::{Filters, Query};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use std::collections::BTreeMap;

/// Condition for the attempts of a query; [`bind`] binds its arguments.
const ATTEMPTS: &str = concat!("time >= $1 and time < $2 and ", filters!());

/// The largest sum of money reported.
pub const MOST: i64 = 1_000_000_000_000_000_000;

/// [`domain::conversion::prefix`] in SQL, with the length of the calling code as in
/// [`domain::PhoneNumber::calling_code_len`].
const PREFIX: &str = "left(phone, 1 + least(3 + case
        when substr(phone, 2, 1) in ('1', '7') then 1
        when substr(phone, 2, 2) in ('20', '27', '30', '31', '32', '33', '34', '36', '39', '40',
            '41', '43', '44', '45', '46', '47', '48', '49', '51', '52', '53', '54', '55', '56',
            '57', '58', '60', '61', '62', '63', '64', '65', '66', '81', '82', '84', '86', '90',
            '91', '92', '93', '94', '95', '98') then 2
        else 3 end, length(phone) - 5))";

/// Outcomes of attempts by key: most sent first, then by key. The key is a region code, a calling
/// prefix with plus sign (`+371253`), a flow or carrier, a network (`203.0.113.0/24`,
/// `2001:db8:1::/48`) or a channel; empty for attempts without one.
pub async fn rows(pool: &PgPool, by: By, query: &Query) -> Result<Vec<(String, Figures)>> {
    let sql = AssertSqlSafe(counted(by, &query.filters));
    tally(&bind(sqlx::query(sql), query).fetch_all(pool).await?)
}

/// The statement for [`rows`]. The report `conversion` puts a `with` clause before it that defines
/// `attempt` as of an instant.
pub(crate) fn counted(by: By, filters: &Filters) -> String {
    let key = match by {
        By::Region => "region",
        By::Prefix => PREFIX,
        By::Flow => "flow",
        By::Carrier => "carrier",
        By::Ip => "set_masklen(ip, case family(ip) when 4 then 24 else 48 end)::cidr::text",
        By::Channel => "channel",
    };
    // A sum out of range becomes the largest amount in range.
    format!(
        "select coalesce({key}, '') collate \"C\" as key, {OUTCOME} as came_to, cost_currency,
             count(*) as n, least(sum(cost_amount), 1e18) as cost
         from attempt where {ATTEMPTS}{} group by 1, 2, 3",
        codes(by, filters)
    )
}

/// Outcome of an attempt, with that of push prompts as in [`domain::conversion::of_prompt`].
const OUTCOME: &str = "case when channel = 'push' and outcome = 'approved' then 'verified'
             when channel = 'push' and outcome = 'prompted' then 'sent' else outcome end";

/// Condition that excludes push prompts, where the domain says so.
fn codes(by: By, filters: &Filters) -> &'static str {
    if codes_alone(by, filters) { " and channel is distinct from 'push'" } else { "" }
}

/// Merges the counted rows by key.
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
    // A stable sort: equal ones stay ordered by key.
    rows.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.sent));
    Ok(rows)
}

/// Attempts by bucket, for [`Chart::strip`].
pub async fn strip(pool: &PgPool, query: &Query, edges: &Edges) -> Result<Chart> {
    let sql = format!(
        "select width_bucket(time, $10) as bucket, outcome as came_to, count(*) as n from attempt
         where {ATTEMPTS} group by 1, 2"
    );
    let statement = bind(sqlx::query(AssertSqlSafe(sql)), query).bind(edges.starts());
    let found = statement.fetch_all(pool).await?;
    let counted = |row: &PgRow| -> Result<_> {
        Ok((bucket_index(row.try_get("bucket")?), outcome(row)?, count(row)?))
    };
    let counts: Vec<_> = found.iter().map(counted).collect::<Result<_>>()?;
    Ok(Chart::strip(edges, counts))
}

/// Attempts by the step they reached.
pub async fn funnel(pool: &PgPool, query: &Query) -> Result<Funnel> {
    let sql = format!(
        "select delivered, {OUTCOME} as came_to, count(*) as n,
             coalesce(channel = 'push', false) as prompt
         from attempt where {ATTEMPTS} group by 1, 2, 4"
    );
    let codes = codes_alone(By::Region, &query.filters);
    let found = bind(sqlx::query(AssertSqlSafe(sql)), query).fetch_all(pool).await?;
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
