//! A tile's rows as a table.

use super::view::{Asked, Panel, View};
use crate::ui::{Align, Bar, Column, Copy, Delta, LongText, Pager, Search, SortHeader};
use domain::workbook::{Row, Rows, Sight, Sort, Tile};
use islands::text::thousands;
use leptos::prelude::*;

/// What a report's column is called on the page.
fn label(tile: Tile, column: &str) -> &'static str {
    match (column, tile) {
        ("reason", _) => "Reason",
        ("reason_text", _) => "In the source's words",
        ("phone", _) => "Number",
        ("ip", _) => "IP address",
        (_, Tile::OperatingSystems) => "Operating system",
        _ => "Browser",
    }
}

/// The header of one column; `None` is the count.
fn header(tile: Tile, view: &View, column: Option<usize>) -> Column {
    let name = column.and_then(|at| tile.columns().get(at)).copied().unwrap_or("count");
    let now = view.tile(tile).sort;
    let chosen = now.column == column;
    let sort = Sort { column, reversed: chosen && !now.reversed };
    Column {
        name,
        label: if column.is_none() { "Failures" } else { label(tile, name) },
        id: format!("{tile}-sort-{name}"),
        href: view
            .with_tile(tile, |tile| {
                tile.sort = sort;
                tile.page = 1;
            })
            .href_at(tile),
        // Words rise and counts fall by nature.
        rising: chosen.then_some(column.is_some() != now.reversed),
        align: if column.is_none() { Align::Right } else { Align::Left },
    }
}

/// One cell: a click filters by it; numbers and addresses copy with one click where they are
/// whole. `key` is the whole cell.
pub(crate) fn cell(column: &'static str, text: String, key: &str, asked: &Asked) -> AnyView {
    if text.is_empty() {
        return view! { <td class="none">"not recorded"</td> }.into_any();
    }
    match column {
        "reason" => {
            // May break after an underscore, where the column is narrow.
            let parts = text
                .split_inclusive('_')
                .map(|part| view! { {part.to_owned()}<wbr/> })
                .collect_view();
            let parts = view! { <code>{parts}</code> };
            view! { <td class="word">{linked(parts, column, key, asked)}</td> }.into_any()
        }
        "phone" | "ip" => {
            let copy = (column == "ip" || asked.sight == Sight::Whole)
                .then(|| view! { <Copy value=text.clone()/> });
            let text = linked(view! { <LongText text/> }, column, key, asked);
            view! { <td class="figure"><span class="with-copy">{text}{copy}</span></td> }.into_any()
        }
        _ => {
            let text = linked(view! { <LongText text/> }, column, key, asked);
            view! { <td class="text">{text}</td> }.into_any()
        }
    }
}

/// What a cell shows, as a link to the page filtered by it where that can be.
pub(crate) fn linked(
    shown: impl IntoView + 'static,
    column: &'static str,
    key: &str,
    asked: &Asked,
) -> AnyView {
    match asked.filter_link(column, key) {
        Some(href) => view! {
            <a class="filter-by" href=href data-keep="" title="Filter by this">{shown}</a>
        }
        .into_any(),
        None => shown.into_any(),
    }
}

/// The pages that a panel's rows go over.
pub(crate) fn pager(view: &View, panel: impl Into<Panel>, rows: u64) -> AnyView {
    let (panel, view) = (panel.into(), view.clone());
    let (state, hidden) = (view.tile(panel), carried(&view, panel, "page"));
    let href = move |page| view.with_tile(panel, |tile| tile.page = page).href_at(panel);
    view! {
        <Pager
            root=panel.as_str() title=panel.title() page=state.page size=state.rows rows href hidden
        />
    }
    .into_any()
}

/// The box that a panel's rows are filtered by.
pub(crate) fn search(view: &View, panel: impl Into<Panel>) -> AnyView {
    let panel = panel.into();
    let (value, hidden) = (view.tile(panel).q, carried(view, panel, "q"));
    view! { <Search root=panel.as_str() title=panel.title() value hidden/> }.into_any()
}

/// What a form of a panel carries along: all but its own field, and the first page.
fn carried(view: &View, panel: Panel, own: &str) -> Vec<(String, String)> {
    let mut hidden = view.with_tile(panel, |tile| tile.page = 1).pairs();
    hidden.retain(|(name, _)| *name != format!("{panel}.{own}"));
    hidden
}

/// The table and its pager.
#[component]
pub(crate) fn RowsTable(
    /// Whose rows.
    tile: Tile,
    /// What the page asks.
    asked: Asked,
    /// The rows of the page shown.
    rows: Rows,
) -> impl IntoView {
    let view = asked.view.clone();
    let columns = tile.columns();
    // Of the two donuts the browsers can be filtered by.
    let filtered = |column: &'static str| match (column, tile) {
        ("family", Tile::Browsers) => "browser",
        _ => column,
    };
    let headers = (0..columns.len())
        .map(Some)
        .chain([None])
        .map(|column| view! { <SortHeader column=header(tile, &view, column)/> })
        .collect_view();
    let (largest, matching) = (rows.largest, rows.matching);
    let before = rows.before.unwrap_or_default();
    let before = before.into_iter().map(Some).chain(std::iter::repeat(None));
    let body = rows
        .rows
        .into_iter()
        .zip(rows.keys)
        .zip(before)
        .map(|((Row { cells, count }, keys), before)| {
            let cells: Vec<_> = columns
                .iter()
                .zip(cells.into_iter().zip(&keys))
                .map(|(column, (text, key))| cell(filtered(column), text, key, &asked))
                .collect();
            let delta = before.map(|before| view! { <Delta now=count before/> });
            view! {
                <tr>
                    {cells}
                    <td class="count-cell"><Bar text=thousands(count) count largest/>{delta}</td>
                </tr>
            }
        })
        .collect_view();
    // Every count takes the room of the largest, so that all bars have one scale.
    let room = format!("--digits:{}", thousands(largest).chars().count());
    let kind = if tile == Tile::BlockedNumbers { "blocked" } else { "failed" };
    view! {
        <div class="table-frame">
            <table class=format!("rows {kind}") style=room>
                <caption class="hidden">{tile.title()}</caption>
                <thead><tr>{headers}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        {pager(&view, tile, matching)}
    }
}
