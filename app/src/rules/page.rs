//! The page `/rules`.

use super::draft::{self, Draft};
use super::view::{PATH, Tab, View};
use super::{history, list, messages, numbers, preview, prices, save, tried};
use crate::form::{Outcome, last};
use crate::sign_ins::go;
use crate::ui::{Failed, Notice, NoticeKind, PageHead, Tabs};
use crate::who;
use chrono::{DateTime, Utc};
use domain::handles::HandleKey;
use domain::numbers::Plans;
use domain::reach_warnings::{Naming, in_view, of_types};
use domain::roles::Permission;
use domain::rules::{Currency, Settings};
use domain::workbook::Sight;
use engine::Engine;
use engine::settings::{Current, Past};
use http::request::Parts;
use islands::LiveRules;
use islands::rules::item::{Group, Item};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_location;
use std::sync::Arc;

pub(super) const TITLE: &str = "Rules";
const LINE: &str = "What the gate obeys before each code, and what it would say to a number.";
/// Versions that are told.
pub(super) const VERSIONS: i64 = 30;

/// What every tab is given.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) key: HandleKey,
    pub(super) view: View,
    pub(super) sight: Sight,
    /// Whether who looks may change rules.
    pub(super) guards: bool,
    /// What became of the last form of the page.
    pub(super) tried: Outcome,
    /// The rules that hold.
    pub(super) current: Arc<Current<Settings>>,
    /// Versions before, newest first, where the tab tells of them.
    pub(super) past: Arc<Vec<Past>>,
    /// The change that is on its way.
    pub(super) draft: Option<Draft>,
    pub(super) now: DateTime<Utc>,
    /// The languages that who looks reads, as the browser says them.
    pub(super) languages: String,
}

impl Desk {
    pub(super) fn currency(&self) -> Currency {
        self.current.settings.spend.currency
    }

    /// What is said of rules about types of numbers that the regions which codes go to do not have.
    pub(super) fn lacking(&self, settings: &Settings) -> Vec<String> {
        let plans = Plans::current();
        let busiest = engine::settings::busiest(&self.engine);
        let view = in_view(&plans, self.engine.gate.rules().countries(), &busiest);
        of_types(&plans, settings, &view, Naming::Names)
    }

    /// Who changed a setting that does not say it itself, and when.
    pub(super) fn changed(&self, item: &Item) -> Option<(String, DateTime<Utc>)> {
        let name = match item.group() {
            Group::Trust => "trust",
            Group::Captcha => "captcha",
            Group::Store => "on_store_failure",
            Group::B2c => "b2c",
            Group::Spending => "spend.currency",
            Group::Messages => "user_message",
            _ => return None,
        };
        let touched = |past: &&Past| {
            past.differences.iter().any(|difference| difference.name.starts_with(name))
        };
        let past = self.past.iter().find(touched)?;
        Some((past.changed_by.clone(), past.changed?))
    }
}

/// Rules, numbers, prices, messages, a number tried, and what was before: one tab each.
#[component]
pub fn RulesPage() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let view = View::read(&search);
    // The context is asked before the first await, while it is surely there.
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let languages = use_context::<Parts>().and_then(|parts| {
        let header = parts.headers.get(http::header::ACCEPT_LANGUAGE)?;
        header.to_str().ok().map(str::to_owned)
    });
    let session = crate::form::session().ok();
    let (sight, tried, guards) = (who::sight(), last(), who::may(Permission::Guard));
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                let Some(engine) = engine else { return lost("the engine is not running") };
                let loaded = load(&engine, &view, session).await;
                let (key, current, past, draft) = match loaded {
                    Ok(loaded) => loaded,
                    Err(error) => return lost(&error),
                };
                let settled = view.settled(&key);
                if settled != view {
                    // Typed names and numbers do not stay in the address.
                    go(response.as_ref(), &settled.href());
                    return ().into_any();
                }
                let now = engine.clock().now();
                let languages = languages.unwrap_or_default();
                let (current, past) = (Arc::new(current), Arc::new(past));
                let desk = Desk {
                    engine, key, view, sight, guards, tried, current, past, draft, now, languages,
                };
                whole(desk).await
            })}
        </Suspense>
        <LiveRules/>
    }
}

type Loaded = (HandleKey, Current<Settings>, Vec<Past>, Option<Draft>);

async fn load(
    engine: &Engine,
    view: &View,
    session: Option<tower_sessions::Session>,
) -> Result<Loaded, String> {
    let said = |error: store::Error| error.to_string();
    let key = engine.handles.key().await.map_err(said)?;
    let current = save::current(engine).await.map_err(said)?;
    let told = matches!(view.tab, Tab::Rules | Tab::Messages | Tab::History);
    let past = if told {
        let kind = save::kind().map_err(said)?;
        engine::settings::history(&engine.db, kind, VERSIONS + 1).await.map_err(said)?
    } else {
        Vec::new()
    };
    let draft = match session {
        Some(session) if !view.draft.is_empty() => {
            draft::find(&session, &view.draft).await.map_err(|error| error.to_string())?
        }
        _ => None,
    };
    Ok((key, current, past, draft))
}

async fn whole(desk: Desk) -> AnyView {
    let view = desk.view.clone();
    if !view.draft.is_empty() && view.edit.is_empty() {
        return preview::page(&desk).await;
    }
    let body = match view.tab {
        Tab::Rules => list::panel(&desk),
        Tab::Numbers => numbers::panel(&desk),
        Tab::Prices => prices::panel(&desk),
        Tab::Messages => messages::panel(&desk),
        Tab::Try => tried::panel(&desk).await,
        Tab::History => history::panel(&desk),
    };
    let tabs = Tab::ALL.map(|one| crate::ui::Tab {
        word: one.as_str(),
        label: one.label(),
        href: one.path(),
    });
    view! {
        <PageHead title=TITLE line=LINE/>
        <div class="rules">
            <Tabs label="Rules" tabs=tabs.to_vec() open=view.tab.as_str()>
                <Told tried=desk.tried.of("rules")/>
                {body}
            </Tabs>
        </div>
    }
    .into_any()
}

/// What the last form did, or why it did nothing.
#[component]
pub(super) fn Told(tried: Outcome) -> impl IntoView {
    let done = tried.done().map(str::to_owned);
    let wrong: Vec<String> =
        ["rule", "version"].iter().flat_map(|field| tried.errors(field)).collect();
    view! {
        {done.map(|done| view! { <Notice kind=NoticeKind::Done>{done}</Notice> })}
        {(!wrong.is_empty()).then(|| view! {
            <Notice kind=NoticeKind::Failed>{wrong.join(" ")}</Notice>
        })}
    }
}

fn lost(error: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "rules could not be read");
    view! {
        <PageHead title=TITLE line=LINE/>
        <Failed what="The rules could not be read." reference retry=PATH/>
    }
    .into_any()
}
