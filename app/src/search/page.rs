//! The page `/search`.

use super::field::PageSearch;
use super::forms::{Bypass, Unblock};
use super::{PATH, address};
use crate::form::outcome;
use crate::profiles::links;
use crate::sign_ins::{attempt_path, go};
use crate::ui::{Empty, Failed, Icon, Notice, NoticeKind, PageHead};
use crate::who;
use domain::helpdesk::{Sentence, Tone, Wanted, read};
use domain::roles::Permission;
use domain::workbook::Sight;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::helpdesk::{Answer, search};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_location;

const LINE: &str = "Why does this person get no code? Times are UTC.";

/// The box and, when something was looked for, the answer.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_location().search.get_untracked();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let q = pairs.filter(|(name, _)| name == "q").last().map(|(_, q)| q).unwrap_or_default();
    let q = q.trim().to_owned();
    // The context is asked before the first await, while it is surely there.
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let (sight, guards) = (who::sight(), who::may(Permission::Guard));
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                match engine {
                    Some(engine) => whole(engine, response, q, sight, guards).await,
                    None => lost("the engine is not running", &q),
                }
            })}
        </Suspense>
    }
}

async fn whole(
    engine: Engine,
    response: Option<ResponseOptions>,
    q: String,
    sight: Sight,
    guards: bool,
) -> AnyView {
    let key = match engine.handles.key().await {
        Ok(key) => key,
        Err(error) => return lost(&error.to_string(), &q),
    };
    let wanted = match read(&q, &key, sight) {
        Ok(wanted) => wanted,
        Err(invalid) => return refused(q, &invalid, sight),
    };
    // Numbers do not stay in the address.
    if let Wanted::Number(phone) = wanted
        && !q.starts_with("n_")
    {
        go(response.as_ref(), &address(&key.number(phone)));
        return ().into_any();
    }
    match search(&engine, &wanted, sight).await {
        Err(error) => lost(&error.to_string(), &q),
        Ok(None) => view! {
            <PageHead title="Help desk" line=LINE/>
            <PageSearch q error=None/>
            <Empty>
                "Type a user, a number with its country’s code, an IP address, or the id of a \
                journey, an attempt or a report."
            </Empty>
        }
        .into_any(),
        Ok(Some(answer)) => {
            // Typed names do not stay in the address either.
            if let (Wanted::Text(_), None, [user]) =
                (&wanted, answer.attempt, answer.users.as_slice())
            {
                go(response.as_ref(), &address(&user.handle));
                return ().into_any();
            }
            let shown = if q.starts_with("n_") || q.starts_with("u_") { &answer.title } else { &q };
            let shown = shown.clone();
            view! {
                <PageHead title="Help desk" line=LINE/>
                <PageSearch q=shown error=None/>
                <Told answer q guards/>
            }
            .into_any()
        }
    }
}

/// What was done by a form of the page; then the answer and what can be done.
#[component]
fn Told(answer: Answer, q: String, guards: bool) -> impl IntoView {
    let done = outcome("done");
    let done = done.done().map(|done| {
        let done = done.to_owned();
        view! { <Notice kind=NoticeKind::Done>{done}</Notice> }
    });
    let Answer { title, sentences, facts, attempt, report, users, numbers, ip, blocks, bypass } =
        answer;
    let lines = sentences.into_iter().map(line).collect::<Vec<_>>();
    let facts = facts.into_iter().map(fact).collect::<Vec<_>>();
    let facts = (!facts.is_empty()).then(|| view! { <dl class="facts">{facts}</dl> });
    let acts = guards.then(|| {
        let unblocks = blocks
            .into_iter()
            .map(|(id, whom)| view! { <Unblock q=q.clone() id whom/> })
            .collect::<Vec<_>>();
        let bypass = bypass.map(|whom| view! { <Bypass q=q.clone() whom/> });
        view! { <div class="acts">{unblocks}{bypass}</div> }
    });
    let link = |href: String, words: String| view! { <li><a href=href>{words}</a></li> };
    let attempt = attempt.map(|id| link(attempt_path(id), "The attempt".to_owned()));
    let report = report.map(|id| link(format!("/fraud-alerts/{id}"), "The report".to_owned()));
    let users = users
        .into_iter()
        .map(|user| link(links::user(&user.handle), format!("All about {}", user.text)))
        .collect::<Vec<_>>();
    let numbers = numbers
        .into_iter()
        .map(|number| link(links::number(&number.handle), format!("All about {}", number.text)))
        .collect::<Vec<_>>();
    let ip = ip.map(|ip| link(links::ip(ip), format!("All about {ip}")));
    view! {
        {done}
        <section class="panel answer" aria-labelledby="answer-title">
            <h2 id="answer-title">{title}</h2>
            {facts}
            <ul class="sentences">{lines}</ul>
            {acts}
            <ul class="answer-links" aria-label="More">{attempt}{report}{users}{numbers}{ip}</ul>
        </section>
    }
}

fn line(sentence: Sentence) -> impl IntoView {
    let (class, icon) = match sentence.tone {
        Tone::Stops => ("stops", "alert"),
        Tone::Helps => ("helps", "check"),
        Tone::Fact => ("fact", "info"),
    };
    view! { <li class=class><Icon name=icon/><span>{sentence.text}</span></li> }
}

fn fact((name, value): (&'static str, String)) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
}

/// A question that cannot be read; digits are not shown again to those who may not type them.
fn refused(q: String, invalid: &Invalid, sight: Sight) -> AnyView {
    let error = invalid.of("q").map(str::to_owned);
    let typed = invalid.fields.iter().any(|field| field.code == Fault::Forbidden);
    let q = if typed && sight == Sight::Masked { String::new() } else { q };
    view! {
        <PageHead title="Help desk" line=LINE/>
        <PageSearch q error/>
    }
    .into_any()
}

fn lost(error: &str, q: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "the help desk's search failed");
    let retry = if q.is_empty() { PATH.to_owned() } else { address(q) };
    view! {
        <PageHead title="Help desk" line=LINE/>
        <Failed what="The search failed." reference retry/>
    }
    .into_any()
}
