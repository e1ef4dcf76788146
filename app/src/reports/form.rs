//! The form of one report: a plain GET, answered by the file or by the page with what is wrong.

use super::view::View;
use crate::names::channel_name;
use crate::ui::{Field, Icon, Notice, NoticeKind, Select};
use domain::bucket::Bucket;
use domain::conversion::By;
use domain::period::RANGES;
use domain::reports::{Format, Report, filters_of};
use domain::signins::{outcome_words, reason_words};
use domain::workbook::Sight;
use domain::{Channel, Invalid, Kind, Reason};
use islands::text::{capital, sentence};
use leptos::prelude::*;

/// The chosen report and what can be asked of it.
#[component]
pub(super) fn ExportForm(view: View, invalid: Invalid, sight: Sight) -> impl IntoView {
    let report = view.report;
    let error = {
        let invalid = invalid.clone();
        move |field: &str| invalid.of(field).map(sentence)
    };
    let columns: Vec<_> = report.columns().iter().map(|column| column.name).collect();
    // What spreadsheets open as it is comes first.
    let mut formats = Format::ALL.to_vec();
    formats.sort_by_key(|format| *format != Format::Xlsx);
    let formats = formats.iter().map(|format| (format.to_string(), format.name().to_owned()));
    let none = ("".to_owned(), "30 days, or the times below".to_owned());
    let ranges = RANGES.iter().map(|(name, minutes)| ((*name).to_owned(), length(*minutes)));
    let ranges = std::iter::once(none).chain(ranges);
    let clock = |field: &str| local(view.value(field));
    view! {
        <section class="panel" aria-labelledby="form">
            <h2 id="form" tabindex="-1">{report.title()}</h2>
            <p class="report-holds">
                {report.sentence()} " Columns: " <span class="report-columns">{columns.join(", ")}</span> "."
            </p>
            <Unasked invalid=invalid.clone() report/>
            <form class="export-form" method="get" action=format!("/export/{report}")>
                // CSV is opened with Excel, which takes it for UTF-8 only by its mark.
                <input type="hidden" name="bom" value="1"/>
                <Select
                    label="Format" name="format" options=formats.collect() value=view.value("format")
                    error=error("format")
                />
                <Select
                    label="Range" name="range" options=ranges.collect() value=view.value("range")
                    error=error("range")
                />
                <Field
                    label="From (UTC)" name="from" kind="datetime-local" value=clock("from")
                    error=error("from") step="1" help="In place of a range."
                />
                <Field
                    label="To (UTC)" name="to" kind="datetime-local" value=clock("to") error=error("to")
                    step="1" help="Not included itself; now when empty."
                />
                <Field
                    label="As of (UTC)" name="as_of" kind="datetime-local" value=clock("as_of")
                    error=error("as_of") step="1"
                    help="What came in later does not count; now when empty."
                />
                <Choices view=view.clone() invalid sight/>
                <div class="filters-end">
                    <button class="button primary"><Icon name="download"/>"Download"</button>
                </div>
            </form>
        </section>
    }
}

/// What is wrong with names that the form has no field for.
#[component]
fn Unasked(invalid: Invalid, report: Report) -> impl IntoView {
    const FIELDS: &[&str] = &["format", "range", "from", "to", "as_of", "bucket", "by"];
    let shown = |field: &str| FIELDS.contains(&field) || filters_of(report).contains(&field);
    let others = invalid.fields.iter().filter(|error| !shown(&error.field));
    let words: Vec<_> =
        others.map(|error| format!("“{}” {}.", error.field, error.message)).collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Failed>{words.join(" ")}</Notice> })
}

/// The filters that the report takes, and how its rows are told apart.
#[component]
fn Choices(view: View, invalid: Invalid, sight: Sight) -> impl IntoView {
    let report = view.report;
    let error = move |field: &str| invalid.of(field).map(sentence);
    let text = |label: &'static str, name: &'static str, help: &'static str| {
        let (value, error) = (view.value(name).to_owned(), error(name));
        view! { <Field label name value help error/> }.into_any()
    };
    let list = |label: &'static str, name: &'static str, options: Vec<(String, String)>| {
        let (value, error) = (view.value(name).to_owned(), error(name));
        view! { <Select label name options value error/> }.into_any()
    };
    let mut fields: Vec<AnyView> = Vec::new();
    match report {
        Report::FailuresBy(_) => {
            let steps = Bucket::ALL.iter().map(|one| (one.to_string(), capital(one.name())));
            fields.push(list("Step", "bucket", with_none("Chosen by the range", steps)));
        }
        Report::Conversion => {
            let words = By::ALL.iter().map(|by| (by.to_string(), by.name().to_owned()));
            fields.push(list("By", "by", words.collect()));
        }
        Report::Tile(_) | Report::FlowFailures | Report::Log(_) => {}
    }
    for name in filters_of(report) {
        fields.push(match *name {
            // Where nothing has one it would choose nothing.
            "channel" if filters_of(report).len() == 1 => continue,
            "channel" => {
                let some =
                    Channel::ALL.iter().map(|one| (one.to_string(), channel_name(*one).to_owned()));
                list("Channel", "channel", with_none("All channels", some))
            }
            "user" => text("User", "user", "As signed in, or a handle (u_…)."),
            "number" if sight == Sight::Whole => {
                text("Number", "number", "Such as +14155550100, or a handle (n_…).")
            }
            "number" => {
                // What was typed is not shown again: digits are not looked up in this role.
                let value = Some(view.value("number")).filter(|text| text.starts_with("n_"));
                let (value, error) = (value.unwrap_or_default().to_owned(), error("number"));
                let help = "A handle (n_…), as links to a number have it.";
                view! { <Field label="Number" name="number" value help error/> }.into_any()
            }
            "ip" => text("IP address", "ip", ""),
            "flow" => text("Flow", "flow", "Its name, to the letter."),
            "browser" => text("Browser", "browser", "Its family, such as Chrome Mobile."),
            "region" => text("Region", "region", "Such as DE, or 001."),
            "reason" => {
                let some =
                    Reason::ALL.iter().map(|one| (one.to_string(), capital(reason_words(*one))));
                list("Reason", "reason", with_none("All reasons", some))
            }
            "outcome" => {
                let some =
                    Kind::ALL.iter().map(|one| (one.to_string(), outcome_words(*one).to_owned()));
                list("Outcome", "outcome", with_none("All outcomes", some))
            }
            _ => continue,
        });
    }
    fields
}

fn with_none(none: &str, some: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned())).chain(some).collect()
}

/// A range in words.
fn length(minutes: i64) -> String {
    let words = crate::ui::when::length(chrono::TimeDelta::minutes(minutes));
    format!("Last {words}")
}

/// A time as `<input type="datetime-local">` takes it; what is none stays as it was typed.
fn local(typed: &str) -> String {
    domain::period::parse_time(typed)
        .map_or_else(|_| typed.to_owned(), |time| time.format("%Y-%m-%dT%H:%M:%S").to_string())
}
