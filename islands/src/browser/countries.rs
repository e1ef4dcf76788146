//! Countries: filters rows while typing, and shows unsaved changes in the bar.

use super::dom::{all, around, document, find, is_plain, on, show};
use crate::countries::{UnsavedChanges, effect, fold, lines};
use domain::Region;
use domain::countries::{ChannelCountries, Mode, Verdict};
use js_sys::Reflect;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlAnchorElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, MouseEvent,
};

pub(crate) fn listen() {
    on("input", |event: Event| {
        if let Some(within) = around(&event, "[data-filtered]") {
            if around(&event, "input[type=search], select[name=continent]").is_some() {
                filter(&within);
            }
            if within.has_attribute("data-countries") {
                update_bar(&within);
            }
        }
    });
    on("keydown", |event: KeyboardEvent| {
        // The rows are filtered already.
        let searching = around(&event, "[data-filtered] input[type=search]").is_some();
        if searching && event.key() == "Enter" {
            event.prevent_default();
        }
    });
    on("click", |event: MouseEvent| clicked(&event));
}

/// Shows the matching rows; ticks in hidden rows stay.
fn filter(within: &Element) {
    let value = |selector: &str| {
        let field = within.query_selector(selector).ok().flatten();
        let value = field.and_then(|field| Reflect::get(&field, &"value".into()).ok());
        value.and_then(|value| value.as_string()).unwrap_or_default()
    };
    let (q, continent) = (fold(&value("input[type=search]")), value("select[name=continent]"));
    let mut shown = 0_u64;
    for row in all(within, "[data-find]") {
        let there = row.get_attribute("data-find").is_some_and(|text| text.contains(&q));
        let here = continent.is_empty()
            || row.get_attribute("data-continent").is_none_or(|own| own == continent);
        show(&row, there && here);
        shown += u64::from(there && here);
    }
    if let Ok(Some(none)) = within.query_selector("[data-none]") {
        show(&none, shown == 0);
    }
    if let Ok(Some(count)) = within.query_selector("[data-shown]") {
        let all = count.get_attribute("data-all").unwrap_or_default();
        count.set_text_content(Some(&format!("{shown} of {all} regions")));
    }
}

/// A checkbox or a mode, in the form and as saved.
struct Tick {
    word: String,
    name: String,
    now: bool,
    held: bool,
    attempts: u64,
    verified: u64,
}

fn ticks(form: &Element, selector: &str) -> Vec<Tick> {
    let tick = |input: Element| {
        let input: HtmlInputElement = input.dyn_into().ok()?;
        let row = input.closest("tr").ok()?;
        let count = |name: &str| {
            let text = row.as_ref().and_then(|row| row.get_attribute(name));
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let label = row.as_ref().and_then(|row| row.query_selector("label").ok().flatten());
        Some(Tick {
            word: if row.is_some() { input.name() } else { input.value() },
            name: label.and_then(|label| label.text_content()).unwrap_or_default(),
            now: input.checked(),
            held: input.has_attribute("data-held"),
            attempts: count("data-attempts"),
            verified: count("data-verified"),
        })
    };
    all(form, selector).into_iter().filter_map(tick).collect()
}

/// Shows in the bar what saving the form would change.
fn update_bar(form: &Element) {
    let changed = is_changed(form);
    let Ok(Some(bar)) = form.query_selector("[data-bar]") else { return };
    let _ = bar.toggle_attribute_with_force("data-changed", changed);
    // The draft no longer matches the ticks.
    if let Some(draft) = find("#draft") {
        show(&draft, !changed);
    }
    let regions = ticks(form, "input[type=checkbox]");
    let modes = ticks(form, "input[name=mode]");
    let mode = |of: fn(&Tick) -> bool| {
        let found = modes.iter().find(|tick| of(tick));
        found.and_then(|tick| tick.word.parse::<Mode>().ok()).unwrap_or(Mode::All)
    };
    let (before, after) = (mode(|tick| tick.held), mode(|tick| tick.now));
    let names = |of: fn(&&Tick) -> bool| {
        regions.iter().filter(of).map(|tick| tick.name.clone()).collect::<Vec<_>>()
    };
    let change = UnsavedChanges {
        mode: (before != after).then_some((before, after)),
        added: names(|tick| tick.now && !tick.held),
        removed: names(|tick| tick.held && !tick.now),
    };
    let told = lines(&change);
    if let Ok(Some(list)) = bar.query_selector("[data-lines]") {
        list.set_text_content(None);
        for line in
            if told.is_empty() { vec!["No changes to this channel.".to_owned()] } else { told }
        {
            if let Some(item) = document().and_then(|document| document.create_element("li").ok()) {
                item.set_text_content(Some(&line));
                let _ = list.append_child(&item);
            }
        }
    }
    let (attempts, verified) = newly(&regions, before, after);
    if let Ok(Some(said)) = bar.query_selector("[data-effect]") {
        said.set_text_content(Some(&effect(attempts, verified)));
    }
}

/// Attempts of the last 30 days that the form would refuse and the saved settings do not, and how
/// many of them verified.
fn newly(regions: &[Tick], before: Mode, after: Mode) -> (u64, u64) {
    let region = |tick: &Tick| tick.word.strip_prefix("r-").and_then(|code| code.parse().ok());
    let named = |of: fn(&Tick) -> bool| -> BTreeSet<Region> {
        regions.iter().filter(|tick| of(tick)).filter_map(region).collect()
    };
    let was = ChannelCountries { mode: before, regions: named(|tick| tick.held) };
    let is = ChannelCountries { mode: after, regions: named(|tick| tick.now) };
    let refused = |tick: &&Tick| {
        region(tick).is_some_and(|region| {
            is.judge(region) == Verdict::Refused && was.judge(region) != Verdict::Refused
        })
    };
    let refused = regions.iter().filter(refused);
    refused.fold((0, 0), |(n, good), tick| (n + tick.attempts, good + tick.verified))
}

/// Whether a tick differs from the page as it was loaded.
fn is_changed(form: &Element) -> bool {
    all(form, "input[type=checkbox], input[name=mode]")
        .into_iter()
        .filter_map(|input| input.dyn_into::<HtmlInputElement>().ok())
        .any(|input| input.checked() != input.default_checked())
}

/// A link to another view of the page takes unsaved ticks along.
fn clicked(event: &MouseEvent) {
    let (Some(form), Some(link)) =
        (find("form[data-countries]"), around(event, "main a[href^='/countries?']"))
    else {
        return;
    };
    if !is_plain(event) || link.has_attribute("data-leaves") || !is_changed(&form) {
        return;
    }
    let Ok(link) = link.dyn_into::<HtmlAnchorElement>() else { return };
    event.prevent_default();
    let _ = go(form.unchecked_ref(), &format!("{}{}", link.pathname(), link.search()));
}

/// Submits the form as if by a button that leads there.
fn go(form: &HtmlFormElement, path: &str) -> Option<()> {
    let document = document()?;
    let mut fields = Vec::new();
    for (name, value) in [("go", path), ("do", "go")] {
        let field: HtmlInputElement = document.create_element("input").ok()?.dyn_into().ok()?;
        field.set_type("hidden");
        field.set_name(name);
        field.set_value(value);
        form.append_child(&field).ok()?;
        fields.push(field);
    }
    // Without a button, so that no other `do` is sent.
    let sent = form.submit().ok();
    // So that the form is unchanged after going back.
    fields.iter().for_each(|field| field.remove());
    sent
}
