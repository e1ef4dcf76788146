//! The recent exports, from the audit log.

use crate::page::log_load_error;
use crate::ui::{Empty, Table, Th, When};
use chrono::{DateTime, Utc};
use domain::audit::Activity;
use domain::workbook::Sight;
use engine::Engine;
use leptos::prelude::*;
use serde_json::Value;
use store::audit::Filter;

/// Most exports that are shown.
const SHOWN: i64 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Export {
    time: DateTime<Utc>,
    who: String,
    report: String,
    format: String,
    range: String,
    further: String,
}

/// The newest exports, or a message in their place.
pub(super) async fn recent(engine: Engine, sight: Sight) -> AnyView {
    let activity = Some(Activity::Exported.as_str().to_owned());
    let filter = Filter { activity, ..Filter::default() };
    let found = store::audit::list(engine.db.read(), &filter, None, SHOWN).await;
    let now = engine.clock().now();
    match found {
        Ok(rows) if rows.is_empty() => view! { <Empty>"No exports yet."</Empty> }.into_any(),
        Ok(rows) => {
            let exports = rows.into_iter().map(|row| {
                let entry = row.entry;
                let after = entry.after.unwrap_or_default();
                let actor = sight.text_owned(&entry.actor);
                read(entry.time, actor, entry.object, &sight.document(&after))
            });
            table(exports.collect(), now)
        }
        Err(error) => {
            let what = "The recent exports could not be read.";
            log_load_error("recent exports", &error).view(what, super::view::PATH)
        }
    }
}

/// Reads an audit entry; missing values are empty.
fn read(time: DateTime<Utc>, who: String, report: String, after: &str) -> Export {
    let after: Value = serde_json::from_str(after).unwrap_or_default();
    let text = |name: &str| after[name].as_str().unwrap_or_default().to_owned();
    let short = |name: &str| {
        let time = domain::period::parse_time(&text(name));
        time.map_or_else(|_| text(name), |time| time.format("%Y-%m-%d %H:%M").to_string())
    };
    let mut further = Vec::new();
    if let Some(filters) = after["filters"].as_object() {
        for (name, value) in filters {
            let value = value.as_str().unwrap_or_default();
            // A handle is long and means nothing to people.
            let value =
                if value.starts_with("n_") || value.starts_with("u_") { "one" } else { value };
            further.push(format!("{name} {value}"));
        }
    }
    for name in ["bucket", "by"] {
        let value = text(name);
        if !value.is_empty() {
            further.push(format!("{name} {value}"));
        }
    }
    let range = format!("{} – {}", short("from"), short("to"));
    Export { time, who, report, format: text("format"), range, further: further.join(", ") }
}

fn table(exports: Vec<Export>, now: DateTime<Utc>) -> AnyView {
    let rows = exports
        .into_iter()
        .map(|Export { time, who, report, format, range, further }| {
            let further = if further.is_empty() { "–".to_owned() } else { further };
            view! {
                <tr>
                    <td><When time now/></td>
                    <td class="name">{who}</td>
                    <td>{report}</td>
                    <td>{format}</td>
                    <td class="report-range">{range}</td>
                    <td class="report-further">{further}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Recent exports, newest first" by="recent" table="list exports" heads=[
            Th::left("When"), Th::left("Who"), Th::left("Report"), Th::left("Format"),
            Th::left("Range (UTC)"), Th::left("Filters"),
        ]>{rows}</Table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_told_in_a_line() {
        let time = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
        let told = r#"{"format":"pdf","from":"2026-11-01T00:00:00+00:00",
            "to":"2026-11-20T12:00:00+00:00","bucket":"1d",
            "filters":{"channel":"sms","number":"n_abc"}}"#;
        let export = read(time, "anna".into(), "failures-by-ip".into(), told);
        assert_eq!(export.range, "2026-11-01 00:00 – 2026-11-20 12:00");
        assert_eq!(export.further, "channel sms, number one, bucket 1d");
        let nothing = read(time, "anna".into(), "blocks".into(), "not json");
        assert_eq!((nothing.format.as_str(), nothing.further.as_str()), ("", ""));
    }
}
