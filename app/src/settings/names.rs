//! The tab of flows and apps: a name field for each that was seen recently.

use super::unread::unread;
use crate::form::{Outcome, outcome};
use crate::saving::current;
use crate::ui::{Button, Empty, Field, FormResult, Notice, NoticeKind};
use domain::names::{Kind, Settings, field};
use engine::{Engine, names::SeenId, settings::Current};
use islands::text::thousands;
use leptos::prelude::*;
use std::collections::BTreeMap;

#[component]
pub(super) fn Names(engine: Engine) -> impl IntoView {
    // Read the context before the first await, while it is available.
    let tried = outcome("names");
    let told = tried.clone();
    let form = Suspend::new(async move {
        let (held, flows, apps) = tokio::join!(
            current::<Settings>(&engine),
            engine.names.seen(Kind::Flow),
            engine.names.seen(Kind::App)
        );
        match (held, flows, apps) {
            (Ok(held), Ok(flows), Ok(apps)) => form(&held, flows, apps, &tried).into_any(),
            (Err(error), ..) => unread("names", &error),
            (_, Err(error), _) | (.., Err(error)) => unread("names", &error),
        }
    });
    view! {
        <div class="panels">
            <FormResult tried=told/>
            {form}
        </div>
    }
}

fn form(
    held: &Current<Settings>,
    flows: Vec<SeenId>,
    apps: Vec<SeenId>,
    tried: &Outcome,
) -> impl IntoView + use<> {
    let stale = tried.error("version").map(|words| {
        view! { <Notice kind=NoticeKind::Failed>{words}</Notice> }
    });
    let wrong = tried.is_told() && tried.done().is_none() && stale.is_none();
    let wrong = wrong.then(|| {
        view! {
            <Notice kind=NoticeKind::Failed>
                "Nothing was saved. See the errors next to the fields."
            </Notice>
        }
    });
    let parts = [
        part(Kind::Flow, &held.settings, flows, tried).into_any(),
        part(Kind::App, &held.settings, apps, tried).into_any(),
    ];
    view! {
        <form class="form names-form" method="post" action="/_fn/save-names">
            <input type="hidden" name="version" value=held.version/>
            {stale}
            {wrong}
            {parts.into_iter().collect_view()}
            <div class="form-end"><Button>"Save names"</Button></div>
        </form>
    }
}

fn part(kind: Kind, held: &Settings, seen: Vec<SeenId>, tried: &Outcome) -> impl IntoView + use<> {
    let (title, ids, names, another) = match kind {
        Kind::Flow => ("Flows", "flow_ids[]", "flow_names[]", "Id of another flow"),
        Kind::App => ("Apps", "app_ids[]", "app_names[]", "Id of another app"),
    };
    let setting = kind.setting();
    // Those seen, most frequent first; then those with a name that were not seen.
    let mut lines: Vec<(String, Option<u64>)> =
        seen.into_iter().map(|seen| (seen.id, Some(seen.attempts))).collect();
    let known: BTreeMap<String, ()> = lines.iter().map(|(id, _)| (id.clone(), ())).collect();
    let unseen = held.of(kind).keys().filter(|id| !known.contains_key(*id));
    lines.extend(unseen.map(|id| (id.clone(), None)));
    let empty = lines.is_empty().then(|| {
        view! { <Empty>"None seen in the last 90 days. Add a name by id below."</Empty> }
    });
    let refused = tried.is_told() && tried.done().is_none();
    let rows = lines
        .into_iter()
        .enumerate()
        .map(|(at, (id, attempts))| {
            let field = field(kind, &id);
            let value = if refused {
                tried.value(&field)
            } else {
                held.of(kind).get(&id).cloned().unwrap_or_default()
            };
            let count = match attempts {
                Some(1) => "1 attempt in the last 90 days".to_owned(),
                Some(count) => format!("{} attempts in the last 90 days", thousands(count)),
                None => "Not seen in the last 90 days".to_owned(),
            };
            view! {
                <li class="names-line">
                    <input type="hidden" name=ids value=id.clone()/>
                    <Field
                        label=id name=names id=format!("{setting}-{at}") value help=count
                        error=tried.error(&field)
                    />
                </li>
            }
        })
        .collect_view();
    let typed = |what: &str| {
        if refused { tried.value(&format!("new-{setting}-{what}")) } else { String::new() }
    };
    // A refused new id has no line in the list: its error goes to the fields for a new one.
    let new_id = typed("id");
    let own =
        (!new_id.trim().is_empty()).then(|| tried.error(&field(kind, new_id.trim()))).flatten();
    let id_error = tried.error(&format!("new-{setting}-id"));
    let section_error = tried.error(setting).map(|words| {
        view! { <Notice kind=NoticeKind::Failed>{words}</Notice> }
    });
    view! {
        <section class="panel" aria-labelledby=format!("{setting}-title")>
            <h2 id=format!("{setting}-title")>{title}</h2>
            <div class="panel-body">
                {section_error}
                {empty}
                <ul class="plain-list names-list">{rows}</ul>
                <div class="names-new">
                    <Field
                        label=another name=ids id=format!("{setting}-new-id") value=new_id
                        error=id_error help="As the source writes it."
                    />
                    <Field
                        label="Its name" name=names id=format!("{setting}-new-name")
                        value=typed("name") error=own
                        help="1 to 80 characters. Leave it empty to remove the name; reports keep \
                              the id."
                    />
                </div>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_and_what_is_named_has_a_field() {
        let mut settings = Settings::default();
        settings.flows.insert("B2C_1_<up>".to_owned(), "Sign-up".to_owned());
        settings.apps.insert("gone".to_owned(), "Old shop".to_owned());
        let held = Current { version: 3, settings };
        let seen = |id: &str, attempts| SeenId { id: id.to_owned(), attempts };
        let flows = vec![seen("B2C_1_<up>", 1_234), seen("B2C_1_in", 1)];
        let html =
            Owner::new().with(|| form(&held, flows, Vec::new(), &Outcome::default()).to_html());
        for part in [
            "name=\"version\" value=\"3\"",
            "value=\"Sign-up\"",
            "B2C_1_&lt;up",
            "1,234 attempts",
            "1 attempt in",
            "value=\"Old shop\"",
            "Not seen",
            "Id of another app",
            "flow_names[]",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(!html.contains("<up>"));
    }
}
