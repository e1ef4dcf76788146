//! The tab Conversion: how far attempts came, where they fail, and how many of the codes sent came
//! back, by whatever attempts are told apart by.

mod funnel;
mod map;
mod table;

use super::absent::{Counted, absent};
use super::load::beside;
use super::rows::search;
use super::tiles::{misread, panel_actions};
use super::view::{Asked, Panel};
use crate::page::{Lost, lost};
use crate::ui::{Notice, NoticeKind, Tile as Frame};
use domain::conversion::{By, Funnel, Part, Rows};
use domain::names::{Kind, Settings};
use engine::Engine;
use engine::conversion::Standing;
use leptos::prelude::*;
use std::sync::Arc;
use table::{KeysTable, order};

/// What the tab's table lists; the word of the address when it is none.
fn by(asked: &Asked) -> (By, Option<String>) {
    let word = asked.view.word("by", By::Region.as_str());
    word.parse().map_or_else(|_| (By::Region, Some(word.to_owned())), |by| (by, None))
}

/// Asks for everything at once and renders what came, each part for itself.
pub(super) async fn body(engine: &Engine, asked: &Asked) -> AnyView {
    let whole = beside(standing(engine.clone(), asked.clone()));
    let (whole, (_, keys)) = tokio::join!(whole, panel(engine, asked));
    let funnel = whole.clone().map(|(now, before)| (now.funnel, before));
    let regions = whole.map(|(now, _)| now.regions);
    let (funnel, map) = (funnel::tile(asked, funnel), map::tile(asked, regions));
    view! { <div class="tiles conversion">{funnel}{map}{keys}</div> }.into_any()
}

/// How the range stands, and how far attempts came in the range before when it is compared.
async fn standing(engine: Engine, asked: Asked) -> Result<(Standing, Option<Funnel>), Lost> {
    let (conversion, query) = (&engine.conversion, &asked.query);
    let read = async {
        let now = conversion.standing(query).await?;
        let before = match asked.view.compares() {
            true => Some(conversion.standing(&query.before()).await?.funnel),
            false => None,
        };
        Ok::<_, engine::Error>((now, before))
    };
    read.await.map_err(|error| lost("standing", &error))
}

/// The table with what was read for it, and whether reading failed.
pub(super) async fn panel(engine: &Engine, asked: &Asked) -> (bool, AnyView) {
    let names = engine.names.last();
    let rows = engine.conversion.keys(by(asked).0, &asked.query, &part(asked, &names)).await;
    let rows = rows.map_err(|error| lost(Panel::Conversion.as_str(), &error));
    (rows.is_err(), tile(asked, rows, &names))
}

/// The rows to ask for.
fn part(asked: &Asked, names: &Settings) -> Part {
    let part = asked.view.tile(Panel::Conversion).part();
    let search = part.search.to_lowercase();
    let called = names
        .of(Kind::Flow)
        .iter()
        .filter(|(_, name)| by(asked).0 == By::Flow && name.to_lowercase().contains(&search));
    Part {
        also: if search.is_empty() {
            Vec::new()
        } else {
            called.map(|(id, _)| id.clone()).collect()
        },
        search: part.search,
        order: order(part.sort),
        offset: part.offset,
        limit: part.limit,
    }
}

fn tile(asked: &Asked, rows: Result<Rows, Lost>, names: &Arc<Settings>) -> AnyView {
    let panel = Panel::Conversion;
    let (word, title) = (panel.as_str(), panel.title());
    let state = asked.view.tile(panel);
    let (by, wrong_by) = by(asked);
    let filter = search(&asked.view, panel);
    let actions = panel_actions(panel, asked, &[("by", by.as_str())]).into_any();
    let wrong_by = wrong_by.map(|word| {
        let known: Vec<_> = By::ALL.iter().map(|by| by.as_str()).collect();
        let words = format!(
            "There is no breakdown “{word}”; it must be one of {}. Regions are shown.",
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

/// What the table lists, side by side.
#[component]
fn BySwitch(
    /// What the page asks.
    asked: Asked,
    /// What is listed.
    by: By,
) -> impl IntoView {
    // Another breakdown has other keys: its search and page begin anew.
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

fn body_of(asked: &Asked, by: By, rows: Rows, names: &Arc<Settings>) -> AnyView {
    let counted =
        Counted { in_all: rows.rows_in_all, matching: rows.matching, shown: rows.rows.len() };
    absent(Panel::Conversion, asked, &counted, "attempts").unwrap_or_else(|| {
        view! { <KeysTable asked=asked.clone() by rows names=Arc::clone(names)/> }.into_any()
    })
}

#[cfg(test)]
mod tests;
