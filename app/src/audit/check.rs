//! The panel that verifies the hash chain: its head, the last check, and the button for another.

use crate::ui::{Button, ButtonKind, Copy, Hidden, Notice, NoticeKind, When};
use chrono::{DateTime, Utc};
use domain::audit::Head;
use engine::Engine;
use engine::audit::{ChainError, Check, Outcome, Progress};
use islands::text::{counted, sentence, thousands};
use leptos::prelude::*;

/// The panel alone, for `/audit/check`, which the page polls while a check is running.
pub async fn check_fragment(engine: Engine) -> String {
    let view = check(engine, "/audit".to_owned()).await;
    Owner::new().with(|| view.into_view().to_html())
}

/// The panel. `back` is the page to return to after the button.
pub(super) async fn check(engine: Engine, back: String) -> impl IntoView {
    let now = engine.clock().now();
    let head = store::audit::head(engine.db.read()).await;
    if let Err(error) = &head {
        tracing::error!(
            error = store::with_sources(error),
            "the audit log's head could not be read"
        );
    }
    let state = engine.audit.checks.state();
    let running = matches!(state, Check::Running(_));
    view! {
        <section class="panel audit-check" id="check" aria-labelledby="check-title" data-poll=running.then_some("/audit/check")>
            <h2 id="check-title">"Log integrity"</h2>
            <div class="audit-said">
                {check_view(state, now)}
                {head.ok().map(|head| view! { <HeadLine head/> })}
            </div>
            <form method="post" action="/_fn/verify-audit">
                <Hidden values=vec![("back".to_owned(), back)]/>
                {(!running).then(|| view! { <Button kind=ButtonKind::Quiet>"Verify"</Button> })}
                {running.then(|| view! {
                    <noscript><p><a href="/audit#check">"Reload to see its progress"</a></p></noscript>
                })}
            </form>
        </section>
    }
}

fn check_view(state: Check, now: DateTime<Utc>) -> AnyView {
    let (outcome, time, by) = match state {
        Check::None => {
            return view! {
                <p>"Not verified since the server was started. "
                "Each entry contains a keyed hash of all entries before it. The key is not stored \
                 in the database."</p>
            }
            .into_any();
        }
        Check::Running(progress) => return view! { <Walking progress/> }.into_any(),
        Check::Ended { outcome, time, by } => (outcome, time, by),
    };
    let asked = view! { <span class="muted">" Verified "<When time now/>" for "{by}"."</span> };
    match outcome {
        Outcome::Whole(verified) => {
            let words = match verified.count {
                0 => "Complete: there are no entries yet.".to_owned(),
                count => {
                    format!(
                        "Complete: {} in an unbroken chain.",
                        counted(count, "entry", "entries")
                    )
                }
            };
            view! { <Notice kind=NoticeKind::Done>{words}{asked}</Notice> }.into_any()
        }
        Outcome::Broken(ChainError { what, .. }) => {
            view! { <Notice kind=NoticeKind::Failed><b>{sentence(&what)}</b>{asked}</Notice> }
                .into_any()
        }
        Outcome::Failed { reference } => view! {
            <Notice kind=NoticeKind::Failed>
                "The log could not be read to the end. Reference "<code>{reference}</code>"."{asked}
            </Notice>
        }
        .into_any(),
    }
}

#[component]
fn Walking(progress: Progress) -> impl IntoView {
    let Progress { done, of } = progress;
    let percent = done.saturating_mul(100).checked_div(of).unwrap_or(0).min(100);
    let words = format!("{} of {} entries", thousands(done), thousands(of));
    view! {
        <p class="walking" role="status">
            <progress max="100" value=percent.to_string() aria-label="Entries verified"></progress>
            {words}
        </p>
    }
}

#[component]
fn HeadLine(head: Head) -> impl IntoView {
    let head = head.to_string();
    view! {
        <p class="audit-head">
            "Head "<code>{head.clone()}</code><Copy value=head/>
        </p>
        <p class="field-help">
            "Store it elsewhere to check later that no entries were cut off: "
            <code>"tollwarden audit verify --head SEQ:HASH"</code>"."
        </p>
    }
}
