//! Changes many regions at once: by continent, by preset, from another channel.

use super::given::PageData;
use crate::names::channel_name;
use crate::ui::{Button, ButtonKind};
use domain::countries::{CHANNELS, DEFAULT_OFF, default_off_regions};
use domain::regions::{self, Continent};
use leptos::prelude::*;

/// The buttons; each submits the surrounding form with its ticks.
pub(super) fn many(given: &PageData) -> impl IntoView + use<> {
    let continents: Vec<_> = Continent::ALL.iter().copied().filter_map(continent).collect();
    let others = CHANNELS.into_iter().filter(|channel| *channel != given.view.channel);
    let others: Vec<_> = others
        .map(|channel| view! { <option value=channel.as_str()>{channel_name(channel)}</option> })
        .collect();
    let verified = given.visit.engine.regions.verified();
    let where_verified = if verified.loading {
        "Still loading.".to_owned()
    } else {
        islands::text::counted(verified.rows.len() as u64, "region", "regions") + " now."
    };
    let off = default_off_regions().len();
    view! {
        <details class="act many">
            <summary>"Change many at once"</summary>
            <div class="many-body">
                <section aria-labelledby="many-continents">
                    <h3 id="many-continents">"By continent"</h3>
                    <ul class="continents">{continents}</ul>
                </section>
                <section aria-labelledby="many-presets">
                    <h3 id="many-presets">"Replace the list"</h3>
                    <div class="preset">
                        <Button kind=ButtonKind::Quiet name="do" value="preset-default-off">
                            "All but Microsoft\u{2019}s default-off codes"
                        </Button>
                        <p class="field-help">
                            "Since January 2025 Microsoft turns "{DEFAULT_OFF.len()}
                            " calling codes off in External ID until somebody turns them on, as \
                             its own estimate of where fraud comes from. They are the codes of \
                             "{off}" regions."
                        </p>
                    </div>
                    <div class="preset">
                        <Button kind=ButtonKind::Quiet name="do" value="preset-verified">
                            "Where my users verified in the last 90 days"
                        </Button>
                        <p class="field-help">
                            "Every region where at least one attempt verified, by any channel. "
                            {where_verified}
                        </p>
                    </div>
                    <div class="preset copy-from">
                        <label for="many-from">"Mode and list of"</label>
                        <select id="many-from" name="from" autocomplete="off">{others}</select>
                        <Button kind=ButtonKind::Quiet name="do" value="copy">"Copy"</Button>
                    </div>
                </section>
                <p class="field-help many-note">
                    "You see a preview before anything is saved. Numbers of no country (001) stay \
                     as they are. Where every region is served, removing regions or using a \
                     preset changes the mode to a list."
                </p>
            </div>
        </details>
    }
}

fn continent(continent: Continent) -> Option<impl IntoView> {
    let there = regions::all().iter().any(|info| info.continent == continent);
    if !there || continent == Continent::World {
        return None;
    }
    let (word, label) = (continent.as_str(), continent.label());
    Some(view! {
        <li>
            <span>{label}</span>
            {button(format!("allow-{word}"), "Allow all", label)}
            {button(format!("refuse-{word}"), "Refuse all", label)}
        </li>
    })
}

fn button(word: String, shown: &'static str, label: &'static str) -> impl IntoView {
    let name = format!("{shown} of {label}");
    view! { <button class="button" name="do" value=word aria-label=name>{shown}</button> }
}
