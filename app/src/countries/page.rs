//! The page `/countries`.

use super::api::FORM;
use super::draft::{self, Draft};
use super::file::Opened;
use super::view::{PATH, Tab, View};
use super::{channel, file_page, formats, history, save};
use crate::form::{Outcome, last};
use crate::ui::{Failed, Notice, NoticeKind, PageHead, Tabs};
use crate::who;
use crate::workbook::channel_name;
use chrono::{DateTime, Utc};
use domain::countries::{CHANNELS, ChannelCountries, Settings};
use domain::region_figures::Month;
use domain::roles::Permission;
use engine::Engine;
use engine::settings::{Current, Past};
use http::request::Parts;
use islands::LiveCountries;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::sync::Arc;
use tower_sessions::Session;

const TITLE: &str = "Countries";
const LINE: &str =
    "Which regions calls and messages may go to, and what the last 30 days say of each.";
/// Versions that are told.
pub(super) const VERSIONS: i64 = 30;

/// What every tab is given.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) view: View,
    /// Whether who looks may change countries.
    pub(super) guards: bool,
    /// What became of the last form of the page.
    pub(super) tried: Outcome,
    pub(super) current: Arc<Current<Settings>>,
    /// Versions before, newest first, where something tells of them; one more than is told.
    pub(super) past: Arc<Vec<Past>>,
    /// The change that is not saved yet.
    pub(super) draft: Option<Draft>,
    pub(super) month: Arc<Month>,
    /// The language file that was sent with the request.
    pub(super) opened: Option<Opened>,
    pub(super) now: DateTime<Utc>,
}

impl Desk {
    /// The settings as they would be with the draft.
    pub(super) fn settings(&self) -> Settings {
        let held = &self.current.settings;
        self.draft.as_ref().map_or_else(|| held.clone(), |draft| draft.on(held))
    }

    /// The same of the channel that is shown.
    pub(super) fn shown(&self) -> ChannelCountries {
        self.settings().of(self.view.channel).cloned().unwrap_or_default()
    }
}

/// The regions of each channel, Microsoft's files, and what was before: one tab each.
#[component]
pub fn CountriesPage() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let view = View::read(&search);
    // The context is asked before the first await, while it is surely there.
    let engine = use_context::<Engine>();
    let opened = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Opened>().cloned());
    let session = crate::form::session().ok();
    let (tried, guards) = (last(), who::may(Permission::Guard));
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                let Some(engine) = engine else { return lost("the engine is not running") };
                match load(&engine, &view, session, guards).await {
                    Ok((current, past, draft)) => {
                        let (month, now) = (engine.regions.month(), engine.clock().now());
                        let (current, past) = (Arc::new(current), Arc::new(past));
                        whole(Desk {
                            engine, view, guards, tried, current, past, draft, month, opened, now,
                        })
                    }
                    Err(error) => lost(&error),
                }
            })}
        </Suspense>
        <LiveCountries/>
    }
}

async fn load(
    engine: &Engine,
    view: &View,
    session: Option<Session>,
    guards: bool,
) -> Result<(Current<Settings>, Vec<Past>, Option<Draft>), String> {
    let said = |error: store::Error| error.to_string();
    let current = save::current(engine).await.map_err(said)?;
    let draft = match session {
        Some(session) if guards => {
            draft::find(&session, &view.draft).await.map_err(|error| error.to_string())?
        }
        _ => None,
    };
    let met = draft.as_ref().is_some_and(|draft| draft.version < current.version);
    let past = if met || view.tab == Tab::History {
        let kind = save::kind().map_err(said)?;
        engine::settings::history(&engine.db, kind, VERSIONS + 1).await.map_err(said)?
    } else {
        Vec::new()
    };
    Ok((current, past, draft))
}

fn whole(desk: Desk) -> AnyView {
    let body = match desk.view.tab {
        Tab::Channel => channel::panel(&desk),
        Tab::File => file_page::panel(&desk),
        Tab::Formats => formats::panel(&desk),
        Tab::History => history::panel(&desk),
    };
    let open = match desk.view.tab {
        Tab::Channel => desk.view.channel.as_str(),
        other => other.as_str(),
    };
    view! {
        <PageHead title=TITLE line=LINE/>
        <div class="countries">
            <Tabs label="Countries" tabs=tabs(&desk.view) open>
                <Told tried=desk.tried.of(FORM)/>
                {body}
            </Tabs>
        </div>
    }
    .into_any()
}

fn tabs(view: &View) -> Vec<crate::ui::Tab> {
    let channels = CHANNELS.into_iter().map(|channel| crate::ui::Tab {
        word: channel.as_str(),
        label: channel_name(channel),
        href: view.with(|view| (view.tab, view.channel) = (Tab::Channel, channel)).href(),
    });
    let others = [
        (Tab::File, "Language file"),
        (Tab::Formats, "Custom policy and External ID"),
        (Tab::History, "History"),
    ];
    let others = others.into_iter().map(|(tab, label)| crate::ui::Tab {
        word: tab.as_str(),
        label,
        href: view.tab(tab),
    });
    channels.chain(others).collect()
}

/// What the last form did, or why it did nothing.
#[component]
fn Told(tried: Outcome) -> impl IntoView {
    let done = tried.done().map(str::to_owned);
    let wrong: Vec<String> =
        ["countries", "version"].iter().flat_map(|field| tried.errors(field)).collect();
    view! {
        {done.map(|done| view! { <Notice kind=NoticeKind::Done>{done}</Notice> })}
        {(!wrong.is_empty()).then(|| view! {
            <Notice kind=NoticeKind::Failed>{wrong.join(" ")}</Notice>
        })}
    }
}

fn lost(error: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "countries could not be read");
    view! {
        <PageHead title=TITLE line=LINE/>
        <Failed what="The countries could not be read." reference retry=PATH/>
    }
    .into_any()
}
