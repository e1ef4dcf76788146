//! The tab of names: users with several names.

use super::listing::{READ, Steps, cut};
use super::{given::PageData, links::PATH, view::Tab};
use crate::form::Outcome;
use crate::ui::{Button, Empty, Field, FormResult, Hidden, Panel, When, needed_field};
use chrono::{DateTime, Utc};
use domain::{handles::Handle, query::href};
use leptos::prelude::*;
use store::aliases::Name;
use uuid::Uuid;

pub(super) async fn panel(given: &PageData) -> store::Result<AnyView> {
    let now = given.visit.now;
    let pool = given.visit.engine.db.read();
    let whom = match given.view.whom(&given.key) {
        Some(Handle::User(name)) => Some(name),
        Some(Handle::Number(number)) => Some(number.to_string()),
        None => None,
    };
    let after = given.view.text("after").parse::<Uuid>().ok();
    let mut users = match &whom {
        Some(name) => {
            let names = store::aliases::person_of(pool, name).await?;
            if names.len() > 1 { vec![names] } else { Vec::new() }
        }
        None => store::aliases::list(pool, after, READ).await?,
    };
    let on = cut(&mut users, |names| {
        let person = names.first().map(|name| name.person.to_string()).unwrap_or_default();
        href(PATH, [("tab", "names"), ("after", &*person)])
    });
    let tried = given.visit.tried.of("join");
    let parted = given.visit.tried.of("part");
    let shown = whom.map(|name| given.visit.sight.text_owned(&name));
    let body = if users.is_empty() {
        nothing(shown.is_some()).into_any()
    } else {
        list(users, given, now, on).into_any()
    };
    Ok(view! {
        <div class="panels">
            <FormResult tried=tried.clone()/>
            <FormResult tried=parted wrong=&["name"]/>
            {given.visit.guards.then(|| view! { <JoinForm tried/> })}
            {find(shown)}
            <Panel by="names-title" title="Users with more than one name">{body}</Panel>
        </div>
    }
    .into_any())
}

#[component]
fn JoinForm(tried: Outcome) -> impl IntoView {
    view! {
        <Panel id="join" by="join-title" title="Join two names">
            <form class="form panel-body" method="post" action="/_fn/join-names">
                {needed_field(&tried, "Name", "name", "A sign-in name or an object id.")}
                {needed_field(&tried, "Other name of the same user", "other", "A block of one name applies to all of them.")}
                <div class="form-end"><Button>"Join"</Button></div>
            </form>
        </Panel>
    }
}

fn find(shown: Option<String>) -> impl IntoView {
    let value = shown.unwrap_or_default();
    let clear = (!value.is_empty()).then(|| view! { <a href=Tab::Names.path()>"Show all"</a> });
    view! {
        <form class="filters short" role="search" aria-label="Find a user" method="get" action=super::PATH>
            <input type="hidden" name="tab" value="names"/>
            <Field label="User" name="of" kind="search" value/>
            <div class="filters-end"><Button>"Find"</Button></div>
            {clear}
        </form>
    }
}

fn list(
    users: Vec<Vec<Name>>,
    given: &PageData,
    now: DateTime<Utc>,
    on: Option<String>,
) -> impl IntoView + use<> {
    let items = users
        .into_iter()
        .map(|names| {
            let names = names.into_iter().map(|name| line(name, given, now)).collect::<Vec<_>>();
            view! { <li><ul class="plain-list">{names}</ul></li> }
        })
        .collect::<Vec<_>>();
    let first = (!given.view.text("after").is_empty()).then(|| Tab::Names.path());
    view! {
        <ol class="name-list">{items}</ol>
        <Steps of="names" first next=on words=["First", "More"]/>
    }
}

fn line(name: Name, given: &PageData, now: DateTime<Utc>) -> impl IntoView + use<> {
    let shown = given.visit.sight.text_owned(&name.shown);
    let part = given.visit.guards.then(|| {
        view! {
            <form method="post" action="/_fn/part-name">
                <Hidden values=vec![("name".to_owned(), name.name.clone())]/>
                <button class="button" aria-label=format!("Split {shown}")>"Split"</button>
            </form>
        }
    });
    view! {
        <li class="name-line">
            <span><b>{shown.clone()}</b>" since "<When time=name.since now/>", by "{given.visit.sight.text_owned(&name.by)}</span>
            {part}
        </li>
    }
}

fn nothing(searched: bool) -> impl IntoView {
    if searched {
        view! { <Empty>"This name is not joined to another. "<a href=Tab::Names.path()>"Show all"</a> "."</Empty> }
            .into_any()
    } else {
        view! {
            <Empty>
                "No user has more than one name. Names are joined by events that carry two, or here."
            </Empty>
        }
        .into_any()
    }
}
