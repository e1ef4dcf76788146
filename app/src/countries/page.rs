//! The page `/countries`.

use super::view::{Tab, View};
use super::{api::FORM, draft::Draft, file::UploadedFile, given::PageData};
use super::{channel, file_page, formats, history};
use crate::names::channel_name;
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::request::extension;
use crate::saving::{self, VERSIONS};
use crate::ui::{self, FormResult, PageHead, Tabs};
use domain::countries::{CHANNELS, Settings};
use islands::LiveCountries;
use leptos::prelude::*;
use std::sync::Arc;
use tower_sessions::Session;

const HEAD: Head = Head {
    title: "Countries",
    line: "Which regions calls and messages may go to, with figures of the last 30 days for each.",
    failed: "The countries could not be read.",
};

/// One tab for each channel, for Microsoft's files, and for the history.
#[component]
pub(crate) fn CountriesPage() -> impl IntoView {
    let view = View::read(&query());
    let opened = extension::<UploadedFile>();
    let session = crate::form::session().ok();
    view! {
        {page(HEAD, move |visit| load(visit, view, session, opened))}
        <LiveCountries/>
    }
}

async fn load(
    visit: PageContext,
    view: View,
    session: Option<Session>,
    opened: Option<UploadedFile>,
) -> Result<PageResult, PageFailure> {
    let engine = &visit.engine;
    let current = Arc::new(saving::current(engine).await?);
    let session = session.as_ref().filter(|_| visit.guards);
    let draft = saving::find::<Draft>(session, &view.draft).await?;
    let met = draft.as_ref().is_some_and(|draft| draft.version < current.version);
    let past = if met || view.tab == Tab::History {
        saving::history::<Settings>(engine, VERSIONS + 1).await?
    } else {
        Vec::new()
    };
    let (past, month) = (Arc::new(past), engine.regions.month());
    Ok(PageResult::Shown(page_view(PageData { visit, view, current, past, draft, month, opened })))
}

fn page_view(given: PageData) -> AnyView {
    let body = match given.view.tab {
        Tab::Channel => channel::panel(&given),
        Tab::File => file_page::panel(&given),
        Tab::Formats => formats::panel(&given),
        Tab::History => history::panel(&given),
    };
    let open = match given.view.tab {
        Tab::Channel => given.view.channel.as_str(),
        other => other.as_str(),
    };
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        <div class="countries">
            <Tabs label="Countries" tabs=tabs(&given.view) open>
                <FormResult tried=given.visit.tried.of(FORM) wrong=&["countries", "version"]/>
                {body}
            </Tabs>
        </div>
    }
    .into_any()
}

fn tabs(view: &View) -> Vec<ui::Tab> {
    let channels = CHANNELS.into_iter().map(|channel| {
        let view = view.with(|view| (view.tab, view.channel) = (Tab::Channel, channel));
        ui::Tab::new(channel.as_str(), channel_name(channel), view.href())
    });
    let others = [Tab::File, Tab::Formats, Tab::History];
    let others = others.map(|tab| ui::Tab::new(tab.as_str(), tab.label(), view.tab(tab)));
    channels.chain(others).collect()
}
