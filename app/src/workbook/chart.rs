//! A donut with its legend.

use crate::charts::donut::{SLICES, Slice, donut};
use crate::ui::Delta;
use domain::workbook::TileRows;
use islands::text::{share, thousands};
use leptos::prelude::*;

/// The name that uap-core gives to unknown families; drawn together with the rest.
const OTHER: &str = "Other";

/// At most six slices, largest first, with the rest as `Other` at the end.
pub(crate) fn slices(rows: &TileRows, link: impl Fn(&str) -> Option<String>) -> Vec<Slice> {
    let before = rows.before.iter().flatten().copied().map(Some).chain(std::iter::repeat(None));
    let mut named: Vec<_> = rows
        .rows
        .iter()
        .zip(before)
        .filter(|(row, _)| family(row.cells.first()) != OTHER)
        .collect();
    let others = rows.rows.len() < usize::try_from(rows.rows_in_all).unwrap_or(usize::MAX)
        || named.len() < rows.rows.len()
        || named.len() > SLICES;
    if others {
        named.truncate(SLICES - 1);
    }
    let mut slices: Vec<_> = named
        .into_iter()
        .enumerate()
        .map(|(at, (row, before))| Slice {
            name: family(row.cells.first()).to_owned(),
            count: row.count,
            series: Some(at),
            link: row.cells.first().and_then(|family| link(family)),
            before,
        })
        .collect();
    let rest = rows.total.saturating_sub(slices.iter().map(|slice| slice.count).sum());
    if rest > 0 {
        slices.push(Slice {
            name: OTHER.to_owned(),
            count: rest,
            series: None,
            link: None,
            before: None,
        });
    }
    slices
}

fn family(cell: Option<&String>) -> &str {
    match cell.map(String::as_str) {
        None | Some("") => "Not recorded",
        Some(name) => name,
    }
}

/// The donut with a legend of names, counts and shares, so that no information is in the colours
/// alone.
#[component]
pub(crate) fn Donut(title: &'static str, slices: Vec<Slice>, total: u64) -> impl IntoView {
    let unit = if total == 1 { "failure" } else { "failures" };
    let svg = donut(&slices, &thousands(total), unit);
    let legend = slices
        .into_iter()
        .map(|slice| {
            let series = slice.series.map_or_else(|| "other".to_owned(), |at| (at + 1).to_string());
            view! {
                <li>
                    <span class="swatch" data-series=series></span>
                    <span class="legend-name">
                        {match slice.link {
                            Some(href) => view! { <a href=href data-keep="">{slice.name}</a> }.into_any(),
                            None => slice.name.into_any(),
                        }}
                    </span>
                    <span class="legend-count">{thousands(slice.count)}</span>
                    <span class="legend-share">{share(slice.count, total)}</span>
                    {slice.before.map(|before| view! { <Delta now=slice.count before/> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="chart">
            <svg
                class="donut" viewBox="0 0 480 480" role="img"
                aria-label=format!("{title}: {} {unit} in all", thousands(total)) inner_html=svg
            ></svg>
            <ul class="legend">{legend}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::workbook::Row;

    fn rows(families: &[(&str, u64)], rows_in_all: u64, total: u64) -> TileRows {
        let row =
            |(name, count): &(&str, u64)| Row { cells: vec![(*name).to_owned()], count: *count };
        TileRows {
            rows: families.iter().map(row).collect(),
            rows_in_all,
            total,
            ..TileRows::default()
        }
    }

    fn names(slices: &[Slice]) -> Vec<(&str, u64)> {
        slices.iter().map(|slice| (slice.name.as_str(), slice.count)).collect()
    }

    #[test]
    fn six_at_most_and_the_rest_is_other() {
        let six = [("a", 9), ("b", 8), ("c", 7), ("d", 6), ("e", 5), ("f", 4)];
        let all = slices(&rows(&six, 6, 39), |_| None);
        assert_eq!(names(&all), six);
        let more = slices(&rows(&six, 40, 100), |_| None);
        assert_eq!(names(&more)[4..], [("e", 5), ("Other", 65)]);
        assert_eq!(more.last().unwrap().series, None);
    }

    #[test]
    fn what_is_unknown_joins_other() {
        let mixed = slices(&rows(&[("Other", 9), ("a", 3), ("", 1)], 3, 13), |_| None);
        assert_eq!(names(&mixed), [("a", 3), ("Not recorded", 1), ("Other", 9)]);
        assert!(slices(&rows(&[], 0, 0), |_| None).is_empty());
    }
}
