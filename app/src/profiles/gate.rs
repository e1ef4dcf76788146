//! Decisions of the gate, with their reasons.

use crate::sign_ins::{Clock, attempt_path, decision_reasons};
use crate::ui::{Empty, Panel};
use domain::gate::Verdict;
use engine::profiles::Decisions;
use engine::signins::Decided;
use islands::text::counted;
use leptos::prelude::*;

/// The gate's decisions about the newest attempts.
#[component]
pub(super) fn GatePanel(
    decisions: Decisions,
    /// Whether there are older attempts that were not considered.
    more: bool,
) -> impl IntoView {
    let Decisions { verdicts, causes, newest } = decisions;
    let body = if verdicts.is_empty() {
        let words = "The gate was not asked about these attempts.";
        view! { <Empty>{words}</Empty> }.into_any()
    } else {
        let verdicts = verdicts
            .into_iter()
            .map(|(verdict, count)| {
                view! { <li><span class=mark(verdict)>{verdict.label()}</span><span>{count}</span></li> }
            })
            .collect::<Vec<_>>();
        let causes = causes
            .into_iter()
            .map(|(code, count)| view! { <li><span>{code.label()}</span><span>{count}</span></li> })
            .collect::<Vec<_>>();
        let causes = (!causes.is_empty()).then(|| {
            view! { <h3 id="gate-why">"Why"</h3><ul class="plain-list profile-pairs" aria-labelledby="gate-why">{causes}</ul> }
        });
        let items = newest.into_iter().map(one).collect::<Vec<_>>();
        let items = (!items.is_empty()).then(|| {
            view! { <h3>"Newest decisions other than “allow”"</h3><ol class="plain-list gate-newest">{items}</ol> }
        });
        let part = more.then(|| {
            let count = counted(engine::profiles::CLOSER as u64, "attempt", "attempts");
            view! { <p>{format!("Of the newest {count}.")}</p> }
        });
        view! {
            <div class="panel-body">
                {part}
                <ul class="plain-list profile-pairs" aria-label="Verdicts">{verdicts}</ul>
                {causes}{items}
            </div>
        }
        .into_any()
    };
    view! { <Panel by="gate-title" title="The gate’s decisions">{body}</Panel> }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "outcome sent",
        Verdict::Challenge | Verdict::Delay => "outcome warning",
        Verdict::Deny => "outcome blocked",
    }
}

fn one(decided: Decided) -> impl IntoView {
    let href = attempt_path(decided.attempt);
    let (time, verdict) = (decided.time, decided.verdict);
    view! {
        <li>
            <a href=href><Clock time/></a>" "<span class=mark(verdict)>{verdict.label()}</span>
            {decision_reasons(decided)}
        </li>
    }
}
