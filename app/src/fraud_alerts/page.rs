//! The page `/fraud-alerts`.

use super::links::{PATH, report_path};
use super::view::{Tab, View};
use super::{banners::banners, blocked, bypasses, given::PageData, names, reports, settings};
use crate::live::{Live, ends};
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::ui::{self, PageHead, RangeMenu, RangeState, Tabs};
use leptos::prelude::*;

const HEAD: Head = Head {
    title: "Fraud alerts",
    line: "Sign-ins that users say they did not start, and who is blocked for it.",
    failed: "Fraud alerts could not be read.",
};

#[component]
pub(crate) fn FraudAlertsPage() -> impl IntoView {
    let view = View::read(&query());
    page(HEAD, move |visit| load(visit, view))
}

async fn load(visit: PageContext, view: View) -> Result<PageResult, PageFailure> {
    if let Some(id) = view.report {
        return Ok(PageResult::Go(report_path(id)));
    }
    let key = visit.engine.handles.key().await?;
    let settled = view.settled(&key, visit.sight);
    if settled != view {
        // Typed names and numbers must not stay in the URL.
        return Ok(PageResult::Go(settled.href()));
    }
    let given = PageData { visit, key, view };
    let body = match given.view.tab {
        Tab::Reports => reports::panel(&given).await?,
        Tab::Settings => settings::panel(&given).await?,
        Tab::Blocked => blocked::panel(&given).await?,
        Tab::Bypasses => bypasses::panel(&given).await?,
        Tab::Names => names::panel(&given).await?,
    };
    let banners = banners(&given).await;
    let tools = (given.view.tab == Tab::Reports).then(|| range(&given));
    let tabs = Tab::ALL.map(|one| ui::Tab::new(one.as_str(), one.label(), one.path()));
    let shown = view! {
        <PageHead title=HEAD.title line=HEAD.line>{tools}</PageHead>
        {banners}
        <Tabs label="Fraud alerts" tabs=tabs.to_vec() open=given.view.tab.as_str()>{body}</Tabs>
    };
    Ok(PageResult::Shown(shown.into_any()))
}

fn range(given: &PageData) -> impl IntoView + use<> {
    let view = given.view.clone();
    let asked = view.asked(&given.key, given.visit.now);
    let [range, from, to] = ["range", "from", "to"].map(|name| view.text(name));
    let named = match (range, from.is_empty() && to.is_empty()) {
        (_, false) => None,
        ("", true) => Some(domain::period::DEFAULT_RANGE.to_owned()),
        (word, true) => Some(word.to_owned()),
    };
    let state = RangeState {
        named,
        typed: [from.to_owned(), to.to_owned()],
        period: asked.period,
        invalid: asked.invalid,
    };
    let hidden = view.with(&[("range", ""), ("from", ""), ("to", "")]).pairs();
    let until = ends(to, state.period);
    let href = move |word: &str| view.with(&[("range", word), ("from", ""), ("to", "")]).href();
    view! { <Live until/><RangeMenu state href action=PATH hidden/> }
}
