//! A row of figures about the attempts, and other facts.

use crate::ui::{Notice, NoticeKind, Panel, fact, none};
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::region_figures::Figures;
use islands::text::thousands;
use leptos::prelude::*;

#[component]
pub(super) fn FigureRow(
    figures: Figures,
    /// Time of the oldest attempt counted, if not all are.
    counted_to: Option<DateTime<Utc>>,
) -> impl IntoView {
    let rate = figures.rate().map_or_else(none, |rate| percent(rate).into_any());
    let each = money(&figures.per_verified());
    let cost = money(&figures.cost);
    let part = counted_to.map(|to| {
        let words = format!(
            "The newest {} attempts are counted, back to {}. Choose a shorter range for older ones.",
            thousands(engine::profiles::COUNTED as u64),
            moment(to),
        );
        view! { <Notice kind=NoticeKind::Info>{words}</Notice> }
    });
    view! {
        <section class="panel" aria-labelledby="figures-title">
            <h2 class="hidden" id="figures-title">"Figures"</h2>
            <dl class="profile-figures">
                {fact("Attempts", thousands(figures.attempts))}
                {fact("Sent", thousands(figures.sent))}
                {fact("Verified", thousands(figures.verified))}
                {fact("Rate", rate)}
                {fact("Failed", thousands(figures.failed))}
                {fact("Refused", thousands(figures.refused))}
                {fact("Cost", cost)}
                {fact("Cost per verified", each)}
            </dl>
        </section>
        {part}
    }
}

/// A rate as `67 %`.
fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}

/// One line for each currency.
fn money(amounts: &[(String, impl ToString)]) -> AnyView {
    if amounts.is_empty() {
        return none();
    }
    let line = |(currency, amount): &(String, _)| {
        let amount = ToString::to_string(amount);
        view! { <span class="money">{amount}" "<small>{currency.clone()}</small></span> }
    };
    amounts.iter().map(line).collect::<Vec<_>>().into_any()
}

/// A panel of labels and values.
#[component]
pub(super) fn FactList(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let items: Vec<_> = facts.into_iter().map(|(label, value)| fact(label, value)).collect();
    (!items.is_empty()).then(|| {
        view! { <Panel by="facts-title" title="Facts"><dl class="facts">{items}</dl></Panel> }
    })
}
