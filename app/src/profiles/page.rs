//! The pages `/numbers/{handle}`, `/ips/{ip}` and `/users/{handle}`.

use super::done::{GuardsPanel, ReportsPanel};
use super::figures::{FactList, FigureRow};
use super::gate::GatePanel;
use super::head::Head;
use super::links;
use super::near::{NearNotice, NearPanel};
use super::over_time::OverTime;
use super::seen::lists;
use super::story::StoryPanel;
use super::view::{SubjectKind, UnknownSubject, View};
use crate::page::{self, PageContext, PageFailure, PageResult};
use crate::sign_ins::{Reveal, log};
use crate::ui::{Empty, Notice, NoticeKind, PageHead, Panel};
use domain::workbook::Sight;
use engine::profiles::{Profile, ProfileSubject, profile};
use engine::signins::LinkedName;
use islands::text::capital;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn NumberPage() -> impl IntoView {
    whose(SubjectKind::Number, "handle")
}

#[component]
pub(crate) fn IpPage() -> impl IntoView {
    whose(SubjectKind::Ip, "ip")
}

#[component]
pub(crate) fn UserPage() -> impl IntoView {
    whose(SubjectKind::User, "handle")
}

fn whose(what: SubjectKind, param: &str) -> AnyView {
    let text = use_params_map().get_untracked().get(param).unwrap_or_default();
    let query = page::query();
    let failed = "The page could not be read.";
    let head = page::Head { title: what.title(), line: "", failed };
    page::page(head, move |visit| load(visit, what, text, query))
}

async fn load(
    visit: PageContext,
    what: SubjectKind,
    text: String,
    query: String,
) -> Result<PageResult, PageFailure> {
    let key = visit.engine.handles.key().await?;
    let subject = match what.read(&key, &text) {
        Ok(subject) => subject,
        Err(wrong) => return Ok(PageResult::NotFound(nobody(what, wrong))),
    };
    let handle = match &subject {
        ProfileSubject::Number(phone) => key.number(*phone),
        ProfileSubject::User(user) => key.user(user),
        ProfileSubject::Ip(ip) => ip.to_string(),
    };
    let path = match &subject {
        ProfileSubject::Number(_) => links::number(&handle),
        ProfileSubject::User(_) => links::user(&handle),
        ProfileSubject::Ip(ip) => links::ip(*ip),
    };
    let view = View::read(&path, &query);
    let asked = view.asked(&key, visit.now);
    let wanted = engine::profiles::AttemptSelection {
        period: asked.filter.period,
        channel: asked.filter.channel,
        place: asked.place,
    };
    let log_of = view.log_of(&subject, &key);
    let profile = profile(&visit.engine, &subject, wanted, visit.sight).await?;
    let PageContext { sight, guards, tried, now, .. } = visit;
    let line = line(what, &profile);
    let copies = what == SubjectKind::Ip || sight == Sight::Whole;
    let seen = lists(&profile, &log_of);
    let reveal = (what == SubjectKind::Number && sight == Sight::Masked)
        .then_some(profile.newest)
        .flatten()
        .map(|id| view! { <Reveal id of=handle.clone() asked=query tried=tried.of("reveal")/> });
    let blocks = guards.then_some(handle);
    let near = profile.near.clone();
    let near_notice = near.clone().map(|near| view! { <NearNotice what near/> });
    let near_block = blocks.clone().filter(|_| what == SubjectKind::Number);
    let near = near.map(|near| view! { <NearPanel what near block=near_block now/> });
    let (blocks_of, bypasses) = (profile.blocks.clone(), profile.bypasses.clone());
    let guards = view! { <GuardsPanel what blocks=blocks_of bypasses handle=blocks sight now/> };
    let place = asked.place;
    let mut counted = asked.filter.period;
    counted.from = profile.counted_to.unwrap_or(counted.from);
    let log_path = log(&log_of);
    let shown = view! {
        <Head what name=profile.name copies line view=view.clone() asked log=log_path/>
        <div class="panels">
            {profile.wrong.map(|words| view! { <Notice kind=NoticeKind::Warning>{words}</Notice> })}
            {near_notice}
            {profile.fatigue.map(|worn| view! { <Notice kind=NoticeKind::Warning>{format!("{}.", worn.mark())}</Notice> })}
            {reveal}
            <FigureRow figures=profile.figures counted_to=profile.counted_to/>
            <OverTime view=view.clone() period=counted times=profile.times/>
            <div class="profile">
                <div class="panels">
                    {near}
                    <StoryPanel what view place page=profile.story now/>
                </div>
                <div class="panels">
                    <FactList facts=profile.facts/>
                    {aliases(profile.aliases)}
                    {guards}
                    <ReportsPanel what reports=profile.reports sight now/>
                    <GatePanel decisions=profile.decisions more=profile.more_than_looked_at/>
                    {seen}
                </div>
            </div>
        </div>
    };
    Ok(PageResult::Shown(shown.into_any()))
}

/// A line about the attempts.
fn line(what: SubjectKind, profile: &Profile) -> String {
    let about = match what {
        SubjectKind::Number => {
            let fact = |label: &str| {
                profile
                    .facts
                    .iter()
                    .find(|(known, _)| *known == label)
                    .map(|(_, value)| value.clone())
            };
            let words: Vec<_> = [fact("Region"), fact("Type")].into_iter().flatten().collect();
            words.join(", ")
        }
        SubjectKind::Ip => {
            let network = profile.near.as_ref().and_then(|near| near.within.first());
            network.map(|network| format!("of the network {network}")).unwrap_or_default()
        }
        SubjectKind::User => String::new(),
    };
    let newest = profile
        .story
        .rows
        .first()
        .map(|story| format!("newest attempt {}", crate::zone::moment(story.attempt.time)));
    let words: Vec<_> =
        [Some(about).filter(|words| !words.is_empty()), newest].into_iter().flatten().collect();
    match words.is_empty() {
        true => "No attempts in this range.".to_owned(),
        false => format!("{}.", capital(&words.join("; "))),
    }
}

fn aliases(names: Vec<LinkedName>) -> AnyView {
    if names.is_empty() {
        return ().into_any();
    }
    let items = names
        .into_iter()
        .map(|name| view! { <li><a href=links::user(&name.handle)>{name.text}</a></li> })
        .collect::<Vec<_>>();
    view! {
        <Panel by="aliases-title" title="Other names of the same user">
            <ul class="plain-list spaced">{items}</ul>
            <p class="panel-note">
                "Attempts here are for this name only. Blocks, bypasses and reports cover all \
                 names. "
                <a href="/fraud-alerts?tab=names">"Join or split names"</a>
            </p>
        </Panel>
    }
    .into_any()
}

/// The page if the address names nobody.
fn nobody(what: SubjectKind, wrong: UnknownSubject) -> AnyView {
    let instead = wrong.instead.map(|(words, href)| view! { <a href=href>{words}</a>". " });
    view! {
        <PageHead title=format!("{} not found", what.title())/>
        <Empty>
            {wrong.words}" "{instead}<a href="/sign-ins">"Go to the sign-in log"</a>"."
        </Empty>
    }
    .into_any()
}
