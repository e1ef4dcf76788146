//! The message that is opened: its text, and the attempts to deliver it.

use super::PATH;
use super::log::{State, about};
use crate::form::outcome;
use crate::ui::{
    Button, ButtonKind, ButtonLink, Hidden, Notice, NoticeKind, Panel, Table, Th, When,
};
use chrono::{DateTime, Utc};
use domain::notify::MessageState;
use engine::notify::letter;
use leptos::prelude::*;
use store::outbox::{DeliveryAttempt, Message};

#[component]
pub(super) fn OpenMessage(
    message: Message,
    /// First to last.
    attempts: Vec<DeliveryAttempt>,
    may: bool,
    now: DateTime<Utc>,
) -> impl IntoView {
    // The text of a waiting message is not stored yet.
    let waiting = letter(&message.alert, message.count, &message.users, &message.payload);
    let title = message.subject.clone().unwrap_or_else(|| waiting.subject());
    let body = message.body.clone().unwrap_or_else(|| waiting.line.clone());
    let wrong = outcome("message").error("message").or(outcome("message").error("recipient"));
    let rows = attempts
        .into_iter()
        .map(|attempt| {
            let (class, words) =
                if attempt.ok { ("state good", "Accepted") } else { ("state bad", "Not accepted") };
            view! {
                <tr>
                    <td class="right">{attempt.number}</td>
                    <td><When time=attempt.time now/></td>
                    <td><span class=class>{words}</span></td>
                    <td class="answer">{attempt.answer}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let tried = !rows.is_empty();
    let resend = may && message.state != MessageState::Waiting && !message.removed;
    let next = (message.state == MessageState::Waiting && message.due > now).then(|| {
        let words = if message.attempts == 0 { ", leaves " } else { ", next try " };
        view! { {words} <When time=message.due now/> }
    });
    view! {
        <Panel id="message" by="message-title" title=title>
            <div class="recipient-body">
                <p class="recipient-facts">
                    {about(&message)} " to " {message.address.clone()} " · " <State state=message.state/>
                    " · written " <When time=message.created now/> {next}
                </p>
                {wrong.map(|wrong| view! { <Notice kind=NoticeKind::Failed>{wrong}</Notice> })}
                <pre class="message-body" tabindex="0" role="region" aria-label="Message">{body}</pre>
                {tried.then(|| view! {
                    <Table caption="Attempts" heads=[
                        Th::right("Attempt"), Th::left("Time"), Th::left("Result"),
                        Th::left("Answer"),
                    ]>{rows}</Table>
                })}
                <div class="recipient-actions">
                    {resend.then(|| view! {
                        <form method="post" action="/_fn/message-resend">
                            <Hidden values=vec![("id".to_owned(), message.id.to_string())]/>
                            <Button kind=ButtonKind::Quiet>"Send again"</Button>
                        </form>
                    })}
                    <ButtonLink href=PATH>"Close"</ButtonLink>
                </div>
            </div>
        </Panel>
    }
}
