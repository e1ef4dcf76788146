//! What became of the attempts, in a row of figures; and what is known besides.

use crate::ui::{Notice, NoticeKind, Panel};
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::region_figures::Figures;
use islands::text::thousands;
use leptos::prelude::*;

/// The figures.
#[component]
pub(super) fn FigureRow(
    /// What is told.
    figures: Figures,
    /// The oldest attempt that is counted, where not all are.
    counted_to: Option<DateTime<Utc>>,
) -> impl IntoView {
    let rate = figures.rate().map_or_else(none, |rate| percent(rate).into_any());
    let each = money(&figures.per_verified());
    let cost = money(&figures.cost);
    let number = |count: u64| thousands(count).into_any();
    let fact = |label: &'static str, value: AnyView| {
        view! { <div><dt>{label}</dt><dd>{value}</dd></div> }
    };
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
                {fact("Attempts", number(figures.attempts))}
                {fact("Sent", number(figures.sent))}
                {fact("Verified", number(figures.verified))}
                {fact("Rate", rate)}
                {fact("Failed", number(figures.failed))}
                {fact("Refused", number(figures.refused))}
                {fact("Cost", cost)}
                {fact("Cost per verified", each)}
            </dl>
        </section>
        {part}
    }
}

fn none() -> AnyView {
    view! { <span class="none">"–"</span> }.into_any()
}

/// `67 %`, of verified among sent.
fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}

/// An amount for each currency, one below the other.
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

/// Names and values.
#[component]
pub(super) fn FactList(
    /// Those.
    facts: Vec<(&'static str, String)>,
) -> impl IntoView {
    let items = facts
        .into_iter()
        .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        .collect::<Vec<_>>();
    (!items.is_empty()).then(|| {
        view! { <Panel by="facts-title" title="Facts"><dl class="facts">{items}</dl></Panel> }
    })
}
