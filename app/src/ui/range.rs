//! The pill that chooses a range of time: the named ranges, and a form for any other.

use crate::ui::{Button, Choice, Choices, Field, Hidden, Menu};
use crate::zone;
use chrono::{DateTime, Duration, TimeDelta, Utc};
use domain::period::RANGES;
use domain::zone::{Style, Zone};
use domain::{Invalid, Period};
use islands::text::{counted, sentence};
use leptos::prelude::*;

/// What a page's address says of its range.
#[derive(Debug, Clone)]
pub struct RangeState {
    /// The named range that is shown; none when it is a custom one.
    pub named: Option<String>,
    /// The custom range's begin and end, as typed.
    pub typed: [String; 2],
    /// What the range was read as.
    pub period: Period,
    /// What of it could not be read: fields `range`, `from`, `to`.
    pub invalid: Invalid,
}

/// The pill.
#[component]
pub fn RangeMenu(
    /// What is shown.
    state: RangeState,
    /// The address of a named range.
    href: impl Fn(&str) -> String,
    /// The page's path.
    #[prop(into)]
    action: String,
    /// What the form for a custom range carries along.
    hidden: Vec<(String, String)>,
    /// The zone that the page's address names, as typed, and what is wrong with it; for pages
    /// whose address may name one.
    #[prop(optional)]
    zone: Option<(String, Option<String>)>,
    /// Whether the client completes the form with what tiles show now.
    #[prop(optional)]
    keep: bool,
) -> impl IntoView {
    let RangeState { named, typed, period, invalid } = state;
    let clock = zone::current();
    let named = named.as_deref();
    let known =
        |word: &str| RANGES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes);
    let shown = match named.and_then(known) {
        Some(minutes) => format!("Last {}", range_name(minutes)),
        None if invalid.fields.is_empty() => {
            format!("{} – {}", day(clock, period.from), day(clock, period.to))
        }
        None => "Last 30 days".to_owned(),
    };
    let hint = format!("{} to {}", zone::moment(period.from), zone::moment(period.to));
    let choices = RANGES
        .iter()
        .map(|(word, minutes)| Choice {
            text: range_name(*minutes),
            href: href(word),
            chosen: named == Some(*word),
        })
        .collect();
    let [from, to] = ["from", "to"].map(|field| invalid.of(field).map(sentence));
    let unknown = zone.as_ref().is_some_and(|(_, error)| error.is_some());
    let open = from.is_some() || to.is_some() || unknown;
    // A range that could not be read comes back as it was typed.
    let value = move |typed: &str, read: DateTime<Utc>| match clock.read(typed) {
        Ok(time) => clock.format(time, Style::Input),
        Err(_) if typed.is_empty() => clock.format(read, Style::Input),
        Err(_) => typed.to_owned(),
    };
    view! {
        <Menu label="Time range" shown icon="clock" hint open>
            <Choices choices dense=true/>
            <form class="menu-form" method="get" action=action data-keep-form=keep.then_some("")>
                <Hidden values=hidden/>
                <Field
                    label=format!("From ({clock})") name="from" kind="datetime-local" step="1"
                    value=value(&typed[0], period.from) error=from
                />
                <Field
                    label=format!("To ({clock})") name="to" kind="datetime-local" step="1"
                    value=value(&typed[1], period.to) error=to
                />
                {zone.map(|(typed, error)| view! {
                    <Field
                        label="Time zone of this page" name=zone::NAME value=typed
                        error=error.as_deref().map(sentence)
                        help="Such as Europe/Berlin; empty for your account’s own."
                    />
                })}
                <Button>"Show this range"</Button>
            </form>
        </Menu>
    }
}

/// `24 hours` rather than `1 day`: the range ends now, not at midnight.
fn range_name(minutes: i64) -> String {
    match minutes {
        1_440 => "24 hours".to_owned(),
        _ => length(TimeDelta::minutes(minutes)),
    }
}

/// A length of time in its largest whole unit: `30 days`, `90 minutes`.
pub fn length(length: TimeDelta) -> String {
    let units = [
        (Duration::days(1), "day", "days"),
        (Duration::hours(1), "hour", "hours"),
        (Duration::minutes(1), "minute", "minutes"),
        (Duration::seconds(1), "second", "seconds"),
    ];
    for (unit, one, more) in units {
        let (whole, rest) =
            (length.num_seconds() / unit.num_seconds(), length.num_seconds() % unit.num_seconds());
        if whole > 0 && rest == 0 {
            return counted(whole.unsigned_abs(), one, more);
        }
    }
    "time".to_owned()
}

/// An instant as a pill has room for: the time only where it says something.
fn day(zone: Zone, time: DateTime<Utc>) -> String {
    let time = time.with_timezone(&zone);
    let midnight = time.time() == chrono::NaiveTime::MIN;
    time.format(if midnight { "%-d %b %Y" } else { "%-d %b %Y, %H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    #[test]
    fn words() {
        assert_eq!(range_name(5), "5 minutes");
        assert_eq!(range_name(60), "1 hour");
        assert_eq!(range_name(1_440), "24 hours");
        assert_eq!(range_name(2_880), "2 days");
        let time = parse_time("2020-12-01T09:30:00Z").unwrap();
        assert_eq!(day(Zone::utc(), time), "1 Dec 2020, 09:30");
        assert_eq!(day(Zone::utc(), parse_time("2020-12-01").unwrap()), "1 Dec 2020");
        let berlin = "Europe/Berlin".parse().unwrap();
        assert_eq!(day(berlin, parse_time("2020-11-30T23:00:00Z").unwrap()), "1 Dec 2020");
    }

    #[test]
    fn lengths() {
        for (seconds, text) in [
            (30 * 86_400, "30 days"),
            (86_400, "1 day"),
            (5_400, "90 minutes"),
            (61, "61 seconds"),
            (0, "time"),
        ] {
            assert_eq!(length(TimeDelta::seconds(seconds)), text);
        }
    }
}
