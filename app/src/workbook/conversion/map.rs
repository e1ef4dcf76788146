//! The world by failures or by conversion.

use super::super::load::{Lost, lost};
use super::super::view::Asked;
use crate::charts::Map;
use crate::ui::text::thousands;
use crate::ui::{Empty, Failed, Notice, NoticeKind};
use domain::Region;
use domain::conversion::{By, Part, Rows, percent};
use engine::Engine;
use leptos::prelude::*;

/// What the map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Failures,
    Rate,
}

impl Shown {
    fn word(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Rate => "rate",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Failures => "Failed attempts by region",
            Self::Rate => "Conversion by region",
        }
    }
}

/// The map with what was read for it.
pub(super) async fn view(engine: &Engine, asked: &Asked) -> AnyView {
    let rows = engine.conversion.keys(By::Region, &asked.query, &Part::all()).await;
    tile(asked, rows.map_err(|error| lost("map", &error)))
}

pub(super) fn tile(asked: &Asked, rows: Result<Rows, Lost>) -> AnyView {
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
    let body = match rows {
        Err(Lost(reference)) => {
            let retry = asked.view.href();
            view! { <Failed what="The map could not be read." reference retry/> }.into_any()
        }
        Ok(rows) => body(asked, shown, &rows),
    };
    let choice = |of: Shown, label: &'static str| {
        let word = if of == Shown::Failures { "" } else { of.word() };
        let href = format!("{}#map", asked.view.with_word("map", word).href());
        view! {
            <a href=href data-keep="" aria-current=(of == shown).then_some("true")>{label}</a>
        }
    };
    view! {
        <section class="tile conversion-map" id="map" aria-labelledby="map-title">
            <header class="tile-head">
                <h2 id="map-title">{shown.title()}</h2>
                <div class="tile-actions">
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

fn body(asked: &Asked, shown: Shown, rows: &Rows) -> AnyView {
    let value = |row: &domain::conversion::PageRow| -> Option<(Region, f64, String)> {
        let region = row.key.parse().ok()?;
        let line = &row.line;
        match shown {
            Shown::Failures => {
                (line.failed > 0).then(|| (region, line.failed as f64, thousands(line.failed)))
            }
            // The stronger the fewer come back; a rate of few sends says nothing.
            Shown::Rate => {
                let rate = line.rate().filter(|_| row.enough)?;
                Some((region, 1.001 - rate, percent(line.verified, line.sent)))
            }
        }
    };
    let regions: Vec<_> = rows.rows.iter().filter_map(value).collect();
    if regions.is_empty() {
        let words = match shown {
            Shown::Failures => "No attempt with a region failed in this range.",
            Shown::Rate => {
                "No region has enough sends in this range for its rate to say something."
            }
        };
        return view! { <Empty>{words}</Empty> }.into_any();
    }
    let note = (shown == Shown::Rate).then(|| {
        let words = format!(
            "The stronger the colour, the fewer codes came back. Regions with fewer than {} sends are left out.",
            thousands(rows.enough)
        );
        view! { <p class="conversion-note">{words}</p> }
    });
    let asked = asked.clone();
    let href = move |region: Region| asked.filtered("region", region.as_str());
    view! { <Map regions what=shown.title() href/>{note} }.into_any()
}
