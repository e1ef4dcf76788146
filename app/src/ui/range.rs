//! The pill that chooses a time range: named ranges, and a form for any other.

use crate::ui::{Button, Choice, Choices, Field, Hidden, Menu};
use crate::zone;
use chrono::{DateTime, Duration, TimeDelta, Utc};
use domain::period::RANGES;
use domain::signins::View;
use domain::zone::{Style, Zone};
use domain::{Invalid, Period};
use islands::text::{counted, sentence};
use leptos::prelude::*;

/// The time range that a page's address asks for.
#[derive(Debug, Clone)]
pub(crate) struct RangeState {
    /// Named range; `None` if the range is a custom one.
    pub named: Option<String>,
    /// Begin and end of a custom range, as typed.
    pub typed: [String; 2],
    /// The range shown.
    pub period: Period,
    /// Errors in the fields `range`, `from` and `to`.
    pub invalid: Invalid,
}

impl RangeState {
    /// The range of a page whose state includes that of the sign-in log.
    pub(crate) fn of(log: &View, period: Period, invalid: &Invalid) -> Self {
        Self {
            named: log.named_range().map(str::to_owned),
            typed: ["from", "to"].map(|field| log.text(field).to_owned()),
            period,
            invalid: invalid.clone(),
        }
    }
}

/// What is wrong with the range and with `others` (parameter, name, and what is shown instead), in
/// sentences.
pub(crate) fn misread(invalid: &Invalid, others: &[[&str; 3]]) -> Vec<String> {
    let sentence = |[field, name, instead]: [&str; 3]| {
        invalid.of(field).map(|words| format!("The {name} {words}; {instead}."))
    };
    let times = invalid.of("from").or(invalid.of("to"));
    let times =
        times.map(|_| "The range could not be read; the last 30 days are shown.".to_owned());
    sentence(["range", "range", "the last 30 days are shown"])
        .into_iter()
        .chain(times)
        .chain(others.iter().copied().filter_map(sentence))
        .collect()
}

/// The pill, with its menu.
#[component]
pub(crate) fn RangeMenu(
    state: RangeState,
    href: impl Fn(&str) -> String,
    #[prop(into)] action: String,
    /// Parameters to keep in the form for a custom range.
    hidden: Vec<(String, String)>,
    /// Time zone in the page's address, as typed, and its error; only for pages whose address may
    /// have one.
    #[prop(optional)]
    zone: Option<(String, Option<String>)>,
    /// Whether the client adds the state of tiles to the form.
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
    // An invalid time is shown as it was typed.
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
    .into_any()
}

pub(crate) fn range_name(minutes: i64) -> String {
    length(TimeDelta::minutes(minutes))
}

/// A duration in the largest unit that divides it: `30 days`, `90 minutes`. One day is `24 hours`,
/// since ranges need not begin at midnight.
pub(crate) fn length(length: TimeDelta) -> String {
    let units = [
        (Duration::days(1), "day", "days"),
        (Duration::hours(1), "hour", "hours"),
        (Duration::minutes(1), "minute", "minutes"),
        (Duration::seconds(1), "second", "seconds"),
    ];
    if length == TimeDelta::days(1) {
        return "24 hours".to_owned();
    }
    for (unit, one, more) in units {
        let (whole, rest) =
            (length.num_seconds() / unit.num_seconds(), length.num_seconds() % unit.num_seconds());
        if whole > 0 && rest == 0 {
            return counted(whole.unsigned_abs(), one, more);
        }
    }
    "time".to_owned()
}

/// A time for a pill, which is narrow: midnight is left out.
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
            (86_400, "24 hours"),
            (5_400, "90 minutes"),
            (61, "61 seconds"),
            (0, "time"),
        ] {
            assert_eq!(length(TimeDelta::seconds(seconds)), text);
        }
    }
}
