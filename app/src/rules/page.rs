//! The page `/rules`.

use super::given::{PageData, TITLE};
use super::view::{Tab, View};
use super::{history, list, messages, numbers, preview, prices, tried};
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::request::header;
use crate::saving::{self, VERSIONS};
use crate::ui::{self, FormResult, PageHead, Tabs};
use domain::rules::Settings;
use http::header::ACCEPT_LANGUAGE;
use islands::LiveRules;
use leptos::prelude::*;
use std::sync::Arc;
use tower_sessions::Session;

const HEAD: Head = Head {
    title: TITLE,
    line: "What the gate checks before each code, and what it would decide for a number.",
    failed: "The rules could not be read.",
};

#[component]
pub(crate) fn RulesPage() -> impl IntoView {
    let view = View::read(&query());
    let languages = header(ACCEPT_LANGUAGE).unwrap_or_default();
    let session = crate::form::session().ok();
    view! {
        {page(HEAD, move |visit| load(visit, view, session, languages))}
        <LiveRules/>
    }
}

async fn load(
    visit: PageContext,
    view: View,
    session: Option<Session>,
    languages: String,
) -> Result<PageResult, PageFailure> {
    let engine = &visit.engine;
    let key = engine.handles.key().await?;
    let settled = view.settled(&key);
    if settled != view {
        // Typed names and numbers must not stay in the URL.
        return Ok(PageResult::Go(settled.href()));
    }
    let current = Arc::new(saving::current(engine).await?);
    let past = match view.tab {
        Tab::Rules | Tab::Messages | Tab::History => {
            saving::history::<Settings>(engine, VERSIONS + 1).await?
        }
        Tab::Numbers | Tab::Prices | Tab::Try => Vec::new(),
    };
    let draft = saving::find(session.as_ref(), view.text("draft")).await?;
    let past = Arc::new(past);
    Ok(PageResult::Shown(
        tab_view(PageData { visit, key, view, current, past, draft, languages }).await,
    ))
}

async fn tab_view(given: PageData) -> AnyView {
    let view = given.view.clone();
    if !view.text("draft").is_empty() && view.text("edit").is_empty() {
        return preview::page(&given).await;
    }
    let body = match view.tab {
        Tab::Rules => list::panel(&given),
        Tab::Numbers => numbers::panel(&given),
        Tab::Prices => prices::panel(&given),
        Tab::Messages => messages::panel(&given),
        Tab::Try => tried::panel(&given).await,
        Tab::History => history::panel(&given),
    };
    let tabs = Tab::ALL.map(|one| ui::Tab::new(one.as_str(), one.label(), one.path()));
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        <div class="rules">
            <Tabs label="Rules" tabs=tabs.to_vec() open=view.tab.as_str()>
                <FormResult tried=given.visit.tried.of("rules") wrong=&["rule", "version"]/>
                {body}
            </Tabs>
        </div>
    }
    .into_any()
}
