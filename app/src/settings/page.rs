//! The page `/settings`.

use super::imports::{ImportForm, Jobs};
use super::{accounts::Accounts, silent::SilentSources, sources::Sources};
use super::{data::Data, keys::Keys, links, names::Names, privacy::Privacy, unread::unread};
use crate::page::{Head, PageContext, frame};
use crate::ui::{Notice, NoticeKind, PageHead, Tab, Tabs};
use engine::Engine;
use engine::imports::{ImportJob, ImportState};
use islands::LiveIntake;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const HEAD: Head = Head {
    title: "Set-up",
    line: "Where events come from, who may come in, and bringing logs in.",
    failed: "Set-up could not be read.",
};

#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    frame(HEAD, parts)
}

fn parts(visit: PageContext) -> AnyView {
    let PageContext { engine, sets_up: may, .. } = visit;
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
            <SilentSources engine=engine.clone()/>
            <div class="panels">
                {may.then(|| view! { <ImportForm/> })}
                {Suspend::new(intake(engine.clone()))}
            </div>
            <div class="panels"><Data engine/></div>
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
        <PageHead title=HEAD.title line=HEAD.line/>
        {body}
    }
    .into_any()
}

/// The tabs, for admins: word, label and URL.
const TABS: [(&str, &str, &str); 5] = [
    ("sources", "Sources", "/settings"),
    ("accounts", "Accounts", links::ACCOUNTS),
    ("keys", "API keys", links::KEYS),
    ("names", "Flows and apps", links::NAMES),
    ("privacy", "Privacy", links::PRIVACY),
];

/// For accounts without permission that follow a link to a tab.
#[component]
fn NotYours() -> impl IntoView {
    view! {
        <Notice kind=NoticeKind::Warning>
            "Only admins can see accounts, API keys, names and privacy. "<a href="/settings">"Go to sources"</a>
        </Notice>
    }
}

/// Imports and sources alone, for `/settings/imports`, which the page polls.
pub async fn intake_fragment(engine: Engine) -> String {
    let view = intake(engine).await;
    Owner::new().with(|| view.into_view().to_html())
}

/// Imports and sources; polled while an import is running.
async fn intake(engine: Engine) -> impl IntoView {
    let now = engine.clock().now();
    let (sources, jobs) = tokio::join!(engine::sources::list(&engine.db), engine.imports.list());
    let under_way =
        |job: &ImportJob| matches!(job.state, ImportState::Waiting | ImportState::Running);
    let poll = jobs.as_ref().is_ok_and(|jobs| jobs.iter().any(under_way));
    let jobs = match jobs {
        Ok(jobs) if jobs.is_empty() => ().into_any(),
        Ok(jobs) => view! { <Jobs jobs now/> }.into_any(),
        Err(error) => unread("imports", &error),
    };
    let sources = match sources {
        Ok(sources) => view! { <Sources sources now/> }.into_any(),
        Err(error) => unread("sources", &error),
    };
    view! {
        <div class="panels" data-poll=poll.then_some("/settings/imports")>
            {poll.then(|| view! {
                <noscript><p><a href="/settings">"Reload to see the import’s progress"</a></p></noscript>
            })}
            {jobs}
            {sources}
        </div>
    }
}
