//! A tile's rows as a table.

use super::view::{ROWS, View};
use crate::ui::text::thousands;
use crate::ui::{Align, Bar, Column, Copy, LongText, Pager, SortHeader};
use domain::workbook::{Row, Rows, Sight, Sort, Tile};
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

/// One cell; numbers and addresses copy with one click where they are whole.
fn cell(column: &str, text: String, sight: Sight) -> AnyView {
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
            view! { <td class="word"><code>{parts}</code></td> }.into_any()
        }
        "phone" | "ip" => {
            let copy = (column == "ip" || sight == Sight::Whole)
                .then(|| view! { <Copy value=text.clone()/> });
            view! { <td class="figure"><span class="with-copy"><LongText text/>{copy}</span></td> }
                .into_any()
        }
        _ => view! { <td class="text"><LongText text/></td> }.into_any(),
    }
}

/// The table and its pager.
#[component]
pub(crate) fn RowsTable(
    /// Whose rows.
    tile: Tile,
    /// The page's state.
    view: View,
    /// The rows of the page shown.
    rows: Rows,
    /// How much of a number is shown.
    sight: Sight,
) -> impl IntoView {
    let columns = tile.columns();
    let headers = (0..columns.len())
        .map(Some)
        .chain([None])
        .map(|column| view! { <SortHeader column=header(tile, &view, column)/> })
        .collect_view();
    let page = view.tile(tile).page;
    let (largest, matching) = (rows.largest, rows.matching);
    let body = rows
        .rows
        .into_iter()
        .map(|Row { cells, count }| {
            let cells: Vec<_> =
                columns.iter().zip(cells).map(|(column, text)| cell(column, text, sight)).collect();
            view! {
                <tr>{cells}<td class="count-cell"><Bar text=thousands(count) count largest/></td></tr>
            }
        })
        .collect_view();
    let mut hidden = view.with_tile(tile, |tile| tile.page = 1).pairs();
    hidden.retain(|(name, _)| *name != format!("{tile}.page"));
    let href = move |page| view.with_tile(tile, |tile| tile.page = page).href_at(tile);
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
        <Pager root=tile.as_str() title=tile.title() page size=ROWS rows=matching href hidden/>
    }
}
