//! Data about a report: its attempt, the user's prompts and other reports.

use super::{filters::action_name, links::report_path};
use crate::names::{FlowName, channel_name};
use crate::sign_ins::{Outcome, attempt_path, of_ip, of_number, of_user};
use crate::ui::{Empty, Panel, When, listed};
use crate::{profiles::links, zone::moment};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{fatigue::Fatigue, fraud_alerts::Action, workbook::Sight};
use engine::signins::{LinkedName, SignIn};
use engine::{Engine, attack_signs::prompts_of};
use leptos::prelude::*;
use store::{blocks::Block, fraud_reports::Row, signs::Prompt};
use uuid::Uuid;

/// Maximum number of other reports and of prompts shown.
const SHOWN: usize = 20;
/// Days of prompts before the report.
const DAYS: i64 = 30;

/// A report and related data.
#[derive(Debug, Clone)]
pub(super) struct ReportContext {
    pub(super) row: Row,
    pub(super) attempt: Option<SignIn>,
    /// The user's active block.
    pub(super) block: Option<Block>,
    pub(super) earlier: Vec<Row>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) fatigue: Option<Fatigue>,
    user: LinkedName,
    number: Option<LinkedName>,
}

impl ReportContext {
    /// `None` if there is no such report.
    pub(super) async fn load(
        engine: &Engine,
        id: Uuid,
        sight: Sight,
    ) -> Result<Option<Self>, engine::Error> {
        let pool = engine.db.read();
        let Some(row) = store::fraud_reports::get(pool, id).await? else { return Ok(None) };
        let key = engine.handles.key().await?;
        let names = store::aliases::names_of(pool, &row.user_key).await?;
        let earlier = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
        let mut earlier = store::fraud_reports::by_user(pool, &names, earlier).await?;
        earlier.retain(|other| other.id != id);
        earlier.truncate(SHOWN);
        let since = row.time - TimeDelta::days(DAYS);
        let (prompts, fatigue) = prompts_of(&engine.db, &names, since).await?;
        let attempt = engine::signins::attempt(engine, row.attempt, sight).await?;
        let named = |text, handle| LinkedName { text, handle };
        let number = row.phone.map(|phone| named(sight.number(phone), key.number(phone)));
        Ok(Some(Self {
            attempt: attempt.map(|(attempt, _)| attempt),
            block: engine::blocks::of_user(&engine.db, &row.user_key).await?,
            user: named(sight.text_owned(&row.user), key.user(&row.user)),
            number,
            earlier,
            prompts,
            fatigue,
            row,
        }))
    }
}

fn fact(label: &'static str, value: impl IntoView + 'static) -> AnyView {
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// The report, completed from its attempt.
#[component]
pub(super) fn Facts(around: ReportContext, sight: Sight, now: DateTime<Utc>) -> impl IntoView {
    let ReportContext { row, attempt, user, number, .. } = around;
    let from_attempt = attempt.clone();
    let ip = row.ip.or(from_attempt.as_ref().and_then(|attempt| attempt.ip));
    let flow = row
        .flow
        .map(|flow| sight.text_owned(&flow))
        .or(from_attempt.as_ref().and_then(|attempt| attempt.flow.clone()));
    let number = number.or(from_attempt.as_ref().and_then(|attempt| attempt.number.clone()));
    let region = from_attempt.as_ref().and_then(|attempt| attempt.region);
    let browser = from_attempt.and_then(|attempt| attempt.browser);
    let until = match (row.action, row.until) {
        (Action::NoAction, _) => String::new(),
        (Action::Blocked, Some(until)) => format!(" until {}", moment(until)),
        (Action::Blocked, None) => " until unblocked".to_owned(),
    };
    let broken = if row.broken { " (automatic blocking had stopped)" } else { "" };
    let action = format!("{}{until}{broken}", action_name(row.action));
    let attempt = attempt.map(|attempt| {
        let href = attempt_path(attempt.id);
        fact("Attempt", view! { <Outcome kind=attempt.outcome/>" "<a href=href>"View attempt"</a> })
    });
    let number = number.map(|LinkedName { text, handle }| {
        fact("Number", view! { <a href=links::number(&handle)>{text}</a>" "<a href=of_number(&handle)>"Its sign-ins"</a> })
    });
    let ip = ip.map(|ip| {
        fact("IP address", view! { <a href=links::ip(ip)>{ip.to_string()}</a>" "<a href=of_ip(ip)>"Its sign-ins"</a> })
    });
    view! {
        <Panel by="facts-title" title="The report">
            <dl class="facts">
                {fact("User", view! { <a href=links::user(&user.handle)>{user.text}</a>" "<a href=of_user(&user.handle)>"Their sign-ins"</a> })}
                {fact("Reported", view! { {moment(row.time)}" ("<When time=row.time now/>")" })}
                {fact("Channel", channel_name(row.channel))}
                {fact("Action", action)}
                {attempt}
                {number}
                {region.map(|region| fact("Region", region.to_string()))}
                {ip}
                {browser.map(|browser| fact("Browser", browser))}
                {flow.map(|id| fact("Flow", view! { <FlowName id/> }))}
                {row.journey.map(|journey| fact("Journey", view! { <code>{sight.text_owned(&journey)}</code> }))}
                {row.note.map(|note| fact("Note", sight.text_owned(&note)))}
                {fact("Report’s id", view! { <code>{sight.text_owned(&row.external_id)}</code> })}
            </dl>
        </Panel>
    }
}

#[component]
pub(super) fn Prompts(around: ReportContext, now: DateTime<Utc>) -> impl IntoView {
    let all = around.prompts.len();
    let items = around
        .prompts
        .into_iter()
        .take(SHOWN)
        .map(|prompt| {
            let from = prompt.ip.map(|ip| format!(" from {ip}"));
            let answer = prompt.answer.filter(|answer| *answer != prompt.outcome);
            let answer = answer.map(|kind| view! { <Outcome kind/>", then " });
            view! {
                <li>
                    <a href=attempt_path(prompt.attempt)><When time=prompt.time now/></a>
                    " "{answer}<Outcome kind=prompt.outcome/>{from}
                </li>
            }
        })
        .collect::<Vec<_>>();
    let body = if items.is_empty() {
        view! { <Empty>"The user was sent no push prompts."</Empty> }.into_any()
    } else {
        let more = all.saturating_sub(SHOWN);
        let more = (more > 0).then(|| view! { <li>{format!("and {more} before")}</li> });
        view! { <ul class="plain-list spaced">{items}{more}</ul> }.into_any()
    };
    view! { <Panel by="prompts-title" title="Push prompts in the 30 days before">{body}</Panel> }
}

#[component]
pub(super) fn Earlier(around: ReportContext, now: DateTime<Utc>) -> impl IntoView {
    let items = around
        .earlier
        .into_iter()
        .map(|row| {
            let action = action_name(row.action).to_lowercase();
            view! {
                <li>
                    <a href=report_path(row.id)><When time=row.received now/></a>
                    " by "{channel_name(row.channel).to_lowercase()}": "{action}
                </li>
            }
        })
        .collect::<Vec<_>>();
    let body = listed(items, "The user reported nothing else.");
    view! { <Panel by="earlier-title" title="Other reports of the user">{body}</Panel> }
}
