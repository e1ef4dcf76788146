//! The table of regions.

use super::view::{Sort, haystack};
use super::{given::PageData, rows::Row};
use crate::ui::{Align, Column, SortHeader};
use domain::reach_warnings::{Naming, of_region};
use domain::{Region, countries::Verdict, numbers::Plans};
use islands::text::sentence;
use leptos::prelude::*;

/// Shown for [`Region::WORLD`].
const WORLD: &str = "Numbers of no country";
const WORLD_HELP: &str = "Satellite and global services. Served only if selected, in every mode.";

/// Every region. Those that do not match the filter are hidden, so that the form still sends their
/// ticks.
pub(super) fn table(given: &PageData, rows: Vec<Row>) -> impl IntoView + use<> {
    let guards = given.visit.guards;
    let mut heads: Vec<AnyView> = Sort::ALL.iter().map(|sort| head(given, *sort)).collect();
    heads.insert(2, view! { <th scope="col">"Calling codes"</th> }.into_any());
    let none = rows.iter().all(|row| !row.shown);
    let plans = Plans::current();
    let rows: Vec<_> = rows.into_iter().map(|row| line(&plans, row, guards)).collect();
    let first = if guards { "Listed" } else { "State" };
    let clear = given.view.with(|view| (view.q, view.continent) = <_>::default()).href();
    view! {
        <div class="table-frame region-frame" role="group" tabindex="0" aria-labelledby="regions-title">
            <table class="list regions">
                <caption class="hidden">"Regions, with the figures of the last 30 days"</caption>
                <thead><tr><th scope="col">{first}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="region-none" data-none="" hidden=!none>
                "No region has this name. " <a href=clear>"Show all regions"</a>
            </p>
        </div>
    }
}

fn head(given: &PageData, sort: Sort) -> AnyView {
    let view = &given.view;
    let here = view.sort == sort;
    let href = view.with(|view| {
        view.rising = if here { !view.rising } else { sort.rises() };
        view.sort = sort;
    });
    let column = Column {
        name: sort.as_str(),
        label: sort.label(),
        id: format!("sort-{}", sort.as_str()),
        href: href.href(),
        rising: here.then_some(view.rising),
        // Columns of words sort ascending first and are aligned left.
        align: if sort.rises() { Align::Left } else { Align::Right },
    };
    view! { <SortHeader column/> }.into_any()
}

fn line(plans: &Plans, row: Row, guards: bool) -> impl IntoView + use<> {
    let Row { info, named, held, verdict, shown, .. } = &row;
    let (info, code) = (*info, info.region.to_string());
    let world = info.region == Region::WORLD;
    let id = format!("r-{code}");
    let help_id = format!("{id}-help");
    // A warning if the region's mobile numbers belong to another region.
    let help = match of_region(plans, info.region, Naming::Names) {
        _ if world => Some(WORLD_HELP.to_owned()),
        reach => reach.map(|reach| sentence(&reach)),
    };
    let tick = if guards {
        let described = help.is_some().then(|| help_id.clone());
        view! {
            <input
                type="checkbox" id=id.clone() name=id.clone() value="1" checked=*named
                data-held=held.then_some("") autocomplete="off" aria-describedby=described
            />
        }
        .into_any()
    } else {
        verdict_view(*verdict).into_any()
    };
    let name = if world { WORLD } else { info.name };
    let name =
        if guards { view! { <label for=id>{name}</label> }.into_any() } else { name.into_any() };
    let under = format!("{code} · {} · {}", info.calling_codes.join(", "), info.continent.label());
    let attempts = row.figures.as_ref().map(|of| of.attempts).filter(|n| *n > 0);
    let verified = row.figures.as_ref().map(|of| of.verified).filter(|n| *n > 0);
    view! {
        <tr
            data-find=haystack(info) data-continent=info.continent.as_str() hidden=!shown
            data-attempts=attempts data-verified=verified class:world=world
        >
            <td>{tick}</td>
            <th scope="row">
                {name}
                <span class="under">{under}</span>
                {help.map(|help| view! { <p class="field-help" id=help_id>{help}</p> })}
            </th>
            <td><code>{code}</code></td>
            <td class="codes">{info.calling_codes.join(", ")}</td>
            <td>{info.continent.label()}</td>
            <td class="right">{row.count(|of| of.sent)}</td>
            <td class="right">{row.count(|of| of.verified)}</td>
            <td class="right">{row.rate()}</td>
            <td class="right">{row.count(|of| of.failed)}</td>
            <td class="right">{row.cost()}</td>
        </tr>
    }
}

/// The verdict in the read-only table.
fn verdict_view(verdict: Verdict) -> impl IntoView {
    let (class, words) = match verdict {
        Verdict::Allowed => ("state good", "Served"),
        Verdict::Monitored => ("state warning", "Marked"),
        Verdict::Refused => ("state bad", "Refused"),
    };
    view! { <span class=class>{words}</span> }
}
