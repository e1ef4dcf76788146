//! Attempts, newest first, each with its events.

use super::links;
use super::view::{SubjectKind, View};
use crate::names::channel_name;
use crate::sign_ins::{Clock, Outcome, attempt_path, event_item, foot};
use crate::ui::{Empty, Panel};
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::signins::{Page, PageStart};
use engine::profiles::Story;
use engine::signins::SignIn;
use islands::text::{capital, counted};
use leptos::prelude::*;

/// A page of attempts, and links to newer and older ones.
#[component]
pub(super) fn StoryPanel(
    what: SubjectKind,
    view: View,
    place: PageStart,
    page: Page<Story>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let first = place == PageStart::Newest;
    let words = ["Newer", "Older"];
    let foot = foot("Pages of attempts", &page, !first, words, |place| view.at(place));
    let (further, wider) = (page.older, view.with_range("90d"));
    let looked = page.looked_to;
    let items = page
        .rows
        .into_iter()
        .enumerate()
        .map(|(at, story)| item(what, story, first && at == 0, now))
        .collect::<Vec<_>>();
    let body = match looked.zip(further) {
        _ if !items.is_empty() => view! { <ol class="story">{items}</ol>{foot} }.into_any(),
        Some((to, older)) => view! {
            <Empty>
                {format!("No attempt back to {} matches. ", moment(to))}
                <a href=view.at(PageStart::Before(older))>"Search further back"</a> "."
            </Empty>
        }
        .into_any(),
        None if !first => view! {
            <Empty>
                "Nothing more is in this range. "
                <a href=view.at(PageStart::Newest)>"Go to the newest"</a> "."
            </Empty>
        }
        .into_any(),
        None => view! {
            <Empty>"No attempts in this range. " <a href=wider>"Widen it"</a> "."</Empty>
        }
        .into_any(),
    };
    view! { <Panel id="story" by="story-title" title="Attempts and their events">{body}</Panel> }
}

fn item(what: SubjectKind, story: Story, open: bool, now: DateTime<Utc>) -> impl IntoView {
    let Story { attempt, told } = story;
    let reason = attempt.reason.map(|reason| capital(reason.words()));
    let channel = attempt.channel.map(|channel| channel_name(channel).to_owned());
    let flow = attempt.flow.as_deref().map(crate::names::flow);
    let sub: Vec<String> = channel.into_iter().chain(flow).collect();
    let count = counted(told.len() as u64, "event", "events");
    let links = ways(what, &attempt);
    let events = told.into_iter().map(|event| event_item(event, now)).collect::<Vec<_>>();
    view! {
        <li>
            <details open=open>
                <summary>
                    <span class="story-head">
                        <Clock time=attempt.time/>
                        <Outcome kind=attempt.outcome/>
                        {reason.map(|reason| view! { <span>{reason}</span> })}
                        <span class="story-sub">{sub.join(" · ")}</span>
                        <span class="story-sub">{count}</span>
                    </span>
                </summary>
                <ul class="story-links" aria-label="Leads to">{links}</ul>
                <ol class="timeline">{events}</ol>
            </details>
        </li>
    }
}

/// Links of an attempt, without one to the page itself.
fn ways(what: SubjectKind, attempt: &SignIn) -> impl IntoView + use<> {
    let link = |href: String, text: String| view! { <li><a href=href>{text}</a></li> };
    let user = attempt.user.as_ref().filter(|_| what != SubjectKind::User);
    let user = user.map(|user| link(links::user(&user.handle), user.text.clone()));
    let number = attempt.number.as_ref().filter(|_| what != SubjectKind::Number);
    let number = number.map(|one| link(links::number(&one.handle), one.text.clone()));
    let ip = attempt
        .ip
        .filter(|_| what != SubjectKind::Ip)
        .map(|ip| link(links::ip(ip), ip.to_string()));
    let whole = link(attempt_path(attempt.id), "View attempt".to_owned());
    (whole, user, number, ip)
}
