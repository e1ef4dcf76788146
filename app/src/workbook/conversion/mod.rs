//! The tab Conversion: funnel, map, and the conversion rate by region, flow, channel and other
//! keys.

mod funnel;
mod map;
mod table;

use super::absent::{RowNumbers, absent};
use super::rows::search;
use super::task::beside;
use super::tiles::{misread, panel_actions};
use super::view::{Panel, ResolvedView};
use crate::page::{LoadError, log_load_error};
use crate::ui::{Notice, NoticeKind, Tile as Frame};
use domain::conversion::{By, Funnel, KeyRows, KeyRowsQuery};
use domain::names::{Kind, Settings};
use engine::Engine;
use engine::conversion::RangeCounts;
use leptos::prelude::*;
use std::sync::Arc;
use table::{KeysTable, order};

/// The breakdown that the table shows, and the word in the address if it is not a breakdown.
fn by(asked: &ResolvedView) -> (By, Option<String>) {
    let word = asked.view.word("by", By::Region.as_str());
    word.parse().map_or_else(|_| (By::Region, Some(word.to_owned())), |by| (by, None))
}

/// Reads all parts concurrently; each is rendered even if another failed.
pub(super) async fn body(engine: &Engine, asked: &ResolvedView) -> AnyView {
    let whole = beside(range_counts(engine.clone(), asked.clone()));
    let (whole, (_, keys)) = tokio::join!(whole, panel(engine, asked));
    let funnel = whole.clone().map(|(now, before)| (now.funnel, before));
    let regions = whole.map(|(now, _)| now.regions);
    let (funnel, map) = (funnel::tile(asked, funnel), map::tile(asked, regions));
    view! { <div class="tiles conversion">{funnel}{map}{keys}</div> }.into_any()
}

/// The counts of the range, and the funnel of the previous range if it is compared.
async fn range_counts(
    engine: Engine,
    asked: ResolvedView,
) -> Result<(RangeCounts, Option<Funnel>), LoadError> {
    let (conversion, query) = (&engine.conversion, &asked.query);
    let read = async {
        let now = conversion.range_counts(query).await?;
        let before = match asked.view.compares() {
            true => Some(conversion.range_counts(&query.before()).await?.funnel),
            false => None,
        };
        Ok::<_, engine::Error>((now, before))
    };
    read.await.map_err(|error| log_load_error("standing", &error))
}

/// Whether the rows could not be read, and the tile.
pub(super) async fn panel(engine: &Engine, asked: &ResolvedView) -> (bool, AnyView) {
    let names = engine.names.last();
    let rows = engine.conversion.keys(by(asked).0, &asked.query, &part(asked, &names)).await;
    let rows = rows.map_err(|error| log_load_error(Panel::Conversion.as_str(), &error));
    (rows.is_err(), tile(asked, rows, &names))
}

fn part(asked: &ResolvedView, names: &Settings) -> KeyRowsQuery {
    let part = asked.view.tile(Panel::Conversion).part();
    let search = part.search.to_lowercase();
    let by_name = by(asked).0 == By::Flow && !search.is_empty();
    let called = |name: &str| by_name && name.to_lowercase().contains(&search);
    let flows = names.of(Kind::Flow).iter().filter(|(_, name)| called(name));
    KeyRowsQuery {
        also: flows.map(|(id, _)| id.clone()).collect(),
        search: part.search,
        order: order(part.sort),
        offset: part.offset,
        limit: part.limit,
    }
}

fn tile(asked: &ResolvedView, rows: Result<KeyRows, LoadError>, names: &Arc<Settings>) -> AnyView {
    let panel = Panel::Conversion;
    let (word, title) = (panel.as_str(), panel.title());
    let state = asked.view.tile(panel);
    let (by, wrong_by) = by(asked);
    let filter = search(&asked.view, panel);
    let actions = panel_actions(panel, asked, &[("by", by.as_str())]);
    let wrong_by = wrong_by.map(|word| {
        let known: Vec<_> = By::ALL.iter().map(|by| by.as_str()).collect();
        let words = format!(
            "“{word}” is not a breakdown; it must be one of {}. Regions are shown.",
            known.join(", ")
        );
        view! { <Notice kind=NoticeKind::Warning>{words}</Notice> }
    });
    let body = match rows {
        Err(lost) => lost.view("This tile could not be read.", asked.view.href_at(panel)),
        Ok(rows) => body_of(asked, by, rows, names),
    };
    let wrong = misread(&state);
    let switch = view! { <BySwitch asked=asked.clone() by/> };
    view! {
        <Frame word title actions filter=Some(filter)>
            {wrong_by}{wrong}{switch}{body}
        </Frame>
    }
    .into_any()
}

/// Links to the breakdowns.
#[component]
fn BySwitch(asked: ResolvedView, by: By) -> impl IntoView {
    // Another breakdown has other keys, so search and page are reset.
    let view = asked.view.with_tile(Panel::Conversion, |tile| {
        tile.page = 1;
        tile.q.clear();
    });
    let choices = By::ALL.iter().map(|choice| {
        let word = if *choice == By::Region { "" } else { choice.as_str() };
        let href = view.with_word("by", word).href_at(Panel::Conversion);
        view! { <a href=href aria-current=(*choice == by).then_some("true")>{choice.name()}</a> }
    });
    view! { <nav class="by-switch" aria-label="Conversion by">{choices.collect_view()}</nav> }
}

fn body_of(asked: &ResolvedView, by: By, rows: KeyRows, names: &Arc<Settings>) -> AnyView {
    let counted =
        RowNumbers { in_all: rows.rows_in_all, matching: rows.matching, shown: rows.rows.len() };
    absent(Panel::Conversion, asked, &counted, "attempts").unwrap_or_else(|| {
        view! { <KeysTable asked=asked.clone() by rows names=Arc::clone(names)/> }.into_any()
    })
}

#[cfg(test)]
mod tests;
