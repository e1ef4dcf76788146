//! The filter form of the log, and the active filters.

use super::links::{PATH, log};
use crate::names::channel_name;
use crate::ui::{Button, Field, Hidden, Icon, Select, all_or_one};
use domain::signins::{Filter, Selection, View, outcome_words};
use domain::workbook::Sight;
use domain::{Channel, Kind, Reason};
use islands::text::{capital, sentence};
use leptos::prelude::*;

/// The active filters: text, and address without the filter.
pub(super) type Chosen = Vec<(String, String)>;

/// The active filters.
pub(super) fn chosen(asked: &Selection, sight: Sight) -> Chosen {
    let Filter { user, phone, ip, channel, outcome, region, flow, reason, .. } = &asked.filter;
    let words = [
        ("user", "User", user.as_deref().map(|user| sight.text_owned(user))),
        ("number", "Number", phone.map(|phone| sight.number(phone))),
        ("ip", "IP address", ip.map(|ip| ip.to_string())),
        ("outcome", "Outcome", outcome.map(|outcome| outcome_words(outcome).to_owned())),
        ("channel", "Channel", channel.map(|channel| channel_name(channel).to_owned())),
        ("region", "Region", region.map(|region| region.to_string())),
        ("flow", "Flow", flow.as_deref().map(crate::names::flow)),
        ("reason", "Reason", reason.map(|reason| reason.words().to_owned())),
    ];
    let chosen = words.into_iter().filter_map(|(field, label, value)| {
        Some((format!("{label}: {}", value?), log(&asked.settled.with(field, ""))))
    });
    chosen.collect()
}

/// The form, with the active filters below.
#[component]
pub(super) fn Filters(asked: Selection, chosen: Chosen, sight: Sight) -> impl IntoView {
    let view = asked.settled.clone();
    let error = {
        let invalid = asked.invalid.clone();
        move |field: &str| invalid.of(field).map(sentence)
    };
    let rarely = ["channel", "region", "flow", "reason"];
    let open = rarely.iter().any(|field| !view.text(field).is_empty());
    let more = {
        let (view, error) = (view.clone(), error.clone());
        move || view! { <MoreFields view error/> }
    };
    // A valid user is shown as a name even if the address has a handle; an invalid one as typed.
    let user = asked.filter.user.as_deref().map(|user| sight.text_owned(user));
    let user = user.unwrap_or_else(|| view.text("user").to_owned());
    let outcomes = all_or_one("All outcomes", Kind::ALL, |kind| outcome_words(kind).into());
    view! {
        <form class="filters" role="search" aria-label="Filter the log" method="get" action=PATH>
            <Hidden values=carried(&view)/>
            <Field label="User" name="user" kind="search" value=user error=error("user")/>
            <NumberField asked sight error=error("number")/>
            <Field label="IP address" name="ip" kind="search" value=view.text("ip") error=error("ip")/>
            <Select
                label="Outcome" name="outcome" options=outcomes value=view.text("outcome")
                error=error("outcome")
            />
            <details class="more-filters" open=open>
                <summary>"More filters"</summary>
                <div class="filters-more">{more()}</div>
            </details>
            <div class="filters-end"><Button>"Filter"</Button></div>
            {(!chosen.is_empty()).then(|| view! { <ChosenList chosen/> })}
        </form>
    }
}

/// The field for a number. Users who see masked numbers cannot type one, but keep a chosen number.
#[component]
fn NumberField(asked: Selection, sight: Sight, error: Option<String>) -> impl IntoView {
    let handle = asked.settled.text("number").to_owned();
    match (sight, asked.filter.phone) {
        (Sight::Whole, phone) => {
            let value = phone.map_or(handle, |phone| sight.number(phone));
            view! { <Field label="Number" name="number" kind="search" value error/> }.into_any()
        }
        (Sight::Masked, Some(_)) => {
            view! { <Hidden values=vec![("number".to_owned(), handle)]/> }.into_any()
        }
        (Sight::Masked, None) => error
            .map(|error| {
                view! { <p class="field-error" role="alert"><Icon name="alert"/>"Number: "{error}</p> }
            })
            .into_any(),
    }
}

/// The less common filters.
#[component]
fn MoreFields(view: View, error: impl Fn(&str) -> Option<String>) -> impl IntoView {
    let channels = all_or_one("All channels", Channel::ALL, |one| channel_name(one).into());
    let reasons = all_or_one("All reasons", Reason::ALL, |one| capital(one.words()));
    view! {
        <Select
            label="Channel" name="channel" options=channels value=view.text("channel")
            error=error("channel")
        />
        <Field
            label="Region" name="region" value=view.text("region") error=error("region")
            help="Two capital letters, such as DE."
        />
        <Field label="Flow" name="flow" value=view.text("flow") error=error("flow")/>
        <Select
            label="Reason" name="reason" options=reasons value=view.text("reason")
            error=error("reason")
        />
    }
}

/// The active filters; a click removes one.
#[component]
fn ChosenList(chosen: Chosen) -> impl IntoView {
    let items = chosen
        .into_iter()
        .map(|(words, without)| {
            let label = format!("Remove the filter {words}");
            view! {
                <li><a class="chip" href=without aria-label=label>{words}<Icon name="close"/></a></li>
            }
        })
        .collect_view();
    view! {
        <ul class="chips" aria-label="Filters">
            {items}
            <li><a href=PATH>"Clear all"</a></li>
        </ul>
    }
}

/// The parameters of the range, which the form keeps.
fn carried(view: &View) -> Vec<(String, String)> {
    let range = |name: &str| matches!(name, "range" | "from" | "to");
    view.pairs().into_iter().filter(|(name, _)| range(name)).collect()
}
