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
use super::view::{View, What, Wrong};
use crate::form::{Outcome, outcome};
use crate::sign_ins::{Reveal, capital, log};
use crate::ui::{Empty, Failed, Notice, NoticeKind, PageHead};
use crate::who;
use domain::roles::Permission;
use domain::signins::Asked;
use domain::workbook::Sight;
use engine::Engine;
use engine::profiles::{Profile, Subject, profile};
use engine::signins::Named;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::{use_location, use_params_map};

/// A number.
#[component]
pub fn NumberPage() -> impl IntoView {
    page(What::Number, "handle")
}

/// An address.
#[component]
pub fn IpPage() -> impl IntoView {
    page(What::Ip, "ip")
}

/// A user.
#[component]
pub fn UserPage() -> impl IntoView {
    page(What::User, "handle")
}

/// Who asks, and with what.
#[derive(Clone)]
struct Desk {
    engine: Engine,
    what: What,
    /// The last part of the path.
    text: String,
    query: String,
    sight: Sight,
    guards: bool,
    tried: Outcome,
}

fn page(what: What, param: &str) -> impl IntoView {
    let text = use_params_map().get_untracked().get(param).unwrap_or_default();
    let query = use_location().search.get_untracked();
    // The context is asked before the first await, while it is surely there.
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let (sight, guards) = (who::sight(), who::may(Permission::Guard));
    let tried = outcome("reveal");
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                match engine {
                    Some(engine) => {
                        let desk = Desk { engine, what, text, query, sight, guards, tried };
                        whole(desk, response).await
                    }
                    None => lost(what, "the engine is not running", String::new()),
                }
            })}
        </Suspense>
    }
}

async fn whole(desk: Desk, response: Option<ResponseOptions>) -> AnyView {
    let what = desk.what;
    let key = match desk.engine.handles.key().await {
        Ok(key) => key,
        Err(error) => return lost(what, &error.to_string(), String::new()),
    };
    let subject = match what.read(&key, &desk.text) {
        Ok(subject) => subject,
        Err(wrong) => {
            if let Some(response) = response {
                response.set_status(StatusCode::NOT_FOUND);
            }
            return nobody(what, wrong);
        }
    };
    let path = match &subject {
        Subject::Number(phone) => links::number(&key.number(*phone)),
        Subject::Ip(ip) => links::ip(*ip),
        Subject::User(user) => links::user(&key.user(user)),
    };
    let view = View::read(&path, &desk.query);
    let now = desk.engine.clock().now();
    let asked = view.asked(&key, now);
    let wanted = engine::profiles::Asked {
        period: asked.filter.period,
        channel: asked.filter.channel,
        place: asked.place,
    };
    let log_of = view.log(&subject, &key);
    match profile(&desk.engine, &subject, wanted, desk.sight).await {
        Ok(profile) => {
            let handle = match &subject {
                Subject::Number(phone) => Some(key.number(*phone)),
                Subject::User(user) => Some(key.user(user)),
                Subject::Ip(ip) => Some(ip.to_string()),
            };
            let told = Told { profile, view, asked, handle, log_of };
            shown(desk, told)
        }
        Err(error) => lost(what, &error.to_string(), view.href()),
    }
}

/// What was found, and what was asked.
struct Told {
    profile: Profile,
    view: View,
    asked: Asked,
    /// Whom the page is about, as addresses name them.
    handle: Option<String>,
    log_of: domain::signins::View,
}

fn shown(desk: Desk, told: Told) -> AnyView {
    let Desk { engine, what, sight, guards, tried, query, .. } = desk;
    let Told { profile, view, asked, handle, log_of } = told;
    let now = engine.clock().now();
    let line = line(what, &profile);
    let copies = what == What::Ip || sight == Sight::Whole;
    let seen = lists(&profile, &log_of);
    let reveal = (what == What::Number && sight == Sight::Masked)
        .then(|| profile.newest.zip(handle.clone()))
        .flatten()
        .map(|(id, handle)| view! { <Reveal id of=handle asked=query tried/> });
    let blocks = handle.clone().filter(|_| guards);
    let near = profile.near.clone();
    let near_notice = near.clone().map(|near| view! { <NearNotice what near/> });
    let near_block = blocks.clone().filter(|_| what == What::Number);
    let near = near.map(|near| view! { <NearPanel what near block=near_block now/> });
    let (blocks_of, bypasses) = (profile.blocks.clone(), profile.bypasses.clone());
    let guards = view! { <GuardsPanel what blocks=blocks_of bypasses handle=blocks sight now/> };
    let place = asked.place;
    let mut counted = asked.filter.period;
    counted.from = profile.counted_to.unwrap_or(counted.from);
    let log_path = log(&log_of);
    view! {
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
    }
    .into_any()
}

/// What the page tells, in a line.
fn line(what: What, profile: &Profile) -> String {
    let about = match what {
        What::Number => {
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
        What::Ip => {
            let network = profile.near.as_ref().and_then(|near| near.within.first());
            network.map(|network| format!("of the network {network}")).unwrap_or_default()
        }
        What::User => String::new(),
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

/// Other names of the same user.
fn aliases(names: Vec<Named>) -> AnyView {
    if names.is_empty() {
        return ().into_any();
    }
    let items = names
        .into_iter()
        .map(|name| view! { <li><a href=links::user(&name.handle)>{name.text}</a></li> })
        .collect::<Vec<_>>();
    view! {
        <section class="panel" aria-labelledby="aliases-title">
            <h2 id="aliases-title">"Other names of the same user"</h2>
            <ul class="plain-list spaced">{items}</ul>
            <p class="panel-note">
                "Attempts here are of this name alone. Blocks, bypasses and reports are of all names. "
                <a href="/fraud-alerts?tab=names">"Join or split names"</a>
            </p>
        </section>
    }
    .into_any()
}

/// A page of nobody.
fn nobody(what: What, wrong: Wrong) -> AnyView {
    let instead = wrong.instead.map(|(words, href)| view! { <a href=href>{words}</a>". " });
    view! {
        <PageHead title=format!("{} not found", what.title())/>
        <Empty>
            {wrong.words}" "{instead}<a href="/sign-ins">"Go to the sign-in log"</a>"."
        </Empty>
    }
    .into_any()
}

fn lost(what: What, error: &str, retry: String) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "a page of a number, an address or a user failed");
    let retry = if retry.is_empty() { "/sign-ins".to_owned() } else { retry };
    view! {
        <PageHead title=what.title()/>
        <Failed what="The page could not be read." reference retry/>
    }
    .into_any()
}
