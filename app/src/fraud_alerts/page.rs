//! The page `/fraud-alerts`.

use super::banners::Banners;
use super::links::{PATH, report_path, tab};
use super::view::{Tab, View};
use super::{blocked, bypasses, names, reports, settings};
use crate::form::{Outcome, last};
use crate::live::{Live, ends};
use crate::sign_ins::go;
use crate::ui::{Failed, PageHead, RangeMenu, RangeState, Tabs};
use crate::who;
use domain::handles::HandleKey;
use domain::roles::Permission;
use domain::workbook::Sight;
use engine::Engine;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_location;
use uuid::Uuid;

pub(super) const TITLE: &str = "Fraud alerts";
const LINE: &str = "Sign-ins that users say they did not start, and who is blocked for it.";

/// What every tab is given.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) key: HandleKey,
    pub(super) view: View,
    pub(super) sight: Sight,
    /// Whether who looks may block and unblock.
    pub(super) guards: bool,
    /// Whether who looks may change the settings.
    pub(super) sets_up: bool,
    /// What became of the last form of the page.
    pub(super) tried: Outcome,
}

/// Reports, settings, blocks, bypasses and names, one tab each.
#[component]
pub fn FraudAlertsPage() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let view = View::read(&search);
    // The context is asked before the first await, while it is surely there.
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let (sight, tried) = (who::sight(), last());
    let (guards, sets_up) = (who::may(Permission::Guard), who::may(Permission::SetUp));
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                let Some(engine) = engine else { return lost("the engine is not running", PATH) };
                let key = match engine.handles.key().await {
                    Ok(key) => key,
                    Err(error) => return lost(&error.to_string(), PATH),
                };
                let desk = Desk { engine, key, view, sight, guards, sets_up, tried };
                whole(desk, response).await
            })}
        </Suspense>
    }
}

async fn whole(desk: Desk, response: Option<ResponseOptions>) -> AnyView {
    let view = desk.view.clone();
    if let Ok(id) = view.report.parse::<Uuid>() {
        go(response.as_ref(), &report_path(id));
        return ().into_any();
    }
    let settled = view.settled(&desk.key, desk.sight);
    if settled != view {
        // Typed names and numbers do not stay in the address.
        go(response.as_ref(), &settled.href());
        return ().into_any();
    }
    let body = match view.tab {
        Tab::Reports => reports::panel(&desk).await,
        Tab::Settings => settings::panel(&desk).await,
        Tab::Blocked => blocked::panel(&desk).await,
        Tab::Bypasses => bypasses::panel(&desk).await,
        Tab::Names => names::panel(&desk).await,
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => return lost(&error.to_string(), &view.href()),
    };
    let banners = Banners::load(&desk).await;
    let tools = (view.tab == Tab::Reports).then(|| range(&desk));
    let tabs = Tab::ALL.map(|one| crate::ui::Tab {
        word: one.as_str(),
        label: one.label(),
        href: tab(one),
    });
    view! {
        <PageHead title=TITLE line=LINE>{tools}</PageHead>
        {banners.map(|banners| banners.view(&desk))}
        <Tabs label="Fraud alerts" tabs=tabs.to_vec() open=view.tab.as_str()>{body}</Tabs>
    }
    .into_any()
}

fn range(desk: &Desk) -> impl IntoView + use<> {
    let view = desk.view.clone();
    let asked = view.asked(&desk.key, desk.engine.clock().now());
    let named = match (view.range.as_str(), view.from.is_empty() && view.to.is_empty()) {
        (_, false) => None,
        ("", true) => Some(domain::period::DEFAULT_RANGE.to_owned()),
        (word, true) => Some(word.to_owned()),
    };
    let state = RangeState {
        named,
        typed: [view.from.clone(), view.to.clone()],
        period: asked.period,
        invalid: asked.invalid,
    };
    let hidden = view.with(|view| (view.range, view.from, view.to) = <_>::default()).pairs();
    let href = move |word: &str| {
        let word = word.to_owned();
        view.with(|view| (view.range, view.from, view.to) = (word, String::new(), String::new()))
            .href()
    };
    let until = ends(&desk.view.to, state.period);
    view! { <Live until/><RangeMenu state href action=PATH hidden/> }
}

fn lost(error: &str, retry: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "fraud alerts could not be read");
    view! {
        <PageHead title=TITLE line=LINE/>
        <Failed what="Fraud alerts could not be read." reference retry=retry.to_owned()/>
    }
    .into_any()
}
