//! How many attempts of the last 30 days a change would have refused, and how many of those had
//! verified; loaded with the page or polled by it.

use super::draft::Draft;
use crate::saving::{current, find};
use crate::ui::{Icon, Notice, NoticeKind, Table, Th};
use crate::{page::log_load_error, zone::moment};
use domain::rules::Settings;
use engine::replay::{Replayed, RunCounts, would_refuse};
use engine::{Engine, Error};
use islands::text::{counted, thousands};
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tower_sessions::Session;

/// How long a request waits for the figures before it answers with their progress.
const WAIT: Duration = Duration::from_millis(900);
/// Number of replays kept before finished ones are dropped.
const KEPT: usize = 64;

type Work = JoinHandle<Result<Replayed, Error>>;

/// Running replays, by draft id.
static UNDER_WAY: LazyLock<Mutex<HashMap<String, Work>>> = LazyLock::new(Mutex::default);

/// Waits for the figures.
pub(super) async fn view(engine: &Engine, after: Settings) -> AnyView {
    let countries = engine.gate.rules().countries().clone();
    result_view(would_refuse(engine, after, countries).await)
}

/// The part of the preview that polls until the figures are ready.
///
/// # Errors
/// Returns the error of the session or the store if the draft or the rules cannot be read.
pub async fn figures_fragment(
    engine: &Engine,
    session: &Session,
    id: &str,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let view = match find::<Draft>(Some(session), id).await? {
        Some(draft) => {
            let now = current(engine).await?;
            match draft.change.apply(now.settings) {
                Ok(after) => part(engine, id, after).await,
                Err(super::change::RuleMissing) => gone(),
            }
        }
        None => gone(),
    };
    Ok(Owner::new().with(|| view.to_html()))
}

fn gone() -> AnyView {
    view! { <p class="panel-note" id="figures">"This change no longer exists."</p> }.into_any()
}

async fn part(engine: &Engine, id: &str, after: Settings) -> AnyView {
    let map = || UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    let known = map().remove(id);
    let mut work = known.unwrap_or_else(|| {
        let (engine, countries) = (engine.clone(), engine.gate.rules().countries().clone());
        tokio::spawn(async move { would_refuse(&engine, after, countries).await })
    });
    match tokio::time::timeout(WAIT, &mut work).await {
        Ok(Ok(result)) => result_view(result),
        Ok(Err(error)) => unread(&error),
        Err(_) => {
            let mut map = map();
            if map.len() >= KEPT {
                map.retain(|_, work| !work.is_finished());
            }
            map.insert(id.to_owned(), work);
            drop(map);
            let done = engine.replays.progress();
            waiting(id, None, done)
        }
    }
}

/// Placeholder until the figures are ready.
#[component]
pub(super) fn Waiting(
    draft: String,
    /// URL of the page that waits for the figures.
    whole: String,
) -> impl IntoView {
    waiting(&draft, Some(whole), None)
}

fn waiting(draft: &str, whole: Option<String>, done: Option<f64>) -> AnyView {
    let poll = format!("/rules/figures?draft={draft}");
    let percent = done.map(|done| format!("{:.0}", (done * 100.0).clamp(0.0, 100.0)));
    let shown = percent.clone().map(|percent| format!(" {percent} %"));
    view! {
        <section class="panel figures" id="figures" aria-labelledby="figures-title" data-poll=poll>
            <h2 id="figures-title">"The last 30 days under this change"</h2>
            <div class="panel-body">
                <p role="status">"Checking each attempt …"{shown}</p>
                <progress max="100" value=percent aria-label="Attempts checked"></progress>
                {whole.map(|whole| view! {
                    <noscript><p><a href=whole>"Load the figures"</a></p></noscript>
                })}
            </div>
        </section>
    }
    .into_any()
}

fn result_view(result: Result<Replayed, Error>) -> AnyView {
    match result {
        Ok(replayed) => replay_view(&replayed),
        Err(error) => unread(&error),
    }
}

fn unread(error: &(dyn std::error::Error + 'static)) -> AnyView {
    let lost = log_load_error("the last 30 days under a change", error);
    let failed = lost.view("The last 30 days could not be checked.", "");
    view! { <section class="panel figures" id="figures">{failed}</section> }.into_any()
}

/// The main sentence, the two replays side by side, and the reasons.
fn replay_view(replayed: &Replayed) -> AnyView {
    let (refused, verified) = replayed.newly_refused();
    let head = match (replayed.looked_at, refused) {
        (0, _) => "There were no attempts in the last 30 days to check it against.".to_owned(),
        (_, 0) => "No more attempts would have been refused or delayed.".to_owned(),
        (_, n) => {
            let more = counted(n, "more attempt", "more attempts");
            format!(
                "{more} would have been refused or delayed; {} had verified.",
                of_them(verified, n)
            )
        }
    };
    let kind = match (refused, verified) {
        (0, _) => NoticeKind::Done,
        (_, 0) => NoticeKind::Info,
        _ => NoticeKind::Warning,
    };
    let spared = (replayed.spared.0 > 0).then(|| {
        let (n, verified) = replayed.spared;
        let more = counted(n, "attempt", "attempts");
        view! { <p>{more}" refused by the current rules would have been allowed; "{of_them(verified, n)}" had verified."</p> }
    });
    let any = replayed.looked_at > 0;
    view! {
        <section class="panel figures" id="figures" aria-labelledby="figures-title">
            <h2 id="figures-title">"The last 30 days under this change"</h2>
            <div class="panel-body">
                <Notice kind><p><b>{head}</b></p>{spared}</Notice>
                {any.then(|| view! { <p class="field-help">{basis(replayed)}</p> })}
            </div>
            {any.then(|| both(replayed))}
            {(!replayed.newly.is_empty()).then(|| reasons(replayed))}
        </section>
    }
    .into_any()
}

fn of_them(verified: u64, all: u64) -> String {
    match (verified, all) {
        (0, _) => "none of them".to_owned(),
        (1, 1) => "it".to_owned(),
        (n, all) if n == all => "all of them".to_owned(),
        (n, _) => format!("{} of them", thousands(n)),
    }
}

/// How many attempts the replay covered.
fn basis(replayed: &Replayed) -> String {
    let of = thousands(replayed.of);
    let least = if replayed.of_at_least { "at least " } else { "" };
    let all = replayed.looked_at + replayed.left_out >= replayed.of && !replayed.of_at_least;
    let mut words = if all {
        format!("Checked against all {of} attempts since {}.", moment(replayed.from))
    } else {
        let newest = thousands(replayed.looked_at);
        let from = moment(replayed.from);
        format!("Checked against the newest {newest} of {least}{of} attempts, since {from}.")
    };
    if replayed.left_out > 0 {
        let left = counted(replayed.left_out, "attempt", "attempts");
        words.push_str(&format!(" {left} left out, because the gate does not know their numbers."));
    }
    words.push_str(" Blocks and bypasses are left out; limits begin at zero.");
    words
}

fn both(replayed: &Replayed) -> impl IntoView + use<> {
    let row = |label: &'static str, of: fn(&RunCounts) -> (u64, u64)| {
        let [before, after] = [of(&replayed.before), of(&replayed.after)];
        let cell = |(n, verified): (u64, u64)| {
            view! {
                <td class="right">{thousands(n)}</td>
                <td class="right">{thousands(verified)}</td>
            }
        };
        view! { <tr><th scope="row">{label}</th>{cell(before)}{cell(after)}</tr> }
    };
    let rows = vec![
        row("Refused or delayed", |of| (of.refused, of.refused_verified)),
        row("Of these, delayed", |of| (of.delayed, of.delayed_verified)),
        row("Captcha required", |of| (of.challenged, of.challenged_verified)),
    ];
    view! {
        <Table caption="Before and after the change" by="figures-title" heads=[
            Th::left("Attempts"), Th::right("With the current rules"), Th::right("had verified"),
            Th::right("With this change"), Th::right("had verified"),
        ]>{rows}</Table>
    }
}

fn reasons(replayed: &Replayed) -> impl IntoView + use<> {
    let rows: Vec<_> = replayed
        .newly
        .iter()
        .map(|(code, refused, verified)| view! {
            <tr>
                <th scope="row">{code.label()}</th>
                <td class="right">{thousands(*refused)}</td>
                <td class="right">
                    {(*verified > 0).then(|| view! { <Icon name="alert"/> })}{thousands(*verified)}
                </td>
            </tr>
        })
        .collect();
    view! {
        <Table caption="Newly refused, by reason" frame="table-frame newly" heads=[
            Th::left("Newly refused because of"), Th::right("Attempts"), Th::right("had verified"),
        ]>{rows}</Table>
    }
}
