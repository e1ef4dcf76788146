//! The page `/`.

use super::controls::{ChannelPill, Misread, RangePill};
use super::island::LiveTiles;
use super::load;
use super::tiles::{ORDER, load as load_tile, tile_view};
use super::total::TotalFailures;
use super::view::View;
use crate::settings::SilentSources;
use crate::ui::{Failed, Notice, NoticeKind, PageHead, Tab, Tabs};
use crate::who;
use domain::workbook::{Query, Sight};
use engine::Engine;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const LINE: &str = "Failed phone verifications: why, which numbers, from where.";

/// The Overview: total and tiles. Everything is read before the first byte leaves.
#[component]
pub fn WorkbookPage() -> impl IntoView {
    let view = View::read(&use_location().search.get_untracked());
    let Some(engine) = use_context::<Engine>() else {
        return view! { <PageHead title="Workbook"/><Notice kind=NoticeKind::Failed>"The engine is not running."</Notice> }
            .into_any();
    };
    let sight = who::sight();
    let (query, invalid) = view.query(engine.clock().now());
    let tabs = vec![Tab { word: "overview", label: "Overview", href: view.href() }];
    let (range_view, channel_view, misread) = (view.clone(), view.clone(), invalid.clone());
    view! {
        <PageHead title="Workbook" line=LINE>
            <RangePill view=range_view query invalid/>
            <ChannelPill view=channel_view channel=query.channel/>
        </PageHead>
        <Misread invalid=misread/>
        <SilentSources/>
        <Tabs label="Workbook" tabs open="overview">
            {Suspend::new(overview(engine, view, query, sight))}
        </Tabs>
        <FailedTemplate/>
        <LiveTiles/>
    }
    .into_any()
}

/// Asks for everything at once and renders what came, each tile for itself.
async fn overview(engine: Engine, view: View, query: Query, sight: Sight) -> impl IntoView {
    let tile = |at: usize| load_tile(&engine, ORDER[at], &view, &query, sight);
    let (total, a, b, c, d, e, f) = tokio::join!(
        load::total(&engine, &query),
        tile(0),
        tile(1),
        tile(2),
        tile(3),
        tile(4),
        tile(5)
    );
    let tiles = ORDER
        .into_iter()
        .zip([a, b, c, d, e, f])
        .map(|(tile, rows)| tile_view(tile, &view, rows, sight))
        .collect_view();
    view! {
        <TotalFailures total period=query.period retry=view.href()/>
        <div class="tiles">{tiles}</div>
    }
}

/// What the client shows where the server sent no tile; it puts the answer's reference in, or takes
/// it out where there was no answer.
#[component]
fn FailedTemplate() -> impl IntoView {
    view! {
        <template id="tile-failed">
            <Failed what="The server did not answer." reference="?" retry=""/>
        </template>
    }
}
