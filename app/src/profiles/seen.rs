//! Lists of what it was seen with: users, numbers, addresses, flows …, with counts of outcomes.

use super::links;
use super::view::for_reason;
use crate::names::channel_name;
use crate::sign_ins::log;
use crate::ui::{Bar, LongText, Panel};
use domain::signins::View as Log;
use engine::profiles::{Profile, Tally};
use engine::signins::LinkedName;
use islands::text::{capital, counted, thousands};
use leptos::prelude::*;

/// A list's title and id, and singular and plural of its rows.
type List = (&'static str, &'static str, [&'static str; 2]);

/// All lists, without the one of what the page itself is about.
pub(super) fn lists(profile: &Profile, log_of: &Log) -> AnyView {
    let about = |field: &str| !log_of.text(field).is_empty();
    let user = |named: &LinkedName| anchor(links::user(&named.handle), named.text.clone());
    let number = |named: &LinkedName| anchor(links::number(&named.handle), named.text.clone());
    let within = |field: &'static str, value: &str, text: String| {
        anchor(log(&log_of.with(field, value)), text)
    };
    view! {
        {list(("Reasons", "reasons", ["reason", "reasons"]), &profile.reasons, |reason| {
            anchor(for_reason(log_of, *reason), capital(reason.words()))
        })}
        {(!about("user")).then(|| list(("Users", "users", ["user", "users"]), &profile.users, user))}
        {(!about("number")).then(|| list(("Numbers", "numbers", ["number", "numbers"]), &profile.numbers, number))}
        {(!about("ip")).then(|| {
            list(("IP addresses", "ips", ["address", "addresses"]), &profile.ips, |ip| {
                anchor(links::ip(*ip), ip.to_string())
            })
        })}
        {(!about("number")).then(|| {
            list(("Regions", "regions", ["region", "regions"]), &profile.regions, |region| {
                let text = format!("{} ({region})", domain::regions::name(region));
                within("region", region.as_str(), text)
            })
        })}
        {list(("Flows", "flows", ["flow", "flows"]), &profile.flows, |flow| {
            within("flow", flow, crate::names::flow(flow))
        })}
        {list(("Browsers", "browsers", ["browser", "browsers"]), &profile.browsers, |browser| {
            within("browser", browser, browser.clone())
        })}
        {devices(profile)}
        {list(("Channels", "channels", ["channel", "channels"]), &profile.channels, |channel| {
            within("channel", channel.as_str(), channel_name(*channel).to_owned())
        })}
        {list(("Carriers", "carriers", ["carrier", "carriers"]), &profile.carriers, |carrier| {
            view! { <LongText text=carrier.clone()/> }.into_any()
        })}
    }
    .into_any()
}

fn anchor(href: String, text: String) -> AnyView {
    view! { <a href=href><LongText text/></a> }.into_any()
}

fn list<T>((title, id, nouns): List, tally: &Tally<T>, cell: impl Fn(&T) -> AnyView) -> AnyView {
    let largest = tally.rows.first().map_or(0, |row| row.figures.attempts);
    let rows = tally
        .rows
        .iter()
        .map(|row| {
            let figures = &row.figures;
            let count = thousands(figures.attempts);
            view! {
                <tr>
                    <th scope="row" class="word">{cell(&row.what)}</th>
                    <td><Bar text=count count=figures.attempts largest/></td>
                    <td class="right figure">{thousands(figures.verified)}</td>
                    <td class="right figure">{thousands(figures.failed)}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    if rows.is_empty() {
        return ().into_any();
    }
    let more = tally.all.saturating_sub(rows.len());
    let more = (more > 0).then(|| {
        let words = format!("and {} more", counted(more as u64, nouns[0], nouns[1]));
        view! { <p class="panel-note">{words}</p> }
    });
    let caption = format!("{title}, most attempts first");
    let head = capital(nouns[0]);
    view! {
        <Panel by=id title>
            <table class="rows seen">
                <caption class="hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{head}</th>
                        <th scope="col" data-column="attempts">"Attempts"</th>
                        <th scope="col" class="right" data-column="verified">"Verified"</th>
                        <th scope="col" class="right" data-column="failed">"Failed"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        </Panel>
    }
    .into_any()
}

/// Only events have devices, so they are known for the newest attempts only.
fn devices(profile: &Profile) -> AnyView {
    if profile.devices.is_empty() {
        return ().into_any();
    }
    let items = profile
        .devices
        .iter()
        .map(|(device, count)| {
            let count = counted(*count, "attempt", "attempts");
            view! { <li><code><LongText text=device.clone()/></code><span>{count}</span></li> }
        })
        .collect::<Vec<_>>();
    let part = profile.more_than_looked_at.then(|| {
        let words = format!("Of the newest {} attempts.", engine::profiles::CLOSER);
        view! { <p class="panel-note">{words}</p> }
    });
    view! {
        <Panel by="devices" title="Devices">
            <ul class="plain-list spaced profile-pairs">{items}</ul>
            {part}
        </Panel>
    }
    .into_any()
}
