//! The tab of API keys: the list, the form to create one, and the confirmation before one is
//! revoked.

use super::{links::KEYS, unread::unread};
use crate::form::{Outcome, outcome};
use crate::ui::{
    Button, ButtonKind, Empty, Field, FormResult, Hidden, Icon, Panel, Table, Th, When,
    field_error, needed_field,
};
use chrono::{DateTime, Utc};
use domain::keys::{Mark, Marks, Rate, Writes};
use domain::roles::Scope;
use engine::Engine;
use islands::text::thousands;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use store::keys::Row;

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::EventsWrite => "send events",
        Scope::DecisionsWrite => "ask for decisions",
        Scope::ReportsWrite => "submit fraud reports",
        Scope::BlocksRead => "only check whether a user is blocked",
        Scope::Metrics => "read this server's metrics",
        Scope::Read => "read, numbers masked",
        Scope::Numbers => "read full numbers",
        Scope::Admin => "change settings, blocks and recipients",
    }
}

#[component]
pub(super) fn Keys(engine: Engine) -> impl IntoView {
    let asked = use_query_map().get_untracked().get("key");
    // Read the context before the first await, while it is available.
    let (made, ended) = (outcome("make-key"), outcome("key"));
    let form = view! { <MakeForm tried=made.clone()/> };
    let list = Suspend::new(async move {
        let now = engine.clock().now();
        match store::keys::list(engine.db.read()).await {
            Ok(rows) => view! { <List rows asked now/> }.into_any(),
            Err(error) => unread("API keys", &error),
        }
    });
    view! {
        <div class="panels">
            <FormResult tried=made/>
            <FormResult tried=ended.clone()/>
            {ended.error("key").map(|words| view! {
                <p class="field-error" role="alert"><Icon name="alert"/>{words}</p>
            })}
            {list}
            {form}
        </div>
    }
}

#[component]
fn List(rows: Vec<Row>, asked: Option<String>, now: DateTime<Utc>) -> impl IntoView {
    let (live, ended): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.revoked.is_none());
    let question = asked
        .and_then(|id| live.iter().find(|row| row.id == id).cloned())
        .map(|row| view! { <Question row/> });
    let none = live.is_empty();
    let lines = live.into_iter().map(|row| line(row, now)).collect::<Vec<_>>();
    let over = ended.len();
    let ended = ended.into_iter().map(|row| line(row, now)).collect::<Vec<_>>();
    view! {
        {question}
        <Panel by="keys-list-title" title="API keys">
            {if none {
                view! { <Empty>"No keys yet. "<a href="#make-key">"Create one"</a>" for a program that sends or reads."</Empty> }
                    .into_any()
            } else {
                table("API keys", lines).into_any()
            }}
            {(over > 0).then(|| view! {
                <details class="ended">
                    <summary>{format!("Ended keys ({over})")}</summary>
                    {table("Ended keys", ended)}
                </details>
            })}
        </Panel>
    }
}

fn table(name: &'static str, lines: Vec<impl IntoView + 'static>) -> impl IntoView {
    view! {
        <Table caption=name heads=[
            Th::left("Name"), Th::left("Starts with"), Th::left("Scopes"), Th::left("Sources"),
            Th::left("Marks"), Th::left("Rate"), Th::left("Networks"), Th::left("Last used"),
            Th::left("Expires"), Th::left("Created"), Th::left("Revoke"),
        ]>{lines}</Table>
    }
}

fn line(row: Row, now: DateTime<Utc>) -> impl IntoView + 'static {
    let scopes: Vec<_> = row.scopes.iter().map(|scope| scope.as_str()).collect();
    let networks: Vec<_> = row.networks.iter().map(ToString::to_string).collect();
    let networks = if networks.is_empty() { "Any".to_owned() } else { networks.join(", ") };
    let sources = match &row.writes {
        Writes::Any => "Any".to_owned(),
        Writes::Listed(sources) if sources.is_empty() => "Its own".to_owned(),
        Writes::Listed(sources) => {
            let sources: Vec<_> = sources.iter().map(|source| source.as_str()).collect();
            format!("Its own, {}", sources.join(", "))
        }
    };
    let marks: Vec<_> = row.marks.set().map(Mark::label).collect();
    let marks = if marks.is_empty() { "None".to_owned() } else { marks.join(", ") };
    let when = |time: Option<DateTime<Utc>>| match time {
        Some(time) => view! { <When time now/> }.into_any(),
        None => view! { <span class="none">"Never"</span> }.into_any(),
    };
    let ends = match (row.revoked, row.expires) {
        (Some(time), _) => {
            view! { <span class="state bad">"Revoked"</span>" "<When time now/> }.into_any()
        }
        (None, Some(time)) if time <= now => {
            view! { <span class="state bad">"Expired"</span>" "<When time now/> }.into_any()
        }
        (None, expires) => when(expires),
    };
    let label = format!("Revoke {}", row.name);
    let href = format!("{KEYS}&key={}", row.id);
    view! {
        <tr>
            <th scope="row">{row.name}</th>
            <td><code>{format!("tw_{}_…", row.id)}</code></td>
            <td>{scopes.join(", ")}</td>
            <td>{sources}</td>
            <td>{marks}</td>
            <td class="number">{format!("{}/s", row.rate.get())}</td>
            <td>{networks}</td>
            <td>{when(row.used)}</td>
            <td>{ends}</td>
            <td><When time=row.created now/></td>
            <td>{row.revoked.is_none().then(|| view! { <a href=href aria-label=label>"Revoke"</a> })}</td>
        </tr>
    }
}

#[component]
fn Question(row: Row) -> impl IntoView {
    view! {
        <section class="panel opened" aria-labelledby="revoke-title">
            <h2 id="revoke-title">{format!("Revoke {}?", row.name)}</h2>
            <form class="panel-form form" method="post" action="/_fn/revoke-key">
                <Hidden values=vec![("key".to_owned(), row.id)]/>
                <p>"Programs that use it are refused at once. This cannot be undone. Its name can \
                    then be used for another key."</p>
                <div class="form-end">
                    <Button kind=ButtonKind::Danger>{format!("Revoke {}", row.name)}</Button>
                    <a class="button" href=KEYS>"Keep key"</a>
                </div>
            </form>
        </section>
    }
}

#[component]
fn MakeForm(tried: Outcome) -> impl IntoView {
    let chosen = tried.value("scopes");
    let error = tried.error("scopes");
    let scopes = Scope::ALL
        .iter()
        .map(|scope| {
            let word = scope.as_str();
            let checked = chosen.split(',').any(|other| other == word);
            let name = view! { <code>{word}</code> };
            check_line("scopes[]", word, checked, name, scope_words(*scope))
        })
        .collect_view();
    let believed = Marks::of(tried.value("marks").split(','));
    let marks = Mark::ALL
        .iter()
        .map(|mark| {
            let name = view! { <b>{mark.label()}</b> };
            check_line("marks[]", mark.as_str(), believed.has(*mark), name, mark.sentence())
        })
        .collect_view();
    let rate = match tried.value("rate") {
        typed if typed.is_empty() && tried.error("rate").is_none() => {
            Rate::default().get().to_string()
        }
        typed => typed,
    };
    let wrong = error.is_some();
    view! {
        <Panel id="make-key" by="make-title" title="Create an API key">
            <form class="form panel-form" method="post" action="/_fn/make-key">
                {needed_field(&tried, "Name", "name", "The source of its events, unless they name one that is listed below. 1 to 64 characters.")}
                <fieldset class="field" aria-describedby=wrong.then_some("scopes-error")>
                    <legend>"Scopes"</legend>
                    {scopes}
                    {field_error(error, "scopes-error")}
                </fieldset>
                <Field
                    label="Sources" name="sources" value=tried.value("sources")
                    error=tried.error("sources")
                    help="Sources whose events it may write besides its own, such as b2c, entra. \
                          Other sources are rejected."
                />
                <fieldset class="field">
                    <legend>"What its events count for"</legend>
                    {marks}
                </fieldset>
                <Field
                    label="Requests a second" name="rate" value=rate error=tried.error("rate")
                    help=format!("1 to {}. Requests above this rate are refused.", thousands(u64::from(Rate::MAX.get())))
                />
                <Field
                    label="Expires (UTC)" name="expires" kind="datetime-local"
                    value=tried.value("expires") error=tried.error("expires") help="Empty: never."
                />
                <Field
                    label="Networks" name="networks" value=tried.value("networks")
                    error=tried.error("networks")
                    help="Where it may be used from, such as 10.0.0.0/8, 192.0.2.1. Empty: anywhere."
                />
                <div class="form-end"><Button>"Create key"</Button></div>
            </form>
        </Panel>
    }
}

fn check_line(
    field: &'static str,
    value: &'static str,
    checked: bool,
    name: impl IntoView,
    about: &'static str,
) -> impl IntoView {
    view! {
        <label class="check-line">
            <input type="checkbox" name=field value=value checked=checked/>
            <span>{name}" – "{about}</span>
        </label>
    }
}
