//! The events of an attempt, from every source.

use super::decision;
use super::facts::money;
use super::rows::{Clock, Outcome};
use crate::ui::{Panel, When, fact};
use chrono::{DateTime, Utc};
use engine::signins::{ShownEvent, TIMELINE};
use islands::text::capital;
use leptos::prelude::*;

/// The events, oldest first.
#[component]
pub(super) fn Timeline(events: Vec<ShownEvent>, now: DateTime<Utc>) -> impl IntoView {
    let all = usize::try_from(TIMELINE).is_ok_and(|most| events.len() < most);
    let items = events.into_iter().map(|event| item(event, now)).collect::<Vec<_>>();
    view! {
        <Panel by="timeline-title" title="Timeline">
            <ol class="timeline">{items}</ol>
            {(!all).then(|| view! {
                <p class="timeline-end">{format!("The first {TIMELINE} events are shown.")}</p>
            })}
        </Panel>
    }
}

/// An event with its time, kind, source and details.
pub(crate) fn item(event: ShownEvent, now: DateTime<Utc>) -> impl IntoView {
    let reason = event.reason.map(|reason| capital(reason.words()));
    let details = [
        // A decision has it in its reasons.
        ("In the source’s words", event.reason_text.filter(|_| event.decision.is_none())),
        ("Cost", event.cost.map(money)),
        ("User", event.user),
        ("Number", event.number),
        ("IP address", event.ip.map(|ip| ip.to_string())),
        ("Device", event.device),
        ("Operating system", event.os),
        ("Provider’s reference", event.provider_ref),
    ];
    let details = details
        .into_iter()
        .filter_map(|(label, value)| Some((label.to_owned(), value?)))
        .chain(event.decision.iter().flat_map(decision::facts))
        .chain(event.extra)
        .map(|(label, value)| fact(label, value))
        .collect::<Vec<_>>();
    view! {
        <li>
            <p class="timeline-head">
                <Clock time=event.time/>
                <Outcome kind=event.kind/>
                <span class="timeline-source">"from " {event.source}</span>
                {reason.map(|reason| view! { <span>{reason}</span> })}
            </p>
            <dl class="facts small">
                {details}
                {fact("Received", view! { <When time=event.received now/> })}
            </dl>
            {event.decision.and_then(decision::reasons)}
        </li>
    }
}
