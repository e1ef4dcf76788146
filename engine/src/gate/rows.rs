//! The rows of a decision: its event, and the decision itself.

use super::record::Record;
use super::shared::Shared;
use domain::gate::Verdict;
use domain::keys::Marks;
use domain::mask::masked;
use domain::{Event, Kind, Reason};
use store::decisions::New;
use store::events::NewEvent;

/// The event of source `gate` for a decision.
pub(super) fn event(shared: &Shared, record: &Record) -> NewEvent {
    let Record { id, request, decision, .. } = record;
    let (kind, cause) = if decision.verdict.lets_out() {
        (Kind::Requested, None)
    } else {
        (Kind::Refused, decision.cause())
    };
    let (browser, os) = shared.agents.of_event(request.user_agent.as_deref());
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
            journey: Some(request.journey.clone()),
            user: request.user.clone(),
            device: request.device.clone(),
            flow: request.flow.clone(),
            phone: Some(request.number()),
            channel: Some(request.channel),
            ip: request.ip,
            user_agent: request.user_agent.clone(),
            reason: cause.and_then(|why| why.code.as_str().parse::<Reason>().ok()),
            // Users who may not see whole numbers read this text too.
            reason_text: cause.map(|why| masked(&why.message, Some(request.number())).into_owned()),
            ..Event::new(shared.source.clone(), id.to_string(), record.time, kind)
        },
    }
}

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
