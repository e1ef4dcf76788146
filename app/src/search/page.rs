//! The page `/search`.

use super::address;
use super::field::PageSearch;
use super::forms::{Bypass, Unblock};
use crate::form::outcome;
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::profiles::links;
use crate::sign_ins::attempt_path;
use crate::ui::{Empty, FormResult, Icon, PageHead, fact};
use domain::helpdesk::{SearchTerm, Sentence, Tone, read};
use domain::workbook::Sight;
use domain::{Fault, Invalid};
use engine::helpdesk::{HelpdeskAnswer, search};
use engine::signins::LinkedName;
use leptos::prelude::*;

const HEAD: Head = Head {
    title: "Help desk",
    line: "Find out why somebody gets no code. Times are UTC.",
    failed: "The search failed.",
};

/// The search field and, after a search, the answer.
#[component]
pub(crate) fn SearchPage() -> impl IntoView {
    let query = query();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let q = pairs.filter(|(name, _)| name == "q").last().map(|(_, q)| q).unwrap_or_default();
    let q = q.trim().to_owned();
    page(HEAD, move |visit| load(visit, q))
}

async fn load(visit: PageContext, q: String) -> Result<PageResult, PageFailure> {
    let PageContext { engine, sight, guards, .. } = visit;
    let key = engine.handles.key().await?;
    let wanted = match read(&q, &key, sight) {
        Ok(wanted) => wanted,
        Err(invalid) => return Ok(PageResult::Shown(refused(q, &invalid, sight))),
    };
    // The address gets a handle instead of a number.
    if let SearchTerm::Number(phone) = wanted
        && !q.starts_with("n_")
    {
        return Ok(PageResult::Go(address(&key.number(phone))));
    }
    let Some(answer) = search(&engine, &wanted, sight).await? else {
        let empty = view! {
            <Empty>
                "Type a user, a number with its country’s code, an IP address, or the id of a \
                journey, an attempt or a report."
            </Empty>
        };
        return Ok(PageResult::Shown(page_view(q, empty.into_any())));
    };
    // The same for a name.
    if let (SearchTerm::Text(_), None, [user]) = (&wanted, answer.attempt, answer.users.as_slice())
    {
        return Ok(PageResult::Go(address(&user.handle)));
    }
    let typed = if q.starts_with("n_") || q.starts_with("u_") { &answer.title } else { &q };
    let typed = typed.clone();
    Ok(PageResult::Shown(page_view(typed, view! { <Answered answer q guards/> }.into_any())))
}

/// The page with its answer.
fn page_view(q: String, answer: AnyView) -> AnyView {
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        <PageSearch q error=None/>
        {answer}
    }
    .into_any()
}

/// The result of a form, then the answer with links and forms.
#[component]
fn Answered(answer: HelpdeskAnswer, q: String, guards: bool) -> impl IntoView {
    let HelpdeskAnswer {
        title,
        sentences,
        facts,
        attempt,
        report,
        users,
        numbers,
        ip,
        blocks,
        bypass,
    } = answer;
    let lines = sentences.into_iter().map(line).collect::<Vec<_>>();
    let facts: Vec<_> = facts.into_iter().map(|(label, value)| fact(label, value)).collect();
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
    let all_about = |names: Vec<LinkedName>, href: fn(&str) -> String| {
        let names = names.into_iter();
        names.map(|one| link(href(&one.handle), format!("All about {}", one.text))).collect_view()
    };
    let users = all_about(users, links::user);
    let numbers = all_about(numbers, links::number);
    let ip = ip.map(|ip| link(links::ip(ip), format!("All about {ip}")));
    view! {
        <FormResult tried=outcome("done")/>
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

/// The page after an invalid search. Digits are not shown again to users who may not type them.
fn refused(q: String, invalid: &Invalid, sight: Sight) -> AnyView {
    let error = invalid.of("q").map(str::to_owned);
    let typed = invalid.fields.iter().any(|field| field.code == Fault::Forbidden);
    let q = if typed && sight == Sight::Masked { String::new() } else { q };
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        <PageSearch q error/>
    }
    .into_any()
}
