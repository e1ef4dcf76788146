//! Times in the page's time zone or relative to now, with the exact UTC time in the tooltip.

use crate::zone;
use chrono::{DateTime, TimeDelta, Utc};
use domain::zone::{Style, Zone};
use leptos::prelude::*;

/// A time relative to now: `just now`, `5 minutes ago`, `in 2 hours`.
pub(crate) fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - time;
    let words = length(passed.abs());
    match passed {
        _ if passed.abs() < TimeDelta::seconds(10) => "just now".to_owned(),
        _ if passed > TimeDelta::zero() => format!("{words} ago"),
        _ => format!("in {words}"),
    }
}

/// A duration, rounded down to its largest unit: `1 second`, `40 minutes`, `12 days`.
pub(crate) fn length(length: TimeDelta) -> String {
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

/// The tooltip: the exact time in UTC, and in the page's zone if that is another.
pub(crate) fn hint(time: DateTime<Utc>) -> String {
    let zone = zone::current();
    let utc = Zone::utc().format(time, Style::Exact);
    if zone.is_utc() { utc } else { format!("{utc}, {}", zone.format(time, Style::Exact)) }
}

/// A time relative to now.
#[component]
pub(crate) fn When(time: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=time.to_rfc3339() title=hint(time)>{ago(time, now)}</time> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tooltip_has_utc_and_the_zones_time() {
        let time = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let html = |zone: &str| {
            let zone: Zone = zone.parse().unwrap();
            Owner::new().with(|| {
                provide_context(zone);
                view! { <When time now=time/> }.to_html()
            })
        };
        let title = "title=\"2023-11-14 22:13:20 UTC, 2023-11-15 03:58:20 +0545\"";
        assert!(html("Asia/Kathmandu").contains(title), "{}", html("Asia/Kathmandu"));
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
