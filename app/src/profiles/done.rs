//! Panels of fraud reports, blocks and bypasses.

use super::view::SubjectKind;
use crate::fraud_alerts::{action_name, block_form, report_path};
use crate::names::channel_name;
use crate::ui::{ButtonLink, Empty, Panel, When, listed};
use crate::zone::{moment, until};
use chrono::{DateTime, Utc};
use domain::blocks::value_text;
use domain::workbook::Sight;
use leptos::prelude::*;
use store::blocks::{Block, End};
use store::bypasses::Bypass;
use store::fraud_reports::Row as Report;

#[component]
pub(super) fn ReportsPanel(
    what: SubjectKind,
    reports: Vec<Report>,
    sight: Sight,
    now: DateTime<Utc>,
) -> impl IntoView {
    let items = reports
        .into_iter()
        .map(|report| {
            let whose = (what != SubjectKind::User)
                .then(|| format!(" of {}", sight.text_owned(&report.user)));
            let handled = if report.handled.is_some() { ", handled" } else { "" };
            let action = action_name(report.action).to_lowercase();
            view! {
                <li>
                    <a href=report_path(report.id)>"Report"{whose}</a>" "<When time=report.time now/>
                    " by "{channel_name(report.channel).to_lowercase()}": "{action}{handled}
                </li>
            }
        })
        .collect::<Vec<_>>();
    let body = listed(items, "Nobody reported fraud here.");
    view! { <Panel by="reports-title" title="Fraud reports">{body}</Panel> }
}

/// Blocks and bypasses, active and ended.
#[component]
pub(super) fn GuardsPanel(
    what: SubjectKind,
    /// Whom each block is about, and the block.
    blocks: Vec<(String, Block)>,
    bypasses: Vec<Bypass>,
    /// Handle for the block form; `None` if the user may not block.
    handle: Option<String>,
    sight: Sight,
    now: DateTime<Utc>,
) -> impl IntoView {
    let (verb, title) = match what {
        SubjectKind::User => ("Block the user", "Blocks and bypasses"),
        SubjectKind::Number => ("Block the number", "Blocks and bypasses"),
        SubjectKind::Ip => ("Block the address", "Blocks"),
    };
    let never = match what {
        SubjectKind::Ip => "Never blocked.",
        SubjectKind::User | SubjectKind::Number => "Never blocked, and no bypasses.",
    };
    let blocks =
        blocks.into_iter().map(|(whom, row)| block(whom, row, sight, now)).collect::<Vec<_>>();
    let bypasses = bypasses.into_iter().map(|row| bypass(row, sight, now)).collect::<Vec<_>>();
    let body = if blocks.is_empty() && bypasses.is_empty() {
        view! { <Empty>{never}</Empty> }.into_any()
    } else {
        view! { <ul class="plain-list spaced">{blocks}{bypasses}</ul> }.into_any()
    };
    let act = handle.map(|handle| {
        view! {
            <div class="panel-body acts">
                <ButtonLink href=block_form(&handle, None)>{verb}</ButtonLink>
            </div>
        }
    });
    view! { <Panel by="guards-title" title>{body}{act}</Panel> }
}

fn block(whom: String, row: Block, sight: Sight, now: DateTime<Utc>) -> impl IntoView {
    let (class, state) = match (row.is_live(now), row.only_channel) {
        (false, _) => ("outcome", "Block ended".to_owned()),
        (true, None) => ("outcome blocked", "Blocked".to_owned()),
        (true, Some(channel)) => ("outcome warning", format!("Only {}", channel_name(channel))),
    };
    let until = until(row.until);
    let end = row.ended(now).map(|end| ended(end, sight, now));
    view! {
        <li class="guard">
            <span class=class>{state}</span>" "<b>{whom}</b>
            <small>"Since "{moment(row.since)}", "{until}", by "{sight.text_owned(&row.by)}": "{sight.text_owned(&row.reason)}</small>
            {end}
        </li>
    }
}

fn bypass(row: Bypass, sight: Sight, now: DateTime<Utc>) -> impl IntoView {
    let whom = value_text(row.kind, &row.value, sight);
    let (class, state) = match (row.is_live(now), row.used) {
        (true, _) => ("outcome verified", "Let through once".to_owned()),
        (false, Some(_)) => ("outcome", "Bypass used".to_owned()),
        (false, None) => ("outcome", "Bypass expired".to_owned()),
    };
    let used = row.used.map(|used| view! { <small>"Used "<When time=used now/></small> });
    let end = row.ended(now).map(|end| ended(end, sight, now));
    view! {
        <li class="guard">
            <span class=class>{state}</span>" "<b>{whom}</b>
            <small>"Since "{moment(row.since)}", until "{moment(row.until)}", by "{sight.text_owned(&row.by)}": "{sight.text_owned(&row.reason)}</small>
            {used}{end}
        </li>
    }
}

fn ended(end: End, sight: Sight, now: DateTime<Utc>) -> AnyView {
    let (by, why) = (sight.text_owned(&end.by), sight.text_owned(&end.reason));
    view! { <small>"Ended "<When time=end.time now/>" by "{by}": "{why}</small> }.into_any()
}
