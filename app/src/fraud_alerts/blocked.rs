//! The tab of blocks: active and ended ones, and the forms to block one or many.

use super::forms::{Instead, Lasts};
use super::listing::{Ending, ListingRow, READ, Steps, cut, first, held};
use super::{given::PageData, paste::Paste, view::Tab};
use crate::ui::{Button, Empty, Field, FormResult, Panel, Select, When, options};
use crate::{form::Outcome, zone::moment};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, REASON_MAX, keys_of, keys_of_ip, value_text};
use domain::neighbours::{OPEN, block_of};
use domain::{handles::Handle, workbook::Sight};
use islands::text::counted;
use leptos::prelude::*;
use store::After;
use store::blocks::{Block, Filter};

pub(super) async fn panel(given: &PageData) -> store::Result<AnyView> {
    let now = given.visit.now;
    let pool = given.visit.engine.db.read();
    let whom = given.view.whom(&given.key);
    let (keys, about) = match &whom {
        None => match given.view.ip() {
            Some(ip) => {
                let (own, mut networks) = keys_of_ip(ip);
                networks.push(own.clone());
                (Some(networks), Some((BlockKind::Ip, own)))
            }
            None => (None, None),
        },
        Some(Handle::User(name)) => {
            let names = store::aliases::names_of(pool, name).await?;
            (Some(names), Some((BlockKind::User, name.clone())))
        }
        Some(Handle::Number(number)) => {
            let (own, mut blocks) = keys_of(*number);
            blocks.push(own.clone());
            (Some(blocks), Some((BlockKind::Number, own)))
        }
    };
    let live = match given.view.text("state") {
        "ended" => Some(false),
        "all" => None,
        // For one user, number or address the whole history.
        "" if about.is_some() => None,
        _ => Some(true),
    };
    let filter = Filter { live, kind: None, keys };
    let mut rows = store::blocks::list(pool, &filter, given.view.place(), READ, now).await?;
    let count = store::blocks::count_live(pool, now).await?;
    let on = cut(&mut rows, |row| given.view.after(After { time: row.since, id: row.id }));
    let tried = given.visit.tried.of("block");
    let about = about.map(|(kind, value)| (value_text(kind, &value, given.visit.sight), value));
    let body = if rows.is_empty() {
        nothing(about.is_some() || live != Some(true)).into_any()
    } else {
        table(rows, given, on).into_any()
    };
    let open = OPEN.into_iter().find(|open| open.to_string() == given.view.text("open"));
    let prefill = match (&whom, open) {
        (Some(Handle::Number(number)), Some(open)) => block_of(*number, open),
        _ => about.clone().map(|(_, value)| value).unwrap_or_default(),
    };
    let holds = counted(count.unsigned_abs(), "active block", "active blocks");
    Ok(view! {
        <div class="panels">
            <FormResult tried=tried.clone() wrong=&["gone"]/>
            {given.visit.guards.then(|| view! {
                <div class="two">
                    <BlockForm tried prefill/>
                    <Paste tried=given.visit.tried.of("block-many")/>
                </div>
            })}
            {find(given, about.map(|(shown, _)| shown))}
            <Panel by="blocks-title" title=holds>{body}</Panel>
        </div>
    }
    .into_any())
}

#[component]
fn BlockForm(tried: Outcome, prefill: String) -> impl IntoView {
    let told = tried.is_told() && tried.done().is_none();
    let value = if told { tried.value("value") } else { prefill };
    let known = BlockKind::ALL.iter().map(|kind| (kind.as_str(), kind.label()));
    let kinds = options(std::iter::once(("", "Detect automatically")).chain(known));
    let kind = if told { tried.value("kind") } else { String::new() };
    let lasts = if told { tried.clone() } else { Outcome::default() };
    view! {
        <Panel id="block" by="block-title" title="Block">
            <form class="form panel-body" method="post" action="/_fn/block">
                <Field
                    label="User, number, block of numbers, IP address or network" name="value" value
                    error=tried.error("value") required=true
                    help="For a block of numbers, write x for each open digit: +1415555xxxx. For \
                          a network, write its prefix length: 203.0.113.0/24."
                />
                <Select label="Kind" name="kind" options=kinds value=kind error=tried.error("kind")/>
                <Lasts tried=lasts root="block".to_owned()/>
                <Field
                    label="Reason" name="reason" id="block-reason"
                    value=if told { tried.value("reason") } else { String::new() }
                    error=tried.error("reason")
                    help=format!("1 to {REASON_MAX} characters; recorded with your name.") required=true
                />
                <Instead root="block"/>
                <div class="form-end"><Button>"Block"</Button></div>
            </form>
        </Panel>
    }
}

/// The filter.
fn find(given: &PageData, about: Option<String>) -> impl IntoView + use<> {
    let now = match given.view.text("state") {
        "" if about.is_none() => "live",
        "" => "all",
        state => state,
    };
    let states = options([("live", "Active"), ("ended", "Ended"), ("all", "All")]);
    let value = about.unwrap_or_default();
    let clear = (!value.is_empty()).then(|| view! { <a href=Tab::Blocked.path()>"Show all"</a> });
    // Only roles that see whole numbers may search for one.
    let (label, help) = match given.visit.sight {
        Sight::Whole => (
            "User, number or IP address",
            "A number also finds the blocks it lies in, an address the networks.",
        ),
        Sight::Masked => ("User or IP address", ""),
    };
    view! {
        <form class="filters short" role="search" aria-label="Find a block" method="get" action=super::PATH>
            <input type="hidden" name="tab" value="blocked"/>
            <Field label name="of" kind="search" value help/>
            <Select label="State" name="state" options=states value=now.to_owned()/>
            <div class="filters-end"><Button>"Find"</Button></div>
            {clear}
        </form>
    }
}

const COLUMNS: [&str; 7] = ["Target", "State", "Until", "Why", "By", "Since", "End"];

fn table(rows: Vec<Block>, given: &PageData, on: Option<String>) -> impl IntoView + use<> {
    let shown = counted(rows.len() as u64, "block", "blocks");
    let lines = rows.into_iter().map(|row| line(row, given.visit.now));
    let table = held(given, "blocks-title", "Blocks, newest first", COLUMNS, lines);
    let first = first(given);
    view! { {table}<Steps of="blocks" shown first next=on/> }
}

fn line(row: Block, now: DateTime<Utc>) -> ListingRow {
    let ended = row.ended(now);
    let state = match (&ended, row.only_channel) {
        (Some(_), _) => view! { <span class="outcome">"Ended"</span> }.into_any(),
        (None, None) => view! { <span class="outcome blocked">"Blocked"</span> }.into_any(),
        (None, Some(channel)) => {
            view! { <span class="outcome warning">{format!("Only {channel}")}</span> }.into_any()
        }
    };
    let until = match row.until {
        Some(until) => view! { <span title=moment(until)><When time=until now/></span> }.into_any(),
        None => "unblocked".into_any(),
    };
    let by = Ending::By { action: "/_fn/unblock", form: "unblock", verb: "Unblock" };
    let end = ended.map_or(by, Ending::Ended);
    let Block { id, kind, value, reason, by, since, .. } = row;
    ListingRow { id, kind, value, state, until, reason, by, since, end }
}

fn nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! { <Empty>"No block matches. "<a href=Tab::Blocked.path()>"Show active blocks"</a> "."</Empty> }
            .into_any()
    } else {
        view! { <Empty>"Nothing is blocked."</Empty> }.into_any()
    }
}
