//! The page `/attempts/{id}`.

use super::facts::Facts;
use super::timeline::Timeline;
use crate::error::NotFound;
use crate::form::Outcome;
use crate::page::{Head, PageContext, PageFailure, PageResult, page_of};
use crate::ui::{Button, ButtonKind, Field, Hidden, Notice, NoticeKind, PageHead};
use domain::signins::outcome_words;
use domain::workbook::Sight;
use domain::zone::Style;
use engine::signins::SignIn;
use islands::text::capital;
use leptos::prelude::*;
use uuid::Uuid;

const HEAD: Head = Head { title: "Attempt", line: "", failed: "The attempt could not be read." };

/// An attempt with its facts and events.
#[component]
pub(crate) fn AttemptPage() -> impl IntoView {
    page_of(HEAD, load)
}

async fn load(visit: PageContext, id: Uuid) -> Result<PageResult, PageFailure> {
    let PageContext { engine, sight, tried, now, .. } = visit;
    let Some((attempt, events)) = engine::signins::attempt(&engine, id, sight).await? else {
        return Ok(PageResult::NotFound(view! { <NotFound/> }.into_any()));
    };
    let reveal = sight == Sight::Masked && attempt.number.is_some();
    let tried = tried.of("reveal");
    let shown = view! {
        <PageHead title=HEAD.title line=line(&attempt)/>
        <div class="panels">
            {reveal.then(|| view! { <Reveal id tried/> })}
            <Facts attempt sight/>
            <Timeline events now/>
        </div>
    };
    Ok(PageResult::Shown(shown.into_any()))
}

/// Outcome, reason and time in a line.
fn line(attempt: &SignIn) -> String {
    let outcome = outcome_words(attempt.outcome);
    let reason = attempt.reason.map(|reason| format!(": {}", reason.words()));
    let zone = crate::zone::current();
    let (time, clock) = (attempt.outcome_time, zone.short(attempt.outcome_time));
    let time = format!("{} {clock}", zone.format(time, Style::Log));
    format!("{}{}, {time}.", capital(outcome), reason.unwrap_or_default())
}

/// The form to show the unmasked number, or the number after the form was sent.
#[component]
pub(crate) fn Reveal(
    /// An attempt with this number.
    id: Uuid,
    /// Handle of the number, if the form is on its page.
    #[prop(into, default = String::new())]
    of: String,
    /// Query string of that page.
    #[prop(into, default = String::new())]
    asked: String,
    tried: Outcome,
) -> impl IntoView {
    if let Some(number) = tried.done() {
        let number = number.to_owned();
        return view! {
            <Notice kind=NoticeKind::Done>
                "The number is " <b class="figure" data-as-it-is="">{number}</b>
                ". The audit log records that you saw it, and why."
            </Notice>
        }
        .into_any();
    }
    let open = tried.error("reason").is_some();
    view! {
        <details class="panel reveal" open=open>
            <summary>"Show the full number"</summary>
            <form class="form" method="post" action="/_fn/reveal-number">
                <Hidden values=vec![("attempt".to_owned(), id.to_string()), ("of".to_owned(), of), ("asked".to_owned(), asked)]/>
                <Field
                    label="Reason" name="reason" value=tried.value("reason") required=true
                    help="Recorded in the audit log with your name." error=tried.error("reason")
                />
                <div class="form-end"><Button kind=ButtonKind::Quiet>"Show the number"</Button></div>
            </form>
        </details>
    }
    .into_any()
}
