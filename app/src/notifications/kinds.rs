//! Which alerts a recipient gets: a box for each kind.

use crate::ui::field_error;
use domain::notify::AlertKind;
use leptos::prelude::*;

/// One line about a kind.
pub(super) fn about(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::FraudReport => "A user reported a sign-in that was not theirs.",
        AlertKind::Block => "A user, a number or a block of numbers was blocked.",
        AlertKind::Breaker => "Too many reports at once: automatic blocking has stopped.",
        AlertKind::SetUpChange => "Settings, recipients, keys or accounts were changed.",
        AlertKind::SourceSilent => "A source has been silent for longer than ever before.",
        AlertKind::DeliveryTrouble => "Messages to another recipient do not arrive.",
        AlertKind::SpendCap => "Codes are refused because a spend cap is reached.",
        AlertKind::KillSwitch => "A kill switch was set or removed, or has expired.",
        AlertKind::Surge => "Three times as many codes or failures to a region as usual.",
        AlertKind::Conversion => "Half as many codes to a region are verified as usual.",
        AlertKind::DataAccess => {
            "A full number was shown to an auditor, or over 10,000 rows were exported."
        }
        AlertKind::Guessing => "Ten wrong passwords on one account within an hour.",
        AlertKind::FirstTraffic => "A code to a region that had none in 90 days.",
        AlertKind::OddCost => "A source reported a cost far above the price table.",
        AlertKind::NamesJoined => "Events joined two names into one user.",
    }
}

/// The boxes, named `events[]`.
#[component]
pub(super) fn Kinds(
    root: &'static str,
    chosen: Vec<AlertKind>,
    error: Option<String>,
) -> impl IntoView {
    let error_id = format!("{root}-events-error");
    let described = error.is_some().then(|| error_id.clone());
    let boxes = AlertKind::ALL
        .iter()
        .map(|&kind| tick(root, "events[]", kind, chosen.contains(&kind), false, about(kind)))
        .collect_view();
    view! {
        <fieldset class="checks" aria-describedby=described>
            <legend>"Alerts"</legend>
            {boxes}
            {field_error(error, error_id)}
        </fieldset>
    }
}

/// The box of a kind.
pub(super) fn tick(
    root: &str,
    name: &'static str,
    kind: AlertKind,
    checked: bool,
    disabled: bool,
    about: &'static str,
) -> impl IntoView + use<> {
    let id = format!("{root}-{kind}");
    let help = format!("{id}-help");
    view! {
        <div class="check">
            <input
                id=id.clone() type="checkbox" name=name value=kind.as_str() checked=checked
                disabled=disabled aria-describedby=help.clone()
            />
            <label for=id>{kind.label()}</label>
            <p class="field-help" id=help>{about}</p>
        </div>
    }
}

/// `All`, or the labels of the kinds.
pub(super) fn in_words(kinds: &[AlertKind]) -> String {
    if kinds.len() == AlertKind::ALL.len() {
        return "All".to_owned();
    }
    let labels: Vec<_> = kinds.iter().map(|kind| kind.label()).collect();
    labels.join(", ")
}
