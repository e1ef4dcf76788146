//! The page `/reports`.

use super::form::ExportForm;
use super::recent::recent;
use super::view::{View, choose};
use crate::page::{Head, PageContext, frame, query};
use crate::ui::{Notice, NoticeKind, PageHead, Panel};
use domain::Invalid;
use domain::reports::{LogReport, Question, Report};
use domain::workbook::Sight;
use engine::Engine;
use leptos::prelude::*;

const HEAD: Head = Head {
    title: "Reports",
    line: "The figures of every page as a file: CSV, JSON, Excel or PDF.",
    failed: "Reports could not be read.",
};

/// All reports, the form of the chosen one, and the recent exports.
#[component]
pub(crate) fn ReportsPage() -> impl IntoView {
    let view = View::read(&query());
    frame(HEAD, |visit| parts(visit, view))
}

fn parts(visit: PageContext, view: View) -> AnyView {
    let PageContext { engine, sight, .. } = visit;
    let form = {
        let (engine, view) = (engine.clone(), view.clone());
        async move {
            let invalid = judged(&engine, &view, sight).await;
            view! { <ExportForm view invalid sight/> }
        }
    };
    view! {
        <PageHead title=HEAD.title line=HEAD.line/>
        {masks(sight)}
        <div class="reports-page">
            <Choice chosen=view.report/>
            <div class="panels">
                <Suspense fallback=|| ()>{Suspend::new(form)}</Suspense>
                <Panel by="recent" title="Recent exports">
                    <Suspense fallback=|| ()>{Suspend::new(recent(engine, sight))}</Suspense>
                </Panel>
            </div>
        </div>
    }
    .into_any()
}

/// Errors in the values of a refused form.
async fn judged(engine: &Engine, view: &View, sight: Sight) -> Invalid {
    if !view.refused {
        return Invalid::default();
    }
    let Ok(key) = engine.handles.key().await else { return Invalid::default() };
    match Question::read(view.report, &view.pairs(), &key, sight, engine.clock().now()) {
        Err(invalid) => invalid,
        Ok(question) if view.too_many => {
            engine::reports::too_many(question.format).unwrap_or_default()
        }
        Ok(_) => Invalid::default(),
    }
}

fn masks(sight: Sight) -> Option<impl IntoView> {
    (sight == Sight::Masked).then(|| {
        view! { <Notice kind=NoticeKind::Info>"Phone numbers are masked in your exports."</Notice> }
    })
}

/// The group of a report in the list.
fn group(report: Report) -> &'static str {
    match report {
        Report::Tile(_) | Report::FlowFailures | Report::FailuresBy(_) => "Failures",
        Report::Conversion | Report::Log(LogReport::Attempts) => "Attempts",
        Report::Log(_) => "Fraud, blocks and changes",
    }
}

/// The list of reports.
#[component]
fn Choice(chosen: Report) -> impl IntoView {
    let groups = ["Failures", "Attempts", "Fraud, blocks and changes"]
        .into_iter()
        .map(|name| {
            let reports = Report::ALL.iter().copied().filter(move |one| group(*one) == name);
            let items = reports
                .map(|report| {
                    let current = (report == chosen).then_some("true");
                    view! {
                        <li>
                            <a href=choose(report) aria-current=current>
                                <strong>{report.title()}</strong>
                                <span>{report.sentence()}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! { <h3>{name}</h3><ul>{items}</ul> }
        })
        .collect_view();
    view! {
        <nav class="panel report-list" aria-label="Reports">
            <h2>"Choose a report"</h2>
            {groups}
        </nav>
    }
}
