//! The page `/`: head, timeline, filters, tabs, and the tiles of the open tab. Everything is read
//! before the first byte is sent.

use super::chips::Chips;
use super::controls::{CompareSwitch, Misread, RangePill};
use super::task::beside;
use super::view::{ResolvedView, TABS, View};
use super::{overview, timeline};
use crate::live::{Live, ends};
use crate::names::channel_name;
use crate::page::{Head, PageContext, PageFailure, PageResult, page, query};
use crate::settings::SilentSources;
use crate::ui::{ChannelMenu, Failed, PageHead, Tab, Tabs};
use crate::who;
use chrono::{DateTime, Utc};
use domain::Channel;
use domain::workbook::Query;
use domain::zone::{Style, Zone};
use engine::Engine;
use islands::LiveTiles;
use leptos::prelude::*;

const HEAD: Head = Head {
    title: "Workbook",
    line: "Failed phone verifications: why, which numbers, from where.",
    failed: "The workbook could not be read.",
};

#[component]
pub(crate) fn WorkbookPage() -> impl IntoView {
    let view = View::read(&query());
    let own = crate::zone::current();
    page(HEAD, move |visit| load(visit, view, own))
}

async fn load(visit: PageContext, view: View, own: Zone) -> Result<PageResult, PageFailure> {
    let PageContext { engine, sight, now, .. } = visit;
    let asked = view.ask(engine.handles.key().await?, sight, own, now);
    Ok(PageResult::Shown(page_view(engine, asked).await))
}

async fn page_view(engine: Engine, asked: ResolvedView) -> AnyView {
    let ResolvedView { view, query, invalid, .. } = asked.clone();
    let open = view.tab();
    let tabs = TABS
        .iter()
        .map(|(word, label)| Tab { word, label, href: view.with_word("tab", word).href() })
        .collect();
    let strip = {
        let (engine, asked) = (engine.clone(), asked.clone());
        beside(async move { timeline::load(&engine, &asked).await })
    };
    let (chart, panel) = tokio::join!(strip, overview::body(&engine, &asked));
    let timeline = timeline::timeline(&asked, chart);
    let until = ends(view.log.text("to"), query.period);
    let channels = view.clone();
    let of_channel = move |choice: Option<Channel>| {
        channels.with_filter("channel", choice.map_or("", Channel::as_str)).href()
    };
    let misread = invalid.clone();
    view! {
        <PageHead title=HEAD.title line=HEAD.line>
            <Live until/>
            <RangePill view=view.clone() query=query.clone() invalid/>
            <ChannelMenu channel=query.filters.channel href=of_channel/>
            <CompareSwitch view/>
        </PageHead>
        <Misread invalid=misread/>
        <Printed asked=asked.clone() now=engine.clock().now()/>
        <SilentSources engine/>
        <Chips asked/>
        {timeline}
        <Tabs label="Workbook" tabs open>{panel}</Tabs>
        <FailedTemplate/>
        <LiveTiles/>
    }
    .into_any()
}

/// For print only: the range, and who printed the page when. The filters are printed as chips.
#[component]
fn Printed(asked: ResolvedView, now: DateTime<Utc>) -> impl IntoView {
    let Query { period, filters } = asked.query;
    let time = |time| asked.zone.format(time, Style::Moment);
    let channel = filters.channel.map_or("all channels", channel_name);
    let who = who::account().map(|account| format!(", for {}", account.email)).unwrap_or_default();
    let words = format!(
        "{} to {}, {channel}. Printed {}{who}.",
        time(period.from),
        time(period.to),
        time(now)
    );
    view! { <p class="printed">{words}</p> }
}

/// What the client shows if it could not load a tile. It inserts the reference from the response,
/// or removes the reference if there was no response.
#[component]
fn FailedTemplate() -> impl IntoView {
    view! {
        <template id="tile-failed">
            <Failed what="The server did not answer." reference="?" retry=""/>
        </template>
    }
}
