//! Decisions with their events, attempts, tallies and source totals, written in one round trip.

use super::New;
use crate::events::NewEvent;
use crate::micros;
use crate::parsed::column;
use crate::sources::SourceCounts;
use crate::tallies::Counts;
use chrono::{DateTime, Utc};
use domain::Region;
use domain::events::fold_user;
use sqlx::{PgConnection, Row as _};

/// Rows written by [`insert_whole`].
#[derive(Debug)]
pub struct NewDecisions<'a> {
    /// Decisions with their events. Keys and attempts must be new and unique; the months must have
    /// partitions.
    pub rows: &'a [(New<'a>, &'a NewEvent)],
    /// Tallies of the events.
    pub counts: &'a Counts,
    /// Counts of the source.
    pub brought: &'a SourceCounts,
    /// From [`crate::tallies::new_writer`].
    pub writer: i16,
    /// Time of receipt.
    pub now: DateTime<Utc>,
}

const INSERT: &str = r#"
    with incoming as (
        select * from unnest(
            $1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
            $20::uuid[], $21::text[], $22::text[], $23::integer[], $24::text[], $25::boolean[],
            $26::text[], $27::numeric[], $28::text[], $29::bigint[], $42::boolean[]
        ) as t (
            key, attempt, time, id, kind, journey, "user", user_key, device, flow, phone, region,
            channel, ip, user_agent, browser, os, reason, reason_text, decision, verdict, shadow,
            retry_after, type, valid, api_key, cost, reasons, micros, counts
        )
    ),
    keys as (insert into event_key (key) select key from incoming order by key),
    events as (
        insert into event (key, attempt, time, received, source, id, kind, journey, "user", device,
            flow, phone, region, channel, ip, user_agent, browser, os, reason, reason_text,
            counts)
        select key, attempt, time, $30, $31, id, kind, journey, "user", device, flow, phone,
            region, channel, ip::inet, user_agent, browser, os, reason, reason_text, counts
        from incoming
    ),
    decisions as (
        insert into decision (id, time, attempt, event, verdict, shadow, retry_after, type, valid,
            api_key, cost, reasons)
        select decision, time, attempt, key, verdict, shadow, retry_after, type, valid, api_key,
            cost, reasons::jsonb
        from incoming
    ),
    -- The fold of one event alone (domain::attempts): each column comes from it, at its time.
    attempts as (
        insert into attempt (id, time, outcome, outcome_time, reason, reason_text, journey,
            "user", user_key, phone, region, channel, flow, ip, browser, origins)
        select attempt, time, kind, time, reason, reason_text, journey, "user", user_key, phone,
            region, channel, flow, ip::inet, browser,
            array[
                case when journey is not null then micros end,
                case when "user" is not null then micros end,
                case when phone is not null then micros end,
                case when region is not null then micros end,
                case when channel is not null then micros end,
                case when flow is not null then micros end,
                null,
                case when ip is not null then micros end,
                case when browser is not null then micros end,
                null, null
            ]
        from incoming order by attempt
    ),
    counted as (
        insert into tally (grain, dim, bucket, channel, key, detail, writer, n)
        select t.grain, t.dim, t.bucket, t.channel, t.key, t.detail, $32, t.n
        from unnest($33::smallint[], $34::smallint[], $35::timestamptz[], $36::text[],
            $37::text[], $38::text[], $39::bigint[])
            as t (grain, dim, bucket, channel, key, detail, n)
        on conflict (grain, dim, bucket, channel, key, detail, writer)
        do update set n = tally.n + excluded.n
    ),
    noted as (
        insert into source_stat (source, writer, live, first_received, last_received, last_event,
            accepted, duplicates, rejected, longest_silence)
        values ($31, $32, true, $30, $30, $40, $41, 0, 0, interval '0')
        on conflict (source, live, writer) do update set
            last_received = excluded.last_received,
            last_event = greatest(source_stat.last_event, excluded.last_event),
            accepted = source_stat.accepted + excluded.accepted,
            longest_silence = greatest(source_stat.longest_silence,
                excluded.last_received - source_stat.last_received)
    )
    select pg_current_xact_id()::text::bigint"#;

/// Writes the rows and returns the transaction id.
///
/// # Errors
/// [`crate::Error::is_duplicate`] if a key or an attempt exists already. After any error the
/// transaction is aborted.
pub async fn insert_whole(conn: &mut PgConnection, whole: &NewDecisions<'_>) -> crate::Result<i64> {
    let NewDecisions { rows, counts, brought, writer, now } = whole;
    let statement = sqlx::query(INSERT)
        .bind(column(rows, |(_, row)| row.key))
        .bind(column(rows, |(_, row)| row.attempt))
        .bind(column(rows, |(_, row)| row.event.time))
        .bind(column(rows, |(_, row)| row.event.id.as_str()))
        .bind(column(rows, |(_, row)| row.event.kind.as_str()))
        .bind(column(rows, |(_, row)| row.event.journey.as_deref()))
        .bind(column(rows, |(_, row)| row.event.user.as_deref()))
        .bind(column(rows, |(_, row)| row.event.user.as_deref().map(fold_user)))
        .bind(column(rows, |(_, row)| row.event.device.as_deref()))
        .bind(column(rows, |(_, row)| row.event.flow.as_deref()))
        .bind(column(rows, |(_, row)| row.event.phone.map(|phone| phone.to_string())))
        .bind(column(rows, |(_, row)| row.region.as_ref().map(Region::as_str)))
        .bind(column(rows, |(_, row)| row.event.channel.map(|channel| channel.as_str())))
        .bind(column(rows, |(_, row)| row.event.ip.map(|ip| ip.to_string())))
        .bind(column(rows, |(_, row)| row.event.user_agent.as_deref()))
        .bind(column(rows, |(_, row)| row.browser.as_deref()))
        .bind(column(rows, |(_, row)| row.os.as_deref()))
        .bind(column(rows, |(_, row)| row.event.reason.map(|reason| reason.as_str())))
        .bind(column(rows, |(_, row)| row.event.reason_text.as_deref()))
        .bind(column(rows, |(new, _)| new.id))
        .bind(column(rows, |(new, _)| new.decision.verdict.as_str()))
        .bind(column(rows, |(new, _)| new.decision.shadow.as_str()))
        .bind(column(rows, |(new, _)| super::seconds(new)))
        .bind(column(rows, |(new, _)| new.kind.as_str()))
        .bind(column(rows, |(new, _)| new.valid))
        .bind(column(rows, |(new, _)| new.api_key))
        .bind(column(rows, |(new, _)| super::cost(new)))
        .bind(column(rows, |(new, _)| super::reasons(new)))
        .bind(column(rows, |(_, row)| micros(row.event.time)))
        .bind(now)
        .bind(rows.first().map_or("gate", |(_, row)| row.event.source.as_str()))
        .bind(writer);
    let statement = counts.bind(statement).bind(brought.newest).bind(brought.accepted);
    let statement = statement.bind(column(rows, |(_, row)| row.marks.counts));
    Ok(statement.fetch_one(conn).await?.try_get(0)?)
}
