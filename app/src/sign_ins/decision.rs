//! The gate's decision, shown with its event.

use domain::gate::ReasonEntry;
use domain::rules::{Mode, duration};
use engine::signins::Decided;
use leptos::prelude::*;

/// Labels and values of a decision, without its reasons.
pub(super) fn facts(decision: &Decided) -> Vec<(String, String)> {
    let wait = decision.retry_after.map(|wait| format!(" for {}", duration(wait)));
    let verdict = format!("{}{}", decision.verdict.label(), wait.unwrap_or_default());
    let shadow = decision.shadow != decision.verdict;
    let kind = match decision.valid {
        true => decision.kind.label().to_owned(),
        false => format!("{}; the number cannot exist", decision.kind.label()),
    };
    [
        ("The gate’s answer", Some(verdict)),
        ("If shadow rules were enforced", shadow.then(|| decision.shadow.label().to_owned())),
        ("Type of number", Some(kind)),
        ("Price from the table", decision.cost.map(|cost| cost.normalize().to_string())),
        ("API key", Some(decision.api_key.clone())),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label.to_owned(), value?)))
    .collect()
}

/// The reasons, in the order of the rules.
pub(crate) fn reasons(decision: Decided) -> Option<impl IntoView> {
    let items = decision.reasons.into_iter().map(reason).collect::<Vec<_>>();
    (!items.is_empty()).then(|| view! { <ol class="timeline-reasons">{items}</ol> })
}

fn reason(why: ReasonEntry) -> impl IntoView {
    let counted = match (why.observed, why.limit) {
        (Some(observed), Some(limit)) => format!(" · {observed} of {limit}"),
        (Some(observed), None) => format!(" · {observed}"),
        (None, Some(limit)) => format!(" · {limit} at most"),
        (None, None) => String::new(),
    };
    let window = why.window.map(|window| format!(" in {}", duration(window)));
    let shadow = why.mode == Mode::Shadow;
    view! {
        <li>
            <b>{why.code.label()}</b>
            {shadow.then_some(" (shadow: did not decide)")}
            ": " {why.message}
            <small><code>{why.rule}</code>{counted + &window.unwrap_or_default()}</small>
        </li>
    }
}
