//! The table of the conversion by key.

use super::super::rows::{linked, pager, sorted};
use super::super::view::{Panel, ResolvedView};
use crate::names::channel_name;
use crate::ui::{self, Align, Bar, Icon, LongText, SortHeader, none};
use domain::Channel;
use domain::conversion::{
    By, Column, Cost, KeyCounts, KeyRows, Order, PageRow, money, percent, prefix_text,
};
use domain::names::{Kind, Settings};
use domain::regions;
use domain::workbook::Sort;
use islands::text::thousands;
use leptos::prelude::*;
use std::sync::Arc;

fn label(by: By, column: Column) -> &'static str {
    match column {
        Column::Key => by.name(),
        Column::Sent => "Sent",
        Column::Verified => "Verified",
        Column::Rate => "Rate",
        Column::Change => "Change",
        Column::Cost => "Cost",
        Column::PerVerified => "Cost per verified",
    }
}

/// In addresses, a column without a suffix is in ascending order.
pub(super) fn order(sort: Sort) -> Order {
    let name = sort.column.and_then(|at| Panel::Conversion.columns().get(at));
    match name.and_then(|name| name.parse::<Column>().ok()) {
        None => Order { column: None, reversed: sort.reversed },
        Some(column) => Order { column: Some(column), reversed: sort.reversed == column.rises() },
    }
}

fn header(asked: &ResolvedView, by: By, column: Column) -> impl IntoView + use<> {
    let panel = Panel::Conversion;
    let (now, name) = (asked.view.tile(panel).sort, column.as_str());
    let at = panel.columns().iter().position(|known| *known == name);
    let chosen = order(now).column == Some(column);
    // The first click shows what is most interesting: the largest values, or the lowest rates.
    let reversed = if chosen { !now.reversed } else { !column.rises() };
    let column = ui::Column {
        name,
        label: label(by, column),
        id: format!("{panel}-sort-{name}"),
        href: sorted(&asked.view, panel, Sort { column: at, reversed }),
        rising: chosen.then_some(!now.reversed),
        align: if column == Column::Key { Align::Left } else { Align::Right },
    };
    view! { <SortHeader column/> }
}

/// The table with a note about its order and the pager.
#[component]
pub(super) fn KeysTable(
    asked: ResolvedView,
    by: By,
    rows: KeyRows,
    names: Arc<Settings>,
) -> impl IntoView {
    let panel = Panel::Conversion;
    let columns = panel.columns().iter().filter_map(|name| name.parse().ok());
    let headers = columns.map(|column| header(&asked, by, column)).collect_view();
    let KeyRows { rows: shown, matching, rows_in_all, enough, largest, total, cost } = rows;
    let body = shown
        .iter()
        .map(|row| {
            view! {
                <tr class:few=!row.enough>
                    {key(&asked, by, &row.key, &names)}
                    {figures(&row.line, &row.cost, &row.per_verified(), largest, enough)}
                </tr>
            }
        })
        .collect_view();
    let whole = PageRow { key: String::new(), line: total, cost, enough: true };
    let each = whole.per_verified();
    let foot = (rows_in_all > 1).then(|| {
        view! {
            <tfoot>
                <tr><th scope="row">"All"</th>{figures(&total, &whole.cost, &each, 0, enough)}</tr>
            </tfoot>
        }
    });
    let state = asked.view.tile(panel);
    let usual = (state.sort != Sort::default()).then(|| {
        let href = sorted(&asked.view, panel, Sort::default());
        view! {
            " " <a href=href id="conversion-usual" data-tile-link="">
                "Lowest conversion first"
            </a> "."
        }
    });
    let note = format!(
        "Attempts that began in the range. Rates from fewer than {} sends are not meaningful: \
         they are grey, and last in the default order.",
        thousands(enough)
    );
    let room = format!("--digits:{}", thousands(largest).chars().count());
    view! {
        <div class="table-frame">
            <table class="rows converting" style=room>
                <caption class="hidden">{format!("Conversion by {}", by.name().to_lowercase())}</caption>
                <thead><tr>{headers}</tr></thead>
                <tbody>{body}</tbody>
                {foot}
            </table>
        </div>
        <p class="conversion-note">{note}{usual}</p>
        {pager(&asked.view, panel, matching)}
    }
}

/// The cell of a key, as a link to the page filtered by it if such a filter exists.
fn key(asked: &ResolvedView, by: By, key: &str, names: &Settings) -> AnyView {
    if key.is_empty() {
        return view! { <th scope="row" class="none">"not recorded"</th> }.into_any();
    }
    let text = |text: String| view! { <LongText text/> }.into_any();
    let shown = match by {
        By::Region => match key.parse() {
            Ok(region) => view! {
                <span class="region-name">{regions::name(&region).to_owned()}" "<code>{key.to_owned()}</code></span>
            }
            .into_any(),
            Err(_) => text(key.to_owned()),
        },
        By::Prefix => text(prefix_text(key)),
        By::Flow => {
            let name = names.name(Kind::Flow, key).to_owned();
            view! { <span title=key.to_owned()>{text(name)}</span> }.into_any()
        }
        By::Carrier | By::Ip => text(key.to_owned()),
        By::Channel => {
            let known = key.parse::<Channel>().map(channel_name);
            text(known.map_or_else(|_| key.to_owned(), str::to_owned))
        }
    };
    let column = match by {
        By::Region => "region",
        By::Flow => "flow",
        By::Channel => "channel",
        // The workbook has no filter for these.
        By::Prefix | By::Carrier | By::Ip => "",
    };
    view! { <th scope="row">{linked(shown, column, key, asked)}</th> }.into_any()
}

fn figures(line: &KeyCounts, cost: &Cost, each: &Cost, largest: u64, enough: u64) -> AnyView {
    let sent = thousands(line.sent);
    let sent = match largest {
        0 => sent.into_any(),
        _ => view! { <Bar text=sent count=line.sent largest/> }.into_any(),
    };
    let rate = match line.sent {
        0 => none(),
        _ => percent(line.verified, line.sent).into_any(),
    };
    view! {
        <td class="count-cell">{sent}</td>
        <td class="number">{thousands(line.verified)}</td>
        <td class="number rate">{rate}</td>
        <td class="number">{change(line, enough)}</td>
        <td class="number">{amounts(cost, 2)}</td>
        <td class="number">{amounts(each, 4)}</td>
    }
    .into_any()
}

/// The change of the rate in percentage points, with the previous rate in the tooltip. It has no
/// colour if the previous range had too few sends.
fn change(line: &KeyCounts, enough: u64) -> AnyView {
    let Some(points) = line.change() else {
        let words = if line.sent == 0 { "–" } else { "new" };
        let hint = (line.sent > 0).then_some("Nothing was sent in the previous period");
        return view! { <span class="none" title=hint>{words}</span> }.into_any();
    };
    let hint = format!(
        "{} of {} sent in the previous period",
        percent(line.verified_before, line.sent_before),
        thousands(line.sent_before)
    );
    let text = format!("{:.1}", points.abs());
    // A lower rate is bad, so it has the colour of more failures.
    let (class, icon, sign) = match text.as_str() {
        "0.0" => ("delta", None, "±"),
        _ if line.sent_before < enough => ("none", None, if points < 0.0 { "−" } else { "+" }),
        _ if points < 0.0 => ("delta more", Some("fall"), "−"),
        _ => ("delta fewer", Some("rise"), "+"),
    };
    view! {
        <span class=class title=hint>
            {icon.map(|icon| view! { <Icon name=icon/> })}{format!("{sign}{text} points")}
        </span>
    }
    .into_any()
}

/// One line for each currency.
fn amounts(cost: &Cost, decimals: u32) -> AnyView {
    if cost.is_empty() {
        return none();
    }
    let line = |(currency, amount): &(String, _)| {
        let exact = format!("{amount} {currency}");
        let amount = money(*amount, decimals);
        view! { <span class="money" title=exact>{amount}" "<small>{currency.clone()}</small></span> }
    };
    cost.iter().map(line).collect_view().into_any()
}
