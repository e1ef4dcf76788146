//! A tile's rows as a table.

use super::view::{Panel, ResolvedView, TileView, View};
use crate::ui::{Align, Bar, Column, Copy, Delta, LongText, Pager, Search, SortHeader};
use domain::workbook::{Row, Sight, Sort, Tile, TileRows};
use islands::text::thousands;
use leptos::prelude::*;

/// The name of a column on the page.
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

/// The header of a column; `None` is the count.
fn header(tile: Tile, view: &View, column: Option<usize>) -> Column {
    let name = column.and_then(|at| tile.columns().get(at)).copied().unwrap_or("count");
    let (label, align) = match column {
        None => ("Failures", Align::Right),
        Some(_) => (label(tile, name), Align::Left),
    };
    Column { align, ..sort_column(view, tile.into(), name, label, column) }
}

/// The header of a column: the first click sorts text ascending, and the default order (`None`), by
/// count or time, descending. `column` is its index in [`Panel::columns`].
pub(crate) fn sort_column(
    view: &View,
    panel: Panel,
    name: &'static str,
    label: &'static str,
    column: Option<usize>,
) -> Column {
    let now = view.tile(panel).sort;
    let chosen = now.column == column;
    let sort = Sort { column, reversed: chosen && !now.reversed };
    let rising = chosen.then_some(column.is_some() != now.reversed);
    Column {
        name,
        label,
        id: format!("{panel}-sort-{name}"),
        href: sorted(view, panel, sort),
        rising,
        align: Align::Left,
    }
}

/// Address of the page with a panel in another order.
pub(crate) fn sorted(view: &View, panel: Panel, sort: Sort) -> String {
    let change = |tile: &mut TileView| (tile.sort, tile.page) = (sort, 1);
    view.with_tile(panel, change).href_at(panel)
}

/// A cell with a filter link. Numbers and IP addresses have a copy button unless they are masked.
/// `key` is the unmasked value.
pub(crate) fn cell(column: &'static str, text: String, key: &str, asked: &ResolvedView) -> AnyView {
    if text.is_empty() {
        return view! { <td class="none">"not recorded"</td> }.into_any();
    }
    match column {
        "reason" => {
            // Allows a line break after each underscore.
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

/// Content of a cell, as a link to the page filtered by its value if such a filter exists.
pub(crate) fn linked(
    shown: impl IntoView + 'static,
    column: &'static str,
    key: &str,
    asked: &ResolvedView,
) -> AnyView {
    match asked.filter_link(column, key) {
        Some(href) => view! {
            <a class="filter-by" href=href data-keep="" title="Filter by this">{shown}</a>
        }
        .into_any(),
        None => shown.into_any(),
    }
}

/// The pager of a panel's rows.
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

/// The field that filters a panel's rows.
pub(crate) fn search(view: &View, panel: impl Into<Panel>) -> AnyView {
    let panel = panel.into();
    let (value, hidden) = (view.tile(panel).q, carried(view, panel, "q"));
    view! { <Search root=panel.as_str() title=panel.title() value hidden/> }.into_any()
}

/// The hidden parameters of a panel's form: the state at the first page, without the form's own
/// field.
fn carried(view: &View, panel: Panel, own: &str) -> Vec<(String, String)> {
    let mut hidden = view.with_tile(panel, |tile| tile.page = 1).pairs();
    hidden.retain(|(name, _)| *name != format!("{panel}.{own}"));
    hidden
}

#[component]
pub(crate) fn RowsTable(tile: Tile, asked: ResolvedView, rows: TileRows) -> impl IntoView {
    let view = asked.view.clone();
    let columns = tile.columns();
    // Browsers can be filtered by, operating systems cannot.
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
    // All counts are as wide as the largest, so that the bars have the same scale.
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
