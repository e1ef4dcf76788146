//! The page `/settings`.

use super::accounts::{self, Accounts};
use super::data::Data;
use super::imports::{ImportForm, Jobs};
use super::keys::{self, Keys};
use super::names::{self, Names};
use super::privacy::{self, Privacy};
use super::silent::SilentSources;
use super::sources::Sources;
use crate::ui::{Failed, Notice, NoticeKind, PageHead, Tab, Tabs};
use crate::who;
use domain::roles::Permission;
use engine::Engine;
use engine::imports::{Job, State};
use islands::LiveIntake;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Sources and import.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Some(engine) = use_context::<Engine>() else {
        return view! { <PageHead title="Set-up"/><Notice kind=NoticeKind::Failed>"The engine is not running."</Notice> }
            .into_any();
    };
    let may = who::may(Permission::SetUp);
    let open = use_query_map().get_untracked().get("tab");
    let open = TABS
        .iter()
        .find(|(word, ..)| Some(*word) == open.as_deref())
        .map_or("sources", |tab| tab.0);
    let panel = move || match open {
        "accounts" if may => view! { <Accounts engine/> }.into_any(),
        "keys" if may => view! { <Keys engine/> }.into_any(),
        "names" if may => view! { <Names engine/> }.into_any(),
        "privacy" if may => view! { <Privacy engine/> }.into_any(),
        "accounts" | "keys" | "names" | "privacy" => view! { <NotYours/> }.into_any(),
        _ => view! {
            <SilentSources/>
            <div class="panels">
                {may.then(|| view! { <ImportForm/> })}
                {Suspend::new(intake(engine))}
            </div>
            <div class="panels"><Data/></div>
            <LiveIntake/>
        }
        .into_any(),
    };
    let body = if may {
        let tab = |&(word, label, href): &(&'static str, &'static str, &str)| Tab {
            word,
            label,
            href: href.to_owned(),
        };
        let tabs = TABS.iter().map(tab).collect();
        view! { <Tabs label="Parts of the set-up" tabs open>{panel()}</Tabs> }.into_any()
    } else {
        panel()
    };
    view! {
        <PageHead title="Set-up" line="Where events come from, who may come in, and bringing logs in."/>
        {body}
    }
    .into_any()
}

/// The page's parts, for those who set Tollwarden up: word, name and address.
const TABS: [(&str, &str, &str); 5] = [
    ("sources", "Sources", "/settings"),
    ("accounts", "Accounts", accounts::LIST),
    ("keys", "API keys", keys::LIST),
    ("names", "Flows and apps", names::LIST),
    ("privacy", "Privacy", privacy::LIST),
];

/// For those who followed a link to what is not theirs.
#[component]
fn NotYours() -> impl IntoView {
    view! {
        <Notice kind=NoticeKind::Warning>
            "Accounts, API keys, names and privacy are an admin's to see. "<a href="/settings">"Go to the sources"</a>
        </Notice>
    }
}

/// Imports and sources alone, for `/settings/imports`: what renews itself.
pub async fn intake_fragment(engine: Engine) -> String {
    let view = intake(engine).await;
    Owner::new().with(|| view.into_view().to_html())
}

/// Imports and sources; they renew themselves while an import is under way.
async fn intake(engine: Engine) -> impl IntoView {
    let now = engine.clock().now();
    let (sources, jobs) = tokio::join!(engine::sources::list(&engine.db), engine.imports.list());
    let under_way = |job: &Job| matches!(job.state, State::Waiting | State::Running);
    let poll = jobs.as_ref().is_ok_and(|jobs| jobs.iter().any(under_way));
    let jobs = match jobs {
        Ok(jobs) if jobs.is_empty() => ().into_any(),
        Ok(jobs) => view! { <Jobs jobs now/> }.into_any(),
        Err(error) => lost("imports", &error),
    };
    let sources = match sources {
        Ok(sources) => view! { <Sources sources now/> }.into_any(),
        Err(error) => lost("sources", &error),
    };
    view! {
        <div class="panels" data-poll=poll.then_some("/settings/imports")>
            {poll.then(|| view! {
                <noscript><p><a href="/settings">"Reload to see how far the import is"</a></p></noscript>
            })}
            {jobs}
            {sources}
        </div>
    }
}

pub(super) fn lost(what: &'static str, error: &engine::Error) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, what, error = store::whole(error), "set-up could not be read");
    let what = format!("The {what} could not be read.");
    view! { <Failed what reference retry="/settings"/> }.into_any()
}
