//! The tile with the world map of failures or conversion.

use super::super::view::Asked;
use crate::charts::{Map, SaveButtons};
use crate::page::Lost;
use crate::ui::{Empty, Notice, NoticeKind};
use domain::Region;
use domain::conversion::{By, enough, percent};
use domain::standouts::RegionCount;
use islands::text::thousands;
use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Failures,
    Rate,
}

impl Shown {
    fn title(self) -> &'static str {
        match self {
            Self::Failures => "Failed attempts by region",
            Self::Rate => "Conversion by region",
        }
    }
}

pub(super) fn tile(asked: &Asked, counts: Result<Vec<RegionCount>, Lost>) -> AnyView {
    let (shown, wrong) = match asked.view.word("map", "failures") {
        "failures" => (Shown::Failures, false),
        "rate" => (Shown::Rate, false),
        _ => (Shown::Failures, true),
    };
    let wrong = wrong.then(|| {
        view! {
            <Notice kind=NoticeKind::Warning>
                "The map must be failures or rate; failures are shown."
            </Notice>
        }
    });
    let read = counts.map(|counts| {
        let enough = enough(By::Region, counts.iter().map(|one| one.sent).sum());
        (valued(shown, enough, &counts), enough)
    });
    let some = read.as_ref().is_ok_and(|(regions, _)| !regions.is_empty());
    let save = some.then(|| view! { <SaveButtons word="map" title=shown.title()/> });
    let body = match read {
        Err(lost) => lost.view("The map could not be read.", asked.view.href()),
        Ok((regions, enough)) => body(asked, shown, regions, enough),
    };
    let choice = |of: Shown, label: &'static str| {
        let word = if of == Shown::Failures { "" } else { "rate" };
        let href = format!("{}#map", asked.view.with_word("map", word).href());
        view! { <a href=href data-keep="" aria-current=(of == shown).then_some("true")>{label}</a> }
    };
    view! {
        <section class="tile conversion-map" id="map" aria-labelledby="map-title">
            <header class="tile-head">
                <h2 id="map-title">{shown.title()}</h2>
                <div class="tile-actions">
                    {save}
                    <span class="switch words" role="group" aria-label="Coloured by">
                        {choice(Shown::Failures, "Failures")}{choice(Shown::Rate, "Rate")}
                    </span>
                </div>
            </header>
            <div class="tile-body">{wrong}{body}</div>
        </section>
    }
    .into_any()
}

/// Regions that have a value, with the value and its text.
fn valued(shown: Shown, enough: u64, counts: &[RegionCount]) -> Vec<(Region, f64, String)> {
    let value = |one: &RegionCount| -> Option<(Region, f64, String)> {
        let RegionCount { region, sent, verified, failed } = *one;
        match shown {
            Shown::Failures => (failed > 0).then_some((region?, failed as f64, thousands(failed))),
            // The lower the rate, the stronger the colour. A rate of few sends means nothing.
            Shown::Rate => {
                let rate = verified as f64 / sent as f64;
                (sent >= enough).then_some((region?, 1.001 - rate, percent(verified, sent)))
            }
        }
    };
    counts.iter().filter_map(value).collect()
}

fn body(asked: &Asked, shown: Shown, regions: Vec<(Region, f64, String)>, enough: u64) -> AnyView {
    if regions.is_empty() {
        let words = match shown {
            Shown::Failures => "No attempt with a region failed in this range.",
            Shown::Rate => "No region has enough sends in this range for a meaningful rate.",
        };
        return view! { <Empty>{words}</Empty> }.into_any();
    }
    let note = (shown == Shown::Rate).then(|| {
        let words = format!(
            "The stronger the colour, the fewer codes were verified. Regions with fewer than {} \
             sends are left out.",
            thousands(enough)
        );
        view! { <p class="conversion-note">{words}</p> }
    });
    let asked = asked.clone();
    let href = move |region: Region| asked.filtered("region", region.as_str());
    view! { <Map regions what=shown.title() href/>{note} }.into_any()
}
