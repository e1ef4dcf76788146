//! Which alerts a recipient gets: a box for each kind.

use crate::ui::field_error;
use domain::notify::AlertKind;
use leptos::prelude::*;

/// What a kind is about, in a line.
pub(super) fn about(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::FraudReport => "A user reported a sign-in that was not theirs.",
        AlertKind::Block => "A user, a number or a block of numbers was blocked.",
        AlertKind::Breaker => "Too many reports at once: automatic blocking has stopped.",
        AlertKind::SetUpChange => "Settings, recipients, keys or accounts were changed.",
        AlertKind::SourceSilent => "A source has been silent for longer than it ever was.",
        AlertKind::DeliveryTrouble => "Messages to another recipient do not arrive.",
        AlertKind::SpendCap => "Codes are refused because a spend cap is reached.",
        AlertKind::KillSwitch => "A kill switch was set or removed, or its time is over.",
        AlertKind::Surge => "Three times as many codes or failures to a region as usual.",
        AlertKind::Conversion => "Half as many codes to a region are typed in as usual.",
        AlertKind::DataAccess => {
            "A whole number was shown to one who sees masks, or over 10,000 rows were exported."
        }
        AlertKind::Guessing => "Ten wrong passwords on one account within an hour.",
        AlertKind::FirstTraffic => "A code to a region that had none in 90 days.",
        AlertKind::OddCost => "A source told of a cost far above the price table's.",
        AlertKind::NamesJoined => "Events made two names one user's.",
    }
}

/// The boxes. Their names in the form are `events[]`.
#[component]
pub(super) fn Kinds(
    /// The root of their ids.
    root: &'static str,
    /// Those that are ticked.
    chosen: Vec<AlertKind>,
    /// What was wrong.
    error: Option<String>,
) -> impl IntoView {
    let error_id = format!("{root}-events-error");
    let described = error.is_some().then(|| error_id.clone());
    let boxes = AlertKind::ALL
        .iter()
        .map(|&kind| {
            let id = format!("{root}-{kind}");
            let help = format!("{id}-help");
            view! {
                <div class="check">
                    <input
                        id=id.clone() type="checkbox" name="events[]" value=kind.as_str()
                        checked=chosen.contains(&kind) aria-describedby=help.clone()
                    />
                    <label for=id>{kind.label()}</label>
                    <p class="field-help" id=help>{about(kind)}</p>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="checks" aria-describedby=described>
            <legend>"Alerts"</legend>
            {boxes}
            {field_error(error, error_id)}
        </fieldset>
    }
}

/// The kinds a recipient gets, in words: `All`, or their labels.
pub(super) fn in_words(kinds: &[AlertKind]) -> String {
    if kinds.len() == AlertKind::ALL.len() {
        return "All".to_owned();
    }
    let labels: Vec<_> = kinds.iter().map(|kind| kind.label()).collect();
    labels.join(", ")
}
