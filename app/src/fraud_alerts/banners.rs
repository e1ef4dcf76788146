//! Warnings above the tabs: a set-up that is not complete, and automatic blocking that stopped.

use super::{given::PageData, view::Tab};
use crate::ui::{Button, ButtonKind, Field, FormResult, Hidden, Notice, NoticeKind, When};
use domain::alert_warnings::{Around, Warning, heading, warnings};
use domain::{fraud_alerts::Settings, notify::AlertKind};
use engine::attack_signs::{Stopped, stopped};
use islands::text::counted;
use leptos::prelude::*;

/// `None` if the store fails: the page itself reports that.
pub(super) async fn banners(given: &PageData) -> Option<AnyView> {
    let (engine, tab) = (&given.visit.engine, given.view.tab);
    let pool = engine.db.read();
    let settings = crate::saving::current::<Settings>(engine).await.ok()?.settings;
    let told = async |kind| store::recipients::count_of(pool, kind).await.ok();
    let around = Around {
        told_of_reports: told(AlertKind::FraudReport).await?,
        told_of_blocks: told(AlertKind::Block).await?,
        sends_mail: engine.notify.sends_mail(),
        has_links: engine.notify.has_links(),
    };
    let stopped = stopped(&engine.db).await.ok()?;
    let stopped = stopped.filter(|_| matches!(tab, Tab::Reports | Tab::Blocked));
    let warnings = Some(warnings(&settings, around));
    let warnings = warnings.filter(|_| matches!(tab, Tab::Reports | Tab::Settings));
    let shown = view! {
        <div class="banners">
            <FormResult tried=given.visit.tried.of("lift")/>
            {stopped.map(|stopped| breaker(stopped, given))}
            {warnings.filter(|warnings| !warnings.is_empty()).map(set_up)}
        </div>
    };
    Some(shown.into_any())
}

fn set_up(warnings: Vec<Warning>) -> impl IntoView {
    let title = heading(&warnings);
    let items = warnings
        .into_iter()
        .map(|warning| {
            let remedy = warning.remedy.map(|(href, words)| {
                view! { " "<a href=href>{words}</a> }
            });
            view! { <li>{warning.text}{remedy}</li> }
        })
        .collect_view();
    view! {
        <Notice kind=NoticeKind::Warning>
            <b>{title}</b>
            <ul class="plain-list">{items}</ul>
        </Notice>
    }
}

/// Automatic blocking that stopped, and the form to lift its blocks.
fn breaker(stopped: Stopped, given: &PageData) -> impl IntoView + use<> {
    let now = given.visit.now;
    let reports = counted(stopped.broken.reports.unsigned_abs(), "report", "reports");
    let words = if stopped.now {
        format!(
            "Automatic blocking has stopped: more users than the setting allows reported fraud within 10 minutes. {reports} since then blocked nobody."
        )
    } else {
        format!(
            "Automatic blocking had stopped for a while and is active again. {reports} in that \
             time blocked nobody."
        )
    };
    let count = stopped.blocks.len() as u64;
    let tried = given.visit.tried.of("lift");
    let lift = (given.visit.guards && count > 0).then(|| {
        let users = counted(count, "user", "users");
        let error = tried.error("reason");
        let open = error.is_some();
        let hidden = vec![
            ("from".to_owned(), stopped.from.to_rfc3339()),
            ("to".to_owned(), now.to_rfc3339()),
        ];
        view! {
            <details class="act" open=open>
                <summary>{format!("Unblock {users}")}</summary>
                <form class="form" method="post" action="/_fn/lift-blocks">
                    <Hidden values=hidden/>
                    <Field
                        label="Reason" name="reason" id="lift-reason" value=tried.value("reason") error
                        help=format!("Unblocks all users blocked automatically by reports since {}.", crate::zone::moment(stopped.from))
                        required=true
                    />
                    <div class="form-end">
                        <Button kind=ButtonKind::Danger>{format!("Unblock {users}")}</Button>
                    </div>
                </form>
            </details>
        }
    });
    view! {
        <Notice kind=NoticeKind::Warning>
            {words} " The last came in "<When time=stopped.broken.last now/>"."
            {lift}
        </Notice>
    }
}
