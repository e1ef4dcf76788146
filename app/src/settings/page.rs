//! The page `/settings`.

use super::imports::{ImportForm, Jobs};
use super::live::LiveIntake;
use super::silent::SilentSources;
use super::sources::Sources;
use crate::ui::{Failed, Notice, NoticeKind, PageHead};
use crate::who;
use domain::roles::Permission;
use engine::Engine;
use engine::imports::{Job, State};
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
        <div class="panels">
            {who::may(Permission::SetUp).then(|| view! { <ImportForm/> })}
            {Suspend::new(intake(engine))}
        </div>
        <LiveIntake/>
    }
    .into_any()
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

fn lost(what: &'static str, error: &engine::Error) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, what, %error, "set-up could not be read");
    let what = format!("The {what} could not be read.");
    view! { <Failed what reference retry="/settings"/> }.into_any()
}
