//! The import form and the list of import jobs.

use crate::ui::{Button, Panel, Select, Table, Th, When, labelled};
use crate::{form::outcome, who};
use chrono::{DateTime, Utc};
use domain::sources::Dates;
use engine::imports::{ImportJob, ImportState};
use islands::text::thousands;
use leptos::prelude::*;

const FILES: &str = "Microsoft B2C or Entra audit logs as Graph pages, diagnostic-settings lines, \
    Log Analytics CSV or JSON, or the portal's CSV in English; or Tollwarden's own NDJSON. Also \
    gzipped. What was imported before is recognised and not counted twice.";

/// A plain upload form. The server answers when it has the file and imports it in the background.
#[component]
pub(crate) fn ImportForm() -> impl IntoView {
    let error = outcome("import").error("file");
    let wrong = error.is_some().then_some("true");
    let file = labelled("File", "field-file".to_owned(), FILES, error, |id, described| {
        view! {
            <input
                id=id name="file" type="file" required=true aria-describedby=described
                aria-invalid=wrong
            />
        }
    });
    view! {
        <Panel id="import" by="import-title" title="Import a log">
        <form class="import" method="post" action="/imports" enctype="multipart/form-data">
            {file}
            <Select
                label="Dates such as 11/20/2026" name="dates" options=dates()
                help="Dates that begin with the year are always read."
            />
            <Button>"Import"</Button>
        </form>
        </Panel>
    }
}

fn dates() -> Vec<(String, String)> {
    Dates::ALL.iter().map(|dates| (dates.to_string(), word(*dates).to_owned())).collect()
}

fn word(dates: Dates) -> &'static str {
    match dates {
        Dates::Plain => "Month first, with AM or PM",
        Dates::Dmy => "Day first",
        Dates::Mdy => "Month first, also without AM or PM",
    }
}

#[component]
pub(crate) fn Jobs(
    /// Newest first.
    jobs: Vec<ImportJob>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let rows = jobs.into_iter().map(|job| row(job, now)).collect::<Vec<_>>();
    view! {
        <Panel by="imports-title" title="Imports">
            <Table caption="Imports" by="imports-title" heads=[
                Th::wide("File"), Th::left("State"), Th::right("Read"), Th::right("Accepted"),
                Th::right("Enriched"), Th::right("Duplicates"), Th::right("Ignored"),
                Th::right("Rejected"), Th::left("When"), Th::left("By"),
            ]>{rows}</Table>
        </Panel>
    }
}

fn row(job: ImportJob, now: DateTime<Utc>) -> impl IntoView {
    let count = |number: i64| thousands(u64::try_from(number).unwrap_or(0));
    let id = job.id.to_string();
    let rejected = match job.counts.rejected {
        0 => count(0).into_any(),
        rejected => {
            let href = format!("/imports/{id}/rejected");
            view! { <a href=href download="">{count(rejected)}</a> }.into_any()
        }
    };
    let why = job.error.clone().filter(|_| job.state == ImportState::Failed);
    let why = why.map(|why| view! { <tr><td class="why" colspan="10">{why}</td></tr> });
    let dates = (job.dates != Dates::default())
        .then(|| view! { <small class="dates">{word(job.dates)}</small> });
    view! {
        <tr class:explained=why.is_some()>
            <th scope="row" class="wide" title=job.file_name.clone()>{job.file_name.clone()}{dates}</th>
            <td>{state(&job)}</td>
            <td class="right">{count(job.counts.read)}</td>
            <td class="right">{count(job.counts.accepted)}</td>
            <td class="right">{count(job.counts.enriched)}</td>
            <td class="right">{count(job.counts.duplicates)}</td>
            <td class="right">{ignored(&job)}</td>
            <td class="right">{rejected}</td>
            <td><When time=job.created now/></td>
            <td>{job.by_email}</td>
        </tr>
        {why}
    }
}

/// Number of ignored records, with their kinds in a `<details>`.
fn ignored(job: &ImportJob) -> AnyView {
    let count = thousands(u64::try_from(job.counts.ignored).unwrap_or(0));
    if job.counts.ignored_kinds.is_empty() {
        return count.into_any();
    }
    let kinds = job.counts.ignored_kinds.iter();
    let kinds: Vec<_> =
        kinds.map(|(kind, n)| view! { <li>{thousands(n)}" "{who::masked(kind)}</li> }).collect();
    view! {
        <details>
            <summary>{count}</summary>
            <ul>{kinds}</ul>
        </details>
    }
    .into_any()
}

fn state(job: &ImportJob) -> AnyView {
    match job.state {
        ImportState::Waiting => view! { <span class="state quiet">"Waiting"</span> }.into_any(),
        ImportState::Done => view! { <span class="state good">"Done"</span> }.into_any(),
        ImportState::Failed => view! { <span class="state bad">"Stopped"</span> }.into_any(),
        ImportState::Running => {
            let (done, all) = (job.done_bytes.max(0), job.bytes.max(1));
            let percent = (done.saturating_mul(100) / all).min(100);
            view! {
                <progress max="100" value=percent.to_string() aria-label=format!("{} read", job.file_name)></progress>
                " "{percent}" %"
            }
            .into_any()
        }
    }
}
