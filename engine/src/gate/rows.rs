//! The rows of a decision: its event, the decision itself, and the source's counts.

use super::record::Record;
use super::shared::Shared;
use crate::ingest::Sources;
use domain::gate::Verdict;
use domain::keys::Marks;
use domain::mask::masked;
use domain::{Event, Kind, Reason};
use std::collections::HashSet;
use store::decisions::New;
use store::events::NewEvent;
use uuid::Uuid;

/// The event of source `gate` for a decision.
pub(super) fn event(shared: &Shared, record: &Record) -> NewEvent {
    let Record { id, request, decision, .. } = record;
    let (kind, cause) = if decision.verdict.lets_out() {
        (Kind::Requested, None)
    } else {
        (Kind::Refused, decision.cause())
    };
    let (browser, os) = match &request.user_agent {
        Some(agent) => {
            let (browser, os) = shared.agents.families(agent);
            (Some(browser), Some(os))
        }
        None => (None, None),
    };
    NewEvent {
        key: record.event,
        attempt: request.attempt(),
        region: Some(request.phone.region),
        browser,
        os,
        // A request that got a captcha counts once the captcha is solved, through the later
        // decision.
        marks: Marks { counts: decision.verdict != Verdict::Challenge, ..Marks::default() },
        event: Event {
            source: shared.source.clone(),
            id: id.to_string(),
            time: record.time,
            kind,
            journey: Some(request.journey.clone()),
            user: request.user.clone(),
            device: request.device.clone(),
            flow: request.flow.clone(),
            app: None,
            phone: Some(request.number()),
            channel: Some(request.channel),
            ip: request.ip,
            user_agent: request.user_agent.clone(),
            reason: cause.and_then(|why| why.code.as_str().parse::<Reason>().ok()),
            // Users who may not see whole numbers read this text too.
            reason_text: cause.map(|why| masked(&why.message, Some(request.number())).into_owned()),
            provider_ref: None,
            carrier: None,
            cost: None,
            extra: serde_json::Map::new(),
        },
    }
}

/// The row of the decision.
pub(super) fn row(record: &Record) -> New<'_> {
    New {
        id: record.id.0,
        time: record.time,
        attempt: record.request.attempt(),
        event: record.event,
        kind: record.request.phone.kind,
        valid: record.request.phone.valid,
        api_key: &record.caller.key,
        decision: &record.decision,
    }
}

/// The counts of the source `gate`.
pub(super) fn brought(events: &[NewEvent], fresh: &HashSet<Uuid>) -> Sources {
    let mut brought = Sources::new();
    for row in events.iter().filter(|row| fresh.contains(&row.key)) {
        let note = brought.entry((row.event.source.to_string(), true)).or_default();
        note.accepted += 1;
        note.newest = note.newest.max(Some(row.event.time));
    }
    brought
}
