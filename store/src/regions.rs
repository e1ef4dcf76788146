//! Attempts counted by hour, region and channel, for the engine's table of regions.

use crate::parsed::{parsed, read_all};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::region_figures::HourCount;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use std::collections::BTreeMap;

/// Attempts that began from `from` to before `to`, counted by hour, region, channel, outcome and
/// currency, in no order. Those without region or channel, which have no number, are left out.
pub async fn counted(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<HourCount>> {
    // A sum out of range becomes the largest amount in range.
    let sql =
        "select floor(extract(epoch from time) / 3600)::bigint as hour, region, channel, outcome,
             cost_currency, count(*) as n, least(sum(cost_amount), 1e18)::numeric(28, 9) as cost
         from attempt
         where time >= $1 and time < $2 and region is not null and channel is not null
         group by 1, 2, 3, 4, 5";
    read_all(db, sqlx::query(sql).bind(from).bind(to), read).await
}

fn read(row: &PgRow) -> Result<HourCount> {
    let n: i64 = row.try_get("n")?;
    let currency: Option<String> = row.try_get("cost_currency")?;
    let amount: Option<Decimal> = row.try_get("cost")?;
    Ok(HourCount {
        hour: row.try_get("hour")?,
        region: parsed("attempt", row.try_get("region")?)?,
        channel: parsed("attempt", row.try_get("channel")?)?,
        outcome: parsed("attempt", row.try_get("outcome")?)?,
        n: u64::try_from(n).map_err(|error| Error::corrupt("attempt", error))?,
        cost: currency.zip(amount),
    })
}

/// Number of events by day (days since 1970), from `from` on. A changed number shows that a day
/// must be counted again.
pub async fn events_by_day(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
) -> Result<BTreeMap<i64, i64>> {
    let sql = "select floor(extract(epoch from bucket) / 86400)::bigint, sum(n)::bigint from tally
         where grain = 1440 and dim = 1 and bucket >= $1 group by 1";
    let days: Vec<(i64, i64)> = sqlx::query_as(sql).bind(from).fetch_all(db).await?;
    Ok(days.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::fold;
    use crate::attempts::tests::bare;
    use crate::tallies::{self, Counts, Dim};
    use domain::attempts::{Attempt, First};
    use domain::{Channel, Kind};
    use sqlx::PgPool;

    fn at(text: &str) -> DateTime<Utc> {
        domain::period::parse_time(text).unwrap()
    }

    fn attempt(id: u128, time: &str, region: Option<&str>, cost: Option<Decimal>) -> Attempt {
        let time = at(time);
        let region = region.map(|code| code.parse().unwrap());
        Attempt {
            region: First::at(time, region),
            channel: First::at(time, Some(Channel::Sms)),
            cost: First::at(time, cost.map(|cost| ("EUR".to_owned(), cost))),
            ..bare(id, time)
        }
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn attempts_count_by_the_hour_they_began_in(pool: PgPool) -> Result<()> {
        let mut conn = pool.acquire().await?;
        let cent = Decimal::new(1, 2);
        let attempts = vec![
            attempt(1, "2026-11-20T11:59:59.999999Z", Some("US"), Some(cent)),
            attempt(2, "2026-11-20T12:00:00Z", Some("US"), Some(cent)),
            attempt(3, "2026-11-20T12:59:59Z", Some("US"), Some(cent)),
            attempt(4, "2026-11-20T12:00:00Z", Some("US"), None),
            attempt(5, "2026-11-20T12:00:00Z", None, None),
            attempt(6, "2026-11-20T13:00:00Z", Some("US"), None),
            attempt(7, "2026-11-20T12:00:00Z", Some("001"), Some(Decimal::MAX)),
            attempt(8, "2026-11-20T12:00:00Z", Some("001"), Some(Decimal::MAX)),
        ];
        fold(&mut conn, attempts).await?;
        let (from, to) = (at("2026-11-20T12:00:00Z"), at("2026-11-20T13:00:00Z"));
        let mut counted = counted(&pool, from, to).await?;
        counted.sort_by_key(|one| (one.region, one.cost.clone()));
        let hour = from.timestamp() / 3_600;
        let all = |code: &str, n, cost: Option<Decimal>| HourCount {
            hour,
            region: code.parse().unwrap(),
            channel: Channel::Sms,
            outcome: Kind::Sent,
            n,
            cost: cost.map(|cost| ("EUR".to_owned(), cost)),
        };
        let most = Decimal::from(1_000_000_000_000_000_000_i64);
        assert_eq!(
            counted,
            [all("001", 2, Some(most)), all("US", 1, None), all("US", 2, Some(Decimal::new(2, 2)))]
        );
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn days_tell_how_many_events_they_have(pool: PgPool) -> Result<()> {
        let mut conn = pool.acquire().await?;
        let mut counts = Counts::default();
        for (time, n) in [("2026-11-18T23:00:00Z", 1), ("2026-11-19T00:00:00Z", 2)] {
            for _ in 0..n {
                counts.add(1, Dim::Kind, at(time), (None, "sent", ""));
                counts.add(1, Dim::Source, at(time), (None, "app", ""));
            }
        }
        tallies::add(&mut conn, 1, &counts).await?;
        tallies::add(&mut conn, 2, &counts).await?;
        let day = at("2026-11-19T00:00:00Z");
        let first = day.timestamp() / 86_400;
        assert_eq!(events_by_day(&pool, day).await?, BTreeMap::from([(first, 4)]));
        let before = at("2026-11-18T00:00:00Z");
        assert_eq!(
            events_by_day(&pool, before).await?,
            BTreeMap::from([(first - 1, 2), (first, 4)])
        );
        Ok(())
    }
}
