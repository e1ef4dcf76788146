//! The tab of a channel: its regions, as a form or read-only.

use super::preview::{self, reach};
use super::{given::PageData, many::many, rows::rows, table::table};
use crate::names::channel_name;
use crate::ui::{Button, ButtonKind, Hidden, Icon, Notice, When};
use domain::countries::{ChannelCountries, Mode};
use domain::regions::{self, Continent};
use islands::text::{counted, thousands};
use leptos::prelude::*;

pub(super) fn panel(given: &PageData) -> AnyView {
    let ticked = given.channel_countries();
    let held = given.current.settings.of(given.view.channel).cloned().unwrap_or_default();
    let rows = rows(&given.view, &ticked, &held, &given.month);
    let shown = rows.iter().filter(|row| row.shown).count();
    let body = view! {
        <h2 id="regions-title">"Regions for "{channel_name(given.view.channel)}</h2>
        {modes(given, &ticked, &held)}
        {figures_line(given)}
        {reach(given)}
        {given.visit.guards.then(|| view! {
            <p class="panel-note every-note">
                "While every region is served, the selection below is kept but has no effect, \
                 except for numbers of no country (001)."
            </p>
        })}
        {tools(given, shown)}
        {table(given, rows)}
    };
    let panel = if given.visit.guards {
        let hidden = vec![
            ("channel".to_owned(), given.view.channel.as_str().to_owned()),
            ("base".to_owned(), given.current.version.to_string()),
            ("draft".to_owned(), given.view.draft.clone()),
            ("sort".to_owned(), given.view.sort.as_str().to_owned()),
            ("order".to_owned(), if given.view.rising { "up" } else { "down" }.to_owned()),
        ];
        view! {
            <form class="countries-form" method="post" action="/_fn/countries-change" data-countries="" data-filtered="">
                <section class="panel" aria-labelledby="regions-title">
                    // Enter in a field presses the form's first button.
                    <button class="hidden" name="do" value="filter" tabindex="-1">"Show"</button>
                    <Hidden values=hidden/>
                    {body}
                </section>
                {bar(given)}
            </form>
        }
        .into_any()
    } else {
        view! { <section class="panel" aria-labelledby="regions-title" data-filtered="">{body}</section> }
            .into_any()
    };
    view! { <div class="panels">{preview::panel(given)}{panel}</div> }.into_any()
}

/// The mode of the list, as a form or as words.
fn modes(given: &PageData, ticked: &ChannelCountries, held: &ChannelCountries) -> AnyView {
    if !given.visit.guards {
        return view! {
            <p class="panel-note"><b>{ticked.mode.label()}"."</b>" "{ticked.mode.help()}</p>
        }
        .into_any();
    }
    let modes: Vec<_> = Mode::ALL
        .iter()
        .map(|mode| {
            let (id, help) = (format!("mode-{mode}"), format!("mode-{mode}-help"));
            view! {
                <div class="check">
                    <input
                        type="radio" id=id.clone() name="mode" value=mode.as_str() autocomplete="off"
                        checked=*mode == ticked.mode data-held=(*mode == held.mode).then_some("")
                        aria-describedby=help.clone()
                    />
                    <label for=id>{mode.label()}</label>
                    <p class="field-help" id=help>{mode.help()}</p>
                </div>
            }
        })
        .collect();
    view! { <fieldset class="checks modes"><legend>"Mode"</legend>{modes}</fieldset> }.into_any()
}

/// Age of the figures, or that they are still loading.
fn figures_line(given: &PageData) -> AnyView {
    let month = &given.month;
    if month.loading {
        let words = if month.rows.is_empty() {
            "The figures of the last 30 days are loading. Reload in a moment."
        } else {
            "The figures of the last 30 days are still loading, newest days first, and will grow."
        };
        return view! { <div class="panel-notice"><Notice>{words}</Notice></div> }.into_any();
    }
    if !month.rows.iter().any(|row| row.channel == given.view.channel) {
        let name = channel_name(given.view.channel);
        return view! {
            <p class="panel-note">
                "In the last 30 days no attempt by "{name}" had a number with a region, so there are \
                no figures yet. "<a href="/settings#import">"Import a log"</a>
            </p>
        }
        .into_any();
    }
    let (as_of, now) = (month.as_of, given.visit.now);
    view! {
        <p class="panel-note">
            "Figures cover attempts that began in the last 30 days, as of "<When time=as_of now/>"."
        </p>
    }
    .into_any()
}

fn tools(given: &PageData, shown: usize) -> AnyView {
    let continents = Continent::ALL
        .iter()
        .copied()
        .filter(|continent| regions::all().iter().any(|info| info.continent == *continent));
    let options: Vec<_> = continents
        .map(|continent| {
            let chosen = given.view.continent == Some(continent);
            view! { <option value=continent.as_str() selected=chosen>{continent.label()}</option> }
        })
        .collect();
    let all = regions::all().len();
    let fields = view! {
        <div class="search">
            <Icon name="search"/>
            <input
                type="search" id="countries-q" name="q" value=given.view.q.clone() maxlength="200"
                placeholder="Region, code or +44" aria-label="Find a region" autocomplete="off" spellcheck="false"
            />
        </div>
        <select name="continent" aria-label="Continent" autocomplete="off">
            <option value="">"Every continent"</option>
            {options}
        </select>
        <div class="without-script">
            <Button kind=ButtonKind::Quiet name="do" value="filter">"Show"</Button>
        </div>
        <p class="region-count" role="status" data-shown="" data-all=all.to_string()>
            {thousands(shown as u64)}" of "{counted(all as u64, "region", "regions")}
        </p>
    };
    if given.visit.guards {
        return view! { <div class="region-tools">{fields}{many(given)}</div> }.into_any();
    }
    let mut hidden = given.view.pairs();
    hidden.retain(|(name, _)| !matches!(name.as_str(), "q" | "continent" | "draft"));
    view! {
        <form class="region-tools" method="get" action=super::view::PATH role="search" aria-label="Regions">
            <Hidden values=hidden/>
            {fields}
        </form>
    }
    .into_any()
}

/// The end of the form. With JavaScript it appears when something changes, lists the changes and
/// saves; without, it leads to the preview.
fn bar(given: &PageData) -> impl IntoView + use<> {
    let others: Vec<_> = given
        .draft
        .iter()
        .flat_map(|draft| draft.channels())
        .filter(|channel| *channel != given.view.channel)
        .map(channel_name)
        .collect();
    let others = (!others.is_empty()).then(|| {
        view! { <p class="field-help">"This also saves the changes of "{others.join(", ")}"."</p> }
    });
    let undo = given.view.href();
    view! {
        <div class="save-bar" data-bar="">
            <div class="save-words" role="status">
                <ul class="plain-list" data-lines=""></ul>
                <p data-effect=""></p>
                {others}
            </div>
            <div class="form-end">
                <span class="with-script"><Button name="do" value="save">"Save"</Button></span>
                <Button kind=ButtonKind::Quiet name="do" value="look">"Preview"</Button>
                <a class="button with-script" href=undo data-leaves="">"Undo"</a>
            </div>
        </div>
    }
}
