//! What each source sent, and when it last did.

use crate::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::types::PgInterval;
use sqlx::{PgConnection, PgPool, Row as _};

/// Counts of one batch from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Events that were new.
    pub accepted: i64,
    /// Events stored before.
    pub duplicates: i64,
    /// Records that could not be parsed.
    pub rejected: i64,
    /// Time of the newest event, if any.
    pub newest: Option<DateTime<Utc>>,
}

/// Adds a batch's counts to its source. `live` is false for imports of files.
pub async fn note(
    conn: &mut PgConnection,
    source: &str,
    writer: i16,
    live: bool,
    brought: &SourceCounts,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "insert into source_stat (source, writer, live, first_received, last_received, last_event,
             accepted, duplicates, rejected, longest_silence)
         values ($1, $2, $3, $4, $4, $5, $6, $7, $8, interval '0')
         on conflict (source, live, writer) do update set
             last_received = excluded.last_received,
             last_event = greatest(source_stat.last_event, excluded.last_event),
             accepted = source_stat.accepted + excluded.accepted,
             duplicates = source_stat.duplicates + excluded.duplicates,
             rejected = source_stat.rejected + excluded.rejected,
             longest_silence = greatest(source_stat.longest_silence,
                 excluded.last_received - source_stat.last_received)",
    )
    .bind(source)
    .bind(writer)
    .bind(live)
    .bind(now)
    .bind(brought.newest)
    .bind(brought.accepted)
    .bind(brought.duplicates)
    .bind(brought.rejected)
    .execute(conn)
    .await?;
    Ok(())
}

/// A source's totals and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTotals {
    /// Name of the source.
    pub source: String,
    /// Whether it ever sent anything other than imported files.
    pub live: bool,
    /// When its first batch was received; imports count only if it has no other batches.
    pub first_received: DateTime<Utc>,
    /// When its last batch was received; imports count as in `first_received`.
    pub last_received: DateTime<Utc>,
    /// Time of its newest event.
    pub last_event: Option<DateTime<Utc>>,
    /// Total of new events.
    pub accepted: i64,
    /// Total of events that were stored before.
    pub duplicates: i64,
    /// Total of records that could not be parsed.
    pub rejected: i64,
    /// Number of events that happened in the last hour.
    pub last_hour: i64,
    /// Longest time between two batches, imports not counted.
    pub longest_silence: TimeDelta,
}

/// All sources, ordered by name.
pub async fn list(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<SourceTotals>> {
    let sql = "select source, bool_or(live) as live,
             coalesce(min(first_received) filter (where live), min(first_received))
                 as first_received,
             coalesce(max(last_received) filter (where live), max(last_received))
                 as last_received,
             max(last_event) as last_event, sum(accepted)::bigint as accepted,
             sum(duplicates)::bigint as duplicates, sum(rejected)::bigint as rejected,
             coalesce(max(longest_silence) filter (where live), interval '0') as longest_silence,
             coalesce((select sum(n) from tally where grain = 1 and dim = 5
                 and bucket > $1::timestamptz - interval '1 hour' and bucket <= $1
                 and key = source), 0)::bigint as last_hour
         from source_stat group by source order by source";
    let rows = sqlx::query(sql).bind(now).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let silence: PgInterval = row.try_get("longest_silence")?;
            Ok(SourceTotals {
                source: row.try_get("source")?,
                live: row.try_get("live")?,
                first_received: row.try_get("first_received")?,
                last_received: row.try_get("last_received")?,
                last_event: row.try_get("last_event")?,
                accepted: row.try_get("accepted")?,
                duplicates: row.try_get("duplicates")?,
                rejected: row.try_get("rejected")?,
                longest_silence: TimeDelta::microseconds(silence.microseconds)
                    + TimeDelta::days(i64::from(silence.days) + 30 * i64::from(silence.months)),
                last_hour: row.try_get("last_hour")?,
            })
        })
        .collect()
}
