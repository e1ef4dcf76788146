//! The regions of a channel, to be ticked or looked at.

use super::many::many;
use super::page::Desk;
use super::preview;
use super::rows::rows;
use super::table::table;
use crate::ui::{Button, ButtonKind, Hidden, Icon, Notice, NoticeKind, When};
use crate::workbook::channel_name;
use domain::countries::{ChannelCountries, Mode, Settings};
use domain::numbers::Plans;
use domain::reach_warnings::{Naming, of_countries};
use domain::regions::{self, Continent};
use islands::text::{counted, thousands};
use leptos::prelude::*;

pub(super) fn panel(desk: &Desk) -> AnyView {
    let ticked = desk.shown();
    let held = desk.current.settings.of(desk.view.channel).cloned().unwrap_or_default();
    let rows = rows(&desk.view, &ticked, &held, &desk.month);
    let shown = rows.iter().filter(|row| row.shown).count();
    let body = view! {
        <h2 id="regions-title">"Regions for "{channel_name(desk.view.channel)}</h2>
        {modes(desk, &ticked, &held)}
        {figures_line(desk)}
        {reach(desk)}
        {desk.guards.then(|| view! {
            <p class="panel-note every-note">
                "While every region is served, the ticks below are kept and change nothing, but for \
                numbers of no country (001)."
            </p>
        })}
        {tools(desk, shown)}
        {table(desk, rows)}
    };
    let panel = if desk.guards {
        let hidden = vec![
            ("channel".to_owned(), desk.view.channel.as_str().to_owned()),
            ("base".to_owned(), desk.current.version.to_string()),
            ("draft".to_owned(), desk.view.draft.clone()),
            ("sort".to_owned(), desk.view.sort.as_str().to_owned()),
            ("order".to_owned(), if desk.view.rising { "up" } else { "down" }.to_owned()),
        ];
        view! {
            <form class="countries-form" method="post" action="/_fn/countries-change" data-countries="" data-filtered="">
                <section class="panel" aria-labelledby="regions-title">
                    // Enter in a field does what the form's first button says.
                    <button class="hidden" name="do" value="filter" tabindex="-1">"Show"</button>
                    <Hidden values=hidden/>
                    {body}
                </section>
                {bar(desk)}
            </form>
        }
        .into_any()
    } else {
        view! { <section class="panel" aria-labelledby="regions-title" data-filtered="">{body}</section> }
            .into_any()
    };
    view! { <div class="panels">{preview::panel(desk)}{panel}</div> }.into_any()
}

/// How the list is meant; words for those who look.
fn modes(desk: &Desk, ticked: &ChannelCountries, held: &ChannelCountries) -> AnyView {
    if !desk.guards {
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

/// Of when the figures are, or that they are still growing.
fn figures_line(desk: &Desk) -> AnyView {
    let month = &desk.month;
    if month.loading {
        let words = if month.rows.is_empty() {
            "The figures of the last 30 days are being read from the store. Reload in a moment."
        } else {
            "The figures of the last 30 days are still growing: the store is being read, the \
             newest days first."
        };
        return view! { <div class="panel-notice"><Notice>{words}</Notice></div> }.into_any();
    }
    if !month.rows.iter().any(|row| row.channel == desk.view.channel) {
        let name = channel_name(desk.view.channel);
        return view! {
            <p class="panel-note">
                "In the last 30 days no attempt by "{name}" had a number with a region, so there are \
                no figures yet. "<a href="/settings#import">"Import a log"</a>
            </p>
        }
        .into_any();
    }
    let (as_of, now) = (month.as_of, desk.now);
    view! {
        <p class="panel-note">
            "Figures are of attempts that began in the last 30 days, as known "<When time=as_of now/>"."
        </p>
    }
    .into_any()
}

/// The regions named that reach no mobiles of their own.
pub(super) fn reach(desk: &Desk) -> Option<impl IntoView + use<>> {
    // Each channel's tab says its own.
    let mut own = Settings::default();
    if let Some(own) = own.of_mut(desk.view.channel) {
        *own = desk.shown();
    }
    let said = of_countries(&Plans::current(), &own, Naming::Names);
    let items: Vec<_> = said.into_iter().map(|said| view! { <li>{said}</li> }).collect();
    (!items.is_empty()).then(|| {
        view! {
            <div class="panel-notice">
                <Notice kind=NoticeKind::Warning><ul class="plain-list reach">{items}</ul></Notice>
            </div>
        }
    })
}

/// Search, continent, and many at once.
fn tools(desk: &Desk, shown: usize) -> AnyView {
    let continents = Continent::ALL
        .iter()
        .copied()
        .filter(|continent| regions::all().iter().any(|info| info.continent == *continent));
    let options: Vec<_> = continents
        .map(|continent| {
            let chosen = desk.view.continent == Some(continent);
            view! { <option value=continent.as_str() selected=chosen>{continent.label()}</option> }
        })
        .collect();
    let all = regions::all().len();
    let fields = view! {
        <div class="search">
            <Icon name="search"/>
            <input
                type="search" id="countries-q" name="q" value=desk.view.q.clone() maxlength="200"
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
    if desk.guards {
        return view! { <div class="region-tools">{fields}{many(desk)}</div> }.into_any();
    }
    let mut hidden = desk.view.pairs();
    hidden.retain(|(name, _)| !matches!(name.as_str(), "q" | "continent" | "draft"));
    view! {
        <form class="region-tools" method="get" action=super::PATH role="search" aria-label="Regions">
            <Hidden values=hidden/>
            {fields}
        </form>
    }
    .into_any()
}

/// The end of the form. With a script it appears when something is ticked, says what changes, and
/// saves; without one it leads to the page that says so.
fn bar(desk: &Desk) -> impl IntoView + use<> {
    let others: Vec<_> = desk
        .draft
        .iter()
        .flat_map(|draft| draft.channels())
        .filter(|channel| *channel != desk.view.channel)
        .map(channel_name)
        .collect();
    let others = (!others.is_empty()).then(|| {
        view! { <p class="field-help">"With it go the unsaved changes of "{others.join(", ")}"."</p> }
    });
    let undo = desk.view.href();
    view! {
        <div class="save-bar" data-bar="">
            <div class="save-words" role="status">
                <ul class="plain-list" data-lines=""></ul>
                <p data-effect=""></p>
                {others}
            </div>
            <div class="form-end">
                <span class="with-script"><Button name="do" value="save">"Save"</Button></span>
                <Button kind=ButtonKind::Quiet name="do" value="look">"Look at the change"</Button>
                <a class="button with-script" href=undo data-leaves="">"Undo"</a>
            </div>
        </div>
    }
}
