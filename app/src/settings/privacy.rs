//! The tab of privacy: retention times, and the form to erase a person.

use super::unread::unread;
use crate::form::{Outcome, outcome};
use crate::ui::{
    Button, ButtonKind, FormResult, Panel, Select, Table, Th, When, needed_field, options,
};
use domain::audit::Activity;
use engine::{Engine, erase::Last, retention::RetentionRow};
use islands::text::thousands;
use leptos::prelude::*;
use store::audit::{Filter, Row};

/// Number of erasures listed.
const LISTED: i64 = 20;

#[component]
pub(super) fn Privacy(engine: Engine) -> impl IntoView {
    // Read the context before the first await, while it is available.
    let tried = outcome("erase");
    let told = tried.clone();
    let now = engine.clock().now();
    let last = engine.erasures.last();
    let kept = Suspend::new(async move {
        let filter =
            Filter { activity: Some(Activity::Erased.as_str().to_owned()), ..Filter::default() };
        let (due, done) = tokio::join!(
            engine.retention.due(&engine.db),
            store::audit::list(engine.db.read(), &filter, None, LISTED)
        );
        match (due, done) {
            (Ok(due), Ok(done)) => {
                let done = certificates(done, now);
                view! { {retention(due)}{done} }.into_any()
            }
            (Err(error), _) => unread("retention", &error),
            (_, Err(error)) => unread("erasures", &error),
        }
    });
    view! {
        <div class="panels">
            <FormResult tried=told/>
            {last.map(state)}
            {form(&tried)}
            {kept}
        </div>
    }
}

fn retention(lines: Vec<RetentionRow>) -> impl IntoView {
    let lines = lines.into_iter().map(|line| {
        let kept = match line.days {
            None => "For ever".to_owned(),
            Some(1) => "1 day".to_owned(),
            Some(days) => format!("{} days", thousands(u64::from(days))),
        };
        let due = u64::try_from(line.due).unwrap_or(0);
        let most = u64::try_from(store::retention::COUNTED).unwrap_or(0);
        let due =
            if due > most { format!("more than {}", thousands(most)) } else { thousands(due) };
        view! {
            <tr>
                <th scope="row">{line.what}</th>
                <td>{kept}</td>
                <td class="number">{due}</td>
                <td><code>{line.setting}</code></td>
            </tr>
        }
    });
    view! {
        <Panel by="retention-title" title="Retention">
            <p class="panel-note">
                "How long rows are kept is set in tollwarden.toml, by flags or in the environment. "
                "Events and attempts are dropped by whole months, everything else within minutes \
                 of its limit."
            </p>
            <Table caption="Retention" by="retention-title" heads=[
                Th::left("What"), Th::left("Kept"), Th::of("number", "Dropped today"),
                Th::left("Setting"),
            ]>{lines.collect_view()}</Table>
        </Panel>
    }
}

fn form(tried: &Outcome) -> impl IntoView + use<> {
    let kinds = options([("user", "User"), ("phone", "Phone number")]);
    let kind = Some(tried.value("kind")).filter(|kind| !kind.is_empty());
    view! {
        <section class="panel" id="erase" aria-labelledby="erase-title">
            <h2 id="erase-title">"Erase a person"</h2>
            <form class="form panel-form" method="post" action="/_fn/erase-person">
                <Select
                    label="By" name="kind" options=kinds
                    value=kind.unwrap_or_else(|| "user".to_owned()) error=tried.error("kind")
                    help="A user is erased with all names joined to it."
                />
                {needed_field(tried, "Name or number", "value", "The user name as sources write it, or the number with + and country code.")}
                <div class="field">
                    <label class="check-line">
                        <input type="checkbox" name="sure" value="yes"/>
                        <span>"I know that this cannot be undone"</span>
                    </label>
                    {tried.error("sure").map(|words| view! { <p class="field-error">{words}</p> })}
                </div>
                <div class="form-end">
                    <Button name="action" value="count" kind=ButtonKind::Quiet>"Only count rows"</Button>
                    <Button name="action" value="erase" kind=ButtonKind::Danger>"Erase"</Button>
                </div>
            </form>
        </section>
    }
}

/// State of the last erasure on this server.
fn state(last: Last) -> impl IntoView {
    let words = match &last {
        Last::Running => {
            "An erasure is running on this server. Reload to see the result.".to_owned()
        }
        Last::Failed => "The last erasure failed; the server's log says why. What was erased \
                         stays erased: repeat it for the rest."
            .to_owned(),
        Last::Ended { rows, .. } if rows.is_empty() => "No rows found for this person.".to_owned(),
        Last::Ended { dry_run: true, .. } => {
            "The last run only counted. Rows with this person:".to_owned()
        }
        Last::Ended { dry_run: false, .. } => {
            "The last erasure is complete. Rows that contained this person:".to_owned()
        }
    };
    let rows = match last {
        Last::Ended { rows, .. } => rows,
        Last::Running | Last::Failed => engine::erase::RowCounts::new(),
    };
    let lines = rows.into_iter().map(|(table, count)| {
        view! { <tr><th scope="row"><code>{table}</code></th><td class="number">{thousands(count)}</td></tr> }
    });
    let lines = lines.collect::<Vec<_>>();
    view! {
        <Panel by="last-title" title="Last run">
            <p class="panel-note">{words}</p>
            {(!lines.is_empty()).then(|| view! {
                <Table caption="Rows by table" by="last-title" heads=[
                    Th::left("Table"), Th::of("number", "Rows"),
                ]>{lines}</Table>
            })}
        </Panel>
    }
}

fn certificates(done: Vec<Row>, now: chrono::DateTime<chrono::Utc>) -> impl IntoView {
    let lines = done.into_iter().map(|row| {
        view! {
            <tr>
                <td><When time=row.entry.time now/></td>
                <td>{row.entry.actor}</td>
                <td><code>{row.entry.object}</code></td>
            </tr>
        }
    });
    let lines = lines.collect::<Vec<_>>();
    (!lines.is_empty()).then(|| {
        view! {
            <Panel by="erased-title" title="Erased people">
                <Table caption="Erased people" by="erased-title" heads=[
                    Th::left("When"), Th::left("By"), Th::left("Handle"),
                ]>{lines}</Table>
            </Panel>
        }
    })
}
