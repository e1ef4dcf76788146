//! The tile with the world map of failures or conversion.

use super::super::view::ResolvedView;
use crate::charts::{Map, SaveButtons};
use crate::page::LoadError;
use crate::ui::{Empty, Notice, NoticeKind};
use domain::Region;
use domain::conversion::{By, min_sends, percent};
use domain::standouts::RegionCount;
use islands::text::thousands;
use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MapMeasure {
    Failures,
    Rate,
}

impl MapMeasure {
    fn title(self) -> &'static str {
        match self {
            Self::Failures => "Failed attempts by region",
            Self::Rate => "Conversion by region",
        }
    }
}

pub(super) fn tile(asked: &ResolvedView, counts: Result<Vec<RegionCount>, LoadError>) -> AnyView {
    let (shown, wrong) = match asked.view.word("map", "failures") {
        "failures" => (MapMeasure::Failures, false),
        "rate" => (MapMeasure::Rate, false),
        _ => (MapMeasure::Failures, true),
    };
    let wrong = wrong.then(|| {
        view! {
            <Notice kind=NoticeKind::Warning>
                "The map must be failures or rate; failures are shown."
            </Notice>
        }
    });
    let read = counts.map(|counts| {
        let enough = min_sends(By::Region, counts.iter().map(|one| one.sent).sum());
        (valued(shown, enough, &counts), enough)
    });
    let some = read.as_ref().is_ok_and(|(regions, _)| !regions.is_empty());
    let save = some.then(|| view! { <SaveButtons word="map" title=shown.title()/> });
    let body = match read {
        Err(lost) => lost.view("The map could not be read.", asked.view.href()),
        Ok((regions, enough)) => body(asked, shown, regions, enough),
    };
    let choice = |of: MapMeasure, label: &'static str| {
        let word = if of == MapMeasure::Failures { "" } else { "rate" };
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
                        {choice(MapMeasure::Failures, "Failures")}{choice(MapMeasure::Rate, "Rate")}
                    </span>
                </div>
            </header>
            <div class="tile-body">{wrong}{body}</div>
        </section>
    }
    .into_any()
}

/// Regions that have a value, with the value and its text.
fn valued(shown: MapMeasure, enough: u64, counts: &[RegionCount]) -> Vec<(Region, f64, String)> {
    let value = |one: &RegionCount| -> Option<(Region, f64, String)> {
        let RegionCount { region, sent, verified, failed } = *one;
        match shown {
            MapMeasure::Failures => {
                (failed > 0).then_some((region?, failed as f64, thousands(failed)))
            }
            // The lower the rate, the stronger the colour. A rate of few sends means nothing.
            MapMeasure::Rate => {
                let rate = verified as f64 / sent as f64;
                (sent >= enough).then_some((region?, 1.001 - rate, percent(verified, sent)))
            }
        }
    };
    counts.iter().filter_map(value).collect()
}

fn body(
    asked: &ResolvedView,
    shown: MapMeasure,
    regions: Vec<(Region, f64, String)>,
    enough: u64,
) -> AnyView {
    if regions.is_empty() {
        let words = match shown {
            MapMeasure::Failures => "No attempt with a region failed in this range.",
            MapMeasure::Rate => "No region has enough sends in this range for a meaningful rate.",
        };
        return view! { <Empty>{words}</Empty> }.into_any();
    }
    let note = (shown == MapMeasure::Rate).then(|| {
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
