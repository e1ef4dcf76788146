//! The delivery log.

use super::{PATH, message_path};
use crate::ui::{ButtonLink, Empty, LongText, Panel, Table, Th, When};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::notify::{AlertKind, MessageState};
use islands::text::thousands;
use leptos::prelude::*;
use store::After;
use store::outbox::Message;

/// Messages per page.
pub(super) const PAGE: usize = 50;

/// Reads a position in the log from the URL: time and id.
pub(super) fn read_cursor(text: &str) -> Option<After> {
    let (time, id) = text.split_once('_')?;
    Some(After { time: domain::period::parse_time(time).ok()?, id: id.parse().ok()? })
}

fn write_cursor(message: &Message) -> String {
    let created = message.created.to_rfc3339_opts(SecondsFormat::Micros, true);
    format!("{created}_{}", message.id)
}

/// What was sent, newest first.
#[component]
pub(super) fn Log(
    /// One more than [`PAGE`] if there is another page.
    messages: Vec<Message>,
    /// Whether this is not the newest page.
    further: bool,
    now: DateTime<Utc>,
) -> impl IntoView {
    let more = messages.len() > PAGE;
    let older = messages.get(PAGE - 1).filter(|_| more);
    let older = older.map(|last| format!("{PATH}?before={}#log", write_cursor(last)));
    let body = if messages.is_empty() {
        view! { <Empty>"No messages yet."</Empty> }.into_any()
    } else {
        let rows = messages.into_iter().take(PAGE).map(|message| line(message, now)).collect_view();
        view! {
            <Table caption="Delivery log" by="log-title" heads=[
                Th::left("Time"), Th::left("Alert"), Th::left("Recipient"), Th::left("State"),
                Th::right("Attempts"), Th::wide("Answer"),
            ]>{rows}</Table>
        }
        .into_any()
    };
    view! {
        <Panel id="log" by="log-title" title="Delivery log">
            {body}
            {(further || older.is_some()).then(|| view! {
                <nav class="log-steps" aria-label="Delivery log pages">
                    {further.then(|| view! { <ButtonLink href=format!("{PATH}#log")>"Newest"</ButtonLink> })}
                    {older.map(|href| view! { <ButtonLink href>"Older"</ButtonLink> })}
                </nav>
            })}
        </Panel>
    }
}

fn line(message: Message, now: DateTime<Utc>) -> impl IntoView {
    let open = format!("{}#message", message_path(message.id));
    view! {
        <tr>
            <td><When time=message.created now/></td>
            <td><a href=open>{about(&message)}</a></td>
            <td><LongText text=message.address.clone()/></td>
            <td><State state=message.state/></td>
            <td class="right">{message.attempts}</td>
            <td class="wide" title=message.answer.clone()>{message.answer.clone()}</td>
        </tr>
    }
}

/// What a message is about: `Fraud report`, `37 fraud reports`, `Test`.
pub(super) fn about(message: &Message) -> String {
    match message.alert.parse::<AlertKind>() {
        Err(_) => "Test".to_owned(),
        Ok(kind) if message.count > 1 => {
            format!("{} {}", thousands(message.count.unsigned_abs()), kind.several())
        }
        Ok(kind) => kind.label().to_owned(),
    }
}

#[component]
pub(super) fn State(state: MessageState) -> impl IntoView {
    let class = match state {
        MessageState::Sent => "state good",
        MessageState::Waiting => "state quiet",
        MessageState::Kept => "state warning",
        MessageState::Failed => "state bad",
    };
    view! { <span class=class>{state.label()}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nonsense_is_none() {
        let text = "2026-11-20T12:00:00.123456Z_00000000-0000-0000-0000-000000000009";
        let cursor = read_cursor(text).unwrap();
        assert_eq!(cursor.id.as_u128(), 9);
        assert_eq!(cursor.time.timestamp_subsec_micros(), 123_456);
        for wrong in ["", "x", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z_x", "_"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
