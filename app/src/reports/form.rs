//! The form of one report: a GET that responds with the file, or with the page and its errors.

use super::view::View;
use crate::names::channel_name;
use crate::ui::range::range_name;
use crate::ui::{Field, Icon, NoticeKind, Select, all_or_one, notice_of};
use domain::bucket::Bucket;
use domain::conversion::By;
use domain::period::RANGES;
use domain::reports::{Format, Report, filters_of};
use domain::signins::outcome_words;
use domain::workbook::Sight;
use domain::{Channel, Invalid, Kind, Reason};
use islands::text::{capital, sentence};
use leptos::prelude::*;

/// The chosen report with its parameters.
#[component]
pub(super) fn ExportForm(view: View, invalid: Invalid, sight: Sight) -> impl IntoView {
    let report = view.report;
    let error = {
        let invalid = invalid.clone();
        move |field: &str| invalid.of(field).map(sentence)
    };
    let columns: Vec<_> = report.columns().iter().map(|column| column.name).collect();
    // First the format that spreadsheets open directly.
    let mut formats = Format::ALL.to_vec();
    formats.sort_by_key(|format| *format != Format::Xlsx);
    let formats = formats.iter().map(|format| (format.to_string(), format.name().to_owned()));
    let none = ("".to_owned(), "30 days, or the times below".to_owned());
    let ranges = RANGES
        .iter()
        .map(|(name, minutes)| ((*name).to_owned(), format!("Last {}", range_name(*minutes))));
    let ranges = std::iter::once(none).chain(ranges);
    let time = |label: &'static str, name: &'static str, help: &'static str| {
        let (value, error) = (local(view.value(name)), error(name));
        view! { <Field label name kind="datetime-local" value error step="1" help/> }
    };
    view! {
        <section class="panel" aria-labelledby="form">
            <h2 id="form" tabindex="-1">{report.title()}</h2>
            <p class="report-holds">
                {report.sentence()} " Columns: " <span class="report-columns">{columns.join(", ")}</span> "."
            </p>
            <Unasked invalid=invalid.clone() report/>
            <form class="export-form" method="get" action=format!("/export/{report}")>
                // Excel reads a CSV file as UTF-8 only if it has a byte order mark.
                <input type="hidden" name="bom" value="1"/>
                <Select
                    label="Format" name="format" options=formats.collect() value=view.value("format")
                    error=error("format")
                />
                <Select
                    label="Range" name="range" options=ranges.collect() value=view.value("range")
                    error=error("range")
                />
                {time("From (UTC)", "from", "Instead of a range.")}
                {time("To (UTC)", "to", "Exclusive. Empty: now.")}
                {time("As of (UTC)", "as_of", "Data received later is left out. Empty: now.")}
                <Choices view=view.clone() invalid sight/>
                <div class="filters-end">
                    <button class="button primary"><Icon name="download"/>"Download"</button>
                </div>
            </form>
        </section>
    }
}

/// Errors of parameters that the form has no field for.
#[component]
fn Unasked(invalid: Invalid, report: Report) -> impl IntoView {
    const FIELDS: &[&str] = &["format", "range", "from", "to", "as_of", "bucket", "by"];
    let shown = |field: &str| FIELDS.contains(&field) || filters_of(report).contains(&field);
    let others = invalid.fields.iter().filter(|error| !shown(&error.field));
    let words: Vec<_> =
        others.map(|error| format!("“{}” {}.", error.field, error.message)).collect();
    notice_of(NoticeKind::Failed, &words)
}

/// Fields for the filters and the grouping of the report.
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
            let label = |one: Bucket| capital(one.name());
            let steps = all_or_one("Automatic", Bucket::ALL, label);
            fields.push(list("Step", "bucket", steps));
        }
        Report::Conversion => {
            let words = By::ALL.iter().map(|by| (by.to_string(), by.name().to_owned()));
            fields.push(list("By", "by", words.collect()));
        }
        Report::Tile(_) | Report::FlowFailures | Report::Log(_) => {}
    }
    for name in filters_of(report) {
        fields.push(match *name {
            // Alone, it would match no row: such rows have no channel.
            "channel" if filters_of(report).len() == 1 => continue,
            "channel" => {
                let label = |one| channel_name(one).to_owned();
                list("Channel", "channel", all_or_one("All channels", Channel::ALL, label))
            }
            "user" => text("User", "user", "As signed in, or a handle (u_…)."),
            "number" if sight == Sight::Whole => {
                text("Number", "number", "Such as +14155550100, or a handle (n_…).")
            }
            "number" => {
                // Typed digits are not shown again, because this role may not look them up.
                let value = Some(view.value("number")).filter(|text| text.starts_with("n_"));
                let (value, error) = (value.unwrap_or_default().to_owned(), error("number"));
                let help = "A handle (n_…), as links to a number have it.";
                view! { <Field label="Number" name="number" value help error/> }.into_any()
            }
            "ip" => text("IP address", "ip", ""),
            "flow" => text("Flow", "flow", "Its exact name."),
            "browser" => text("Browser", "browser", "Its family, such as Chrome Mobile."),
            "region" => text("Region", "region", "Such as DE, or 001."),
            "reason" => {
                let label = |one: Reason| capital(one.words());
                list("Reason", "reason", all_or_one("All reasons", Reason::ALL, label))
            }
            "outcome" => {
                let label = |one| outcome_words(one).to_owned();
                list("Outcome", "outcome", all_or_one("All outcomes", Kind::ALL, label))
            }
            _ => continue,
        });
    }
    fields
}

/// A time for `<input type="datetime-local">`; an invalid one is shown as typed.
fn local(typed: &str) -> String {
    domain::period::parse_time(typed)
        .map_or_else(|_| typed.to_owned(), |time| time.format("%Y-%m-%dT%H:%M:%S").to_string())
}
