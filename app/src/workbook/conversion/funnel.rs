//! The tile with the funnel of attempts.

use super::super::view::ResolvedView;
use crate::charts;
use crate::page::LoadError;
use crate::ui::Empty;
use domain::conversion::Funnel;
use islands::text::{counted, thousands};
use leptos::prelude::*;

/// Counts of the range, and of the previous range if it is compared.
pub(super) type FunnelResult = Result<(Funnel, Option<Funnel>), LoadError>;

pub(super) fn tile(asked: &ResolvedView, read: FunnelResult) -> AnyView {
    let body = match read {
        Ok((funnel, before)) => funnel_view(funnel, before),
        Err(lost) => lost.view("The funnel could not be read.", asked.view.href()),
    };
    view! {
        <section class="tile conversion-funnel" aria-labelledby="funnel-title">
            <header class="tile-head"><h2 id="funnel-title">"From requested to verified"</h2></header>
            <div class="tile-body">{body}</div>
        </section>
    }
    .into_any()
}

pub(super) fn funnel_view(funnel: Funnel, before: Option<Funnel>) -> AnyView {
    let Funnel { attempts, refused, sent, delivered, verified, prompts } = funnel;
    if attempts == 0 && prompts == 0 {
        return view! { <Empty>"No attempts in this range."</Empty> }.into_any();
    }
    let unsent = attempts - sent - refused;
    let mut words = Vec::new();
    if refused > 0 {
        let count = counted(refused, "attempt was", "attempts were");
        words.push(format!("{count} refused by the gate."));
    }
    if unsent > 0 {
        let count = counted(unsent, "attempt", "attempts");
        words.push(format!("For {count}, no source reported that a code was sent."));
    }
    if sent > 0 && delivered == verified {
        words.push("No source reported codes that were delivered but not used.".to_owned());
    } else if delivered > 0 {
        words.push(format!(
            "Delivered counts the {} that a source reported as delivered, or whose user responded.",
            thousands(delivered)
        ));
    }
    if prompts > 0 {
        let count = counted(prompts, "push prompt carries", "push prompts carry");
        words.push(format!("{count} no code. To see push prompts, choose the channel Push."));
    }
    view! {
        <charts::Funnel now=funnel before/>
        <p class="conversion-note">{words.join(" ")}</p>
    }
    .into_any()
}
