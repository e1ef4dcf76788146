//! The page `/fraud-alerts`.

use super::banners::Banners;
use super::given::Given;
use super::links::{PATH, report_path};
use super::tabs::tab;
use super::view::{Tab, View};
use super::{blocked, bypasses, names, reports, settings};
use crate::live::{Live, ends};
use crate::page::{Failure, Head, Turn, Visit, page};
use crate::ui::{PageHead, RangeMenu, RangeState, Tabs};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use uuid::Uuid;

const HEAD: Head = Head {
    title: "Fraud alerts",
    line: "Sign-ins that users say they did not start, and who is blocked for it.",
    failed: "Fraud alerts could not be read.",
};

/// Reports, settings, blocks, bypasses and names, one tab each.
#[component]
pub fn FraudAlertsPage() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let view = View::read(&search);
    page(HEAD, move |visit| load(visit, view))
}

async fn load(visit: Visit, view: View) -> Result<Turn, Failure> {
    if let Ok(id) = view.report.parse::<Uuid>() {
        return Ok(Turn::Go(report_path(id)));
    }
    let key = visit.engine.handles.key().await?;
    let settled = view.settled(&key, visit.sight);
    if settled != view {
        // Typed names and numbers do not stay in the address.
        return Ok(Turn::Go(settled.href()));
    }
    let given = Given { visit, key, view };
    let body = match given.view.tab {
        Tab::Reports => reports::panel(&given).await?,
        Tab::Settings => settings::panel(&given).await?,
        Tab::Blocked => blocked::panel(&given).await?,
        Tab::Bypasses => bypasses::panel(&given).await?,
        Tab::Names => names::panel(&given).await?,
    };
    let banners = Banners::load(&given).await;
    let tools = (given.view.tab == Tab::Reports).then(|| range(&given));
    let tabs = Tab::ALL.map(|one| crate::ui::Tab {
        word: one.as_str(),
        label: one.label(),
        href: tab(one),
    });
    let shown = view! {
        <PageHead title=HEAD.title line=HEAD.line>{tools}</PageHead>
        {banners.map(|banners| banners.view(&given))}
        <Tabs label="Fraud alerts" tabs=tabs.to_vec() open=given.view.tab.as_str()>{body}</Tabs>
    };
    Ok(Turn::Shown(shown.into_any()))
}

fn range(given: &Given) -> impl IntoView + use<> {
    let view = given.view.clone();
    let asked = view.asked(&given.key, given.visit.now);
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
    let until = ends(&given.view.to, state.period);
    view! { <Live until/><RangeMenu state href action=PATH hidden/> }
}
