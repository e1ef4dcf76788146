//! Times in the page's zone or relative to now, the exact UTC time on hover.

use crate::zone;
use chrono::{DateTime, TimeDelta, Utc};
use domain::zone::{Style, Zone};
use leptos::prelude::*;

/// How long ago in words: `just now`, `5 minutes ago`, `3 days ago`; `in 2 hours` for what is to
/// come.
pub fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - time;
    let words = length(passed.abs());
    match passed {
        _ if passed.abs() < TimeDelta::seconds(10) => "just now".to_owned(),
        _ if passed > TimeDelta::zero() => format!("{words} ago"),
        _ => format!("in {words}"),
    }
}

/// A length of time in its largest unit: `1 second`, `40 minutes`, `12 days`.
pub fn length(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// What stands on hover: the exact time in UTC, and by the page's clocks where they differ.
pub fn hint(time: DateTime<Utc>) -> String {
    let zone = zone::current();
    let utc = Zone::utc().format(time, Style::Exact);
    if zone.is_utc() { utc } else { format!("{utc}, {}", zone.format(time, Style::Exact)) }
}

/// A time by the page's clocks, with the exact UTC time on hover and for machines.
#[component]
pub fn Time(
    /// The time.
    time: DateTime<Utc>,
    /// How it is written.
    #[prop(default = Style::Exact)]
    style: Style,
) -> impl IntoView {
    let shown = zone::current().format(time, style);
    view! { <time datetime=time.to_rfc3339() title=hint(time)>{shown}</time> }
}

/// A time, relative, with the exact UTC time on hover and for machines.
#[component]
pub fn When(
    /// The time.
    time: DateTime<Utc>,
    /// Now.
    now: DateTime<Utc>,
) -> impl IntoView {
    view! { <time datetime=time.to_rfc3339() title=hint(time)>{ago(time, now)}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_time_is_shown_and_utc_on_hover() {
        let time = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let html = |zone: &str| {
            let zone: Zone = zone.parse().unwrap();
            Owner::new().with(|| {
                provide_context(zone);
                view! { <Time time/> }.to_html()
            })
        };
        let shown = html("Asia/Kathmandu");
        assert!(shown.contains(">2023-11-15 03:58:20 +0545<"), "{shown}");
        assert!(shown.contains("title=\"2023-11-14 22:13:20 UTC, 2023-11-15"), "{shown}");
        assert!(html("UTC").contains("title=\"2023-11-14 22:13:20 UTC\""));
    }

    #[test]
    fn words() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for (seconds, text) in [
            (3, "just now"),
            (61, "1 minute ago"),
            (7_300, "2 hours ago"),
            (200_000, "2 days ago"),
            (70_000_000, "2 years ago"),
            (-120, "in 2 minutes"),
        ] {
            assert_eq!(ago(now - TimeDelta::seconds(seconds), now), text);
        }
    }
}
