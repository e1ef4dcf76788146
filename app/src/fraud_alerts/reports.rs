//! The tab of reports.

use super::filters::{action_name, form};
use super::listing::{READ, Steps, cut, first};
use super::worn::{Mark, list};
use super::{given::PageData, links::report_path};
use crate::ui::{Empty, LongText, Notice, NoticeKind, Panel, Table, Th, When, none};
use crate::{names::channel_name, profiles::links};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fraud_alerts::Action;
use engine::attack_signs::worn_down;
use islands::text::counted;
use leptos::prelude::*;
use std::collections::HashMap;
use store::After;
use store::fraud_reports::{Filter, Row};

/// Days of prompts.
const DAYS: i64 = 30;

pub(super) async fn panel(given: &PageData) -> store::Result<AnyView> {
    let now = given.visit.now;
    let pool = given.visit.engine.db.read();
    let asked = given.view.asked(&given.key, now);
    let users = match &asked.user {
        Some(name) => Some(store::aliases::names_of(pool, name).await?),
        None => None,
    };
    let filter = Filter {
        action: asked.action,
        users,
        channel: asked.channel,
        from: Some(asked.period.from),
        to: Some(asked.period.to),
        handled: asked.handled,
    };
    let after = given.view.place();
    let mut rows = store::fraud_reports::list(pool, &filter, after, READ).await?;
    let worn = worn_down(&given.visit.engine.db, now - TimeDelta::days(DAYS)).await?;
    let marks: HashMap<String, String> = worn
        .iter()
        .map(|worn| (domain::events::fold_user(&worn.user), worn.fatigue.mark()))
        .collect();
    let on = cut(&mut rows, |row| given.view.after(After { time: row.received, id: row.id }));
    let body = if rows.is_empty() {
        nothing(given).into_any()
    } else {
        table(rows, &marks, given, now, on).into_any()
    };
    let misread = (!asked.invalid.fields.is_empty()).then(|| {
        view! {
            <Notice kind=NoticeKind::Warning>
                "The range could not be read; the last 30 days are shown."
            </Notice>
        }
    });
    let worn_first = after.is_none() && !worn.is_empty() && !given.view.is_filtered();
    Ok(view! {
        {misread}
        <div class="panels">
            {worn_first.then(|| list(worn, given))}
            {form(given)}
            <Panel by="reports-title" title="Fraud reports">{body}</Panel>
        </div>
    }
    .into_any())
}

const COLUMNS: [&str; 8] =
    ["Received", "User", "Channel", "Number", "IP address", "Action", "Until", "Handled"];

fn table(
    rows: Vec<Row>,
    marks: &HashMap<String, String>,
    given: &PageData,
    now: DateTime<Utc>,
    on: Option<String>,
) -> impl IntoView + use<> {
    let shown = counted(rows.len() as u64, "report", "reports");
    let rows = rows
        .into_iter()
        .map(|row| {
            let mark = marks.get(&row.user_key).cloned();
            line(row, mark, given, now)
        })
        .collect::<Vec<_>>();
    let first = first(given);
    view! {
        <Table
            caption="Fraud reports, newest first" by="reports-title" table="list log reports"
            heads=COLUMNS.map(Th::left)
        >{rows}</Table>
        <Steps of="reports" shown first next=on/>
    }
}

fn line(
    row: Row,
    mark: Option<String>,
    given: &PageData,
    now: DateTime<Utc>,
) -> impl IntoView + use<> {
    let (key, sight) = (&given.key, given.visit.sight);
    let page = |href: String, text: String| view! { <a href=href>{text}</a> }.into_any();
    let phone = row.phone.map(|phone| page(links::number(&key.number(phone)), sight.number(phone)));
    let phone = phone.unwrap_or_else(none);
    let ip = row.ip.map(|ip| page(links::ip(ip), ip.to_string())).unwrap_or_else(none);
    let user = links::user(&key.user(&row.user));
    let until = match (row.action, row.until) {
        (Action::NoAction, _) => none(),
        (Action::Blocked, Some(until)) => view! { <When time=until now/> }.into_any(),
        (Action::Blocked, None) => "unblocked".into_any(),
    };
    let class = if row.action == Action::Blocked { "outcome blocked" } else { "outcome" };
    let handled = match row.handled {
        Some(handled) => {
            view! { <When time=handled.at now/>" by "{sight.text_owned(&handled.by)} }.into_any()
        }
        None => view! { <span class="state warning">"Not yet"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=report_path(row.id)><When time=row.received now/></a>
            </th>
            <td class="name">
                <a href=user><LongText text=sight.text_owned(&row.user)/></a>
                {mark.map(|words| view! { <Mark words/> })}
            </td>
            <td>{channel_name(row.channel)}</td>
            <td class="figure">{phone}</td>
            <td class="figure">{ip}</td>
            <td><span class=class>{action_name(row.action)}</span></td>
            <td>{until}</td>
            <td class="detail">{handled}</td>
        </tr>
    }
}

fn nothing(given: &PageData) -> impl IntoView + use<> {
    if given.view.is_filtered() {
        return view! {
            <Empty>"No report in this range matches. "<a href=super::PATH>"Clear the filters"</a> "."</Empty>
        }
        .into_any();
    }
    let settings = super::view::Tab::Settings.path();
    view! {
        <Empty>
            "No reports in this range. Users can report when that is allowed in the "
            <a href=settings>"settings"</a> "."
        </Empty>
    }
    .into_any()
}
