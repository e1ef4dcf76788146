//! The page `/settings`.

use super::imports::{ImportForm, Jobs};
use super::live::LiveJobs;
use super::silent::SilentSources;
use super::sources::Sources;
use crate::ui::{Failed, Notice, NoticeKind, PageHead};
use crate::who;
use domain::roles::Permission;
use engine::Engine;
use leptos::prelude::*;

/// Sources and import.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Some(engine) = use_context::<Engine>() else {
        return view! { <PageHead title="Set-up"/><Notice kind=NoticeKind::Failed>"The engine is not running."</Notice> }
            .into_any();
    };
    view! {
        <PageHead title="Set-up" line="Where events come from, and bringing logs in."/>
        <SilentSources/>
        <div class="panels">{Suspend::new(panels(engine))}</div>
    }
    .into_any()
}

async fn panels(engine: Engine) -> impl IntoView {
    let now = engine.clock().now();
    let (sources, jobs) = tokio::join!(engine::sources::list(&engine.db), engine.imports.list());
    let sources = match sources {
        Ok(sources) => view! { <Sources sources now/> }.into_any(),
        Err(error) => lost("sources", &error),
    };
    let jobs = match jobs {
        Ok(jobs) => view! { <Jobs jobs now/> }.into_any(),
        Err(error) => lost("imports", &error),
    };
    let form = who::may(Permission::SetUp).then(|| view! { <ImportForm/> });
    view! {
        {sources}
        <section class="panel" id="import" aria-labelledby="import-title">
            <h2 id="import-title">"Import a log"</h2>
            {form}
            {jobs}
            <LiveJobs/>
        </section>
    }
}

fn lost(what: &'static str, error: &engine::Error) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, what, %error, "set-up could not be read");
    let what = format!("The {what} could not be read.");
    view! { <Failed what reference retry="/settings"/> }.into_any()
}
