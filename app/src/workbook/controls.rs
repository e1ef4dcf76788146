//! What the whole page is asked: range and channel.

use super::total::length;
use super::view::View;
use crate::ui::text::moment;
use crate::ui::{Button, Choice, Choices, Field, Hidden, Menu, Notice, NoticeKind};
use chrono::{DateTime, TimeDelta, Utc};
use domain::period::RANGES;
use domain::workbook::Query;
use domain::{Channel, Invalid};
use leptos::prelude::*;

/// The range's pill: the named ranges, and a form for any other.
#[component]
pub(crate) fn RangePill(
    /// The page's state.
    view: View,
    /// What it was read as.
    query: Query,
    /// What of it could not be read.
    invalid: Invalid,
) -> impl IntoView {
    let named = view.named_range();
    let known =
        |word: &str| RANGES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes);
    let shown = match named.and_then(known) {
        Some(minutes) => format!("Last {}", range_name(minutes)),
        None if invalid.fields.is_empty() => {
            format!("{} – {}", day(query.period.from), day(query.period.to))
        }
        None => "Last 30 days".to_owned(),
    };
    let hint = format!("{} to {}", moment(query.period.from), moment(query.period.to));
    let choices = RANGES
        .iter()
        .map(|(word, minutes)| Choice {
            text: range_name(*minutes),
            href: view.with_range(word).href(),
            chosen: named == Some(*word),
        })
        .collect();
    let [from, to] = ["from", "to"].map(|field| invalid.of(field).map(str::to_owned));
    let open = from.is_some() || to.is_some();
    let cleared = view.with(|view| {
        view.range.clear();
        view.from.clear();
        view.to.clear();
    });
    // A range that could not be read comes back as it was typed.
    let typed = |typed: &str, read: DateTime<Utc>| match domain::period::parse_time(typed) {
        Ok(time) => input_time(time),
        Err(_) if typed.is_empty() => input_time(read),
        Err(_) => typed.to_owned(),
    };
    let kind = |error: &Option<String>| if error.is_some() { "text" } else { "datetime-local" };
    view! {
        <Menu label="Time range" shown icon="clock" hint open>
            <Choices choices dense=true/>
            <form class="menu-form" method="get" action="/" data-keep-form="">
                <Hidden values=cleared.pairs()/>
                <Field
                    label="From (UTC)" name="from" kind=kind(&from) step="1"
                    value=typed(&view.from, query.period.from) error=from.map(sentence)
                />
                <Field
                    label="To (UTC)" name="to" kind=kind(&to) step="1"
                    value=typed(&view.to, query.period.to) error=to.map(sentence)
                />
                <Button>"Show this range"</Button>
            </form>
        </Menu>
    }
}

/// The channel's pill.
#[component]
pub(crate) fn ChannelPill(
    /// The page's state.
    view: View,
    /// What it was read as.
    channel: Option<Channel>,
) -> impl IntoView {
    let shown = channel.map_or("All channels", channel_name);
    let all = std::iter::once(None).chain(Channel::ALL.iter().copied().map(Some));
    let choices = all
        .map(|choice| Choice {
            text: choice.map_or("All channels", channel_name).to_owned(),
            href: view
                .with(|view| {
                    view.channel = choice.map(|channel| channel.to_string()).unwrap_or_default()
                })
                .href(),
            chosen: choice == channel,
        })
        .collect();
    view! {
        <Menu label="Channel" shown icon="channel">
            <Choices choices/>
        </Menu>
    }
}

/// What could not be read of range and channel and is not said beside a field, and what is shown
/// in its place.
#[component]
pub(crate) fn Misread(
    /// What could not be read.
    invalid: Invalid,
) -> impl IntoView {
    let range =
        invalid.of("range").map(|words| format!("The range {words}; the last 30 days are shown."));
    let channel =
        invalid.of("channel").map(|words| format!("The channel {words}; all channels are shown."));
    let times = (invalid.of("from").is_some() || invalid.of("to").is_some())
        .then(|| "The range could not be read; the last 30 days are shown.".to_owned());
    let words: Vec<_> = [range, times, channel].into_iter().flatten().collect();
    (!words.is_empty())
        .then(|| view! { <Notice kind=NoticeKind::Warning>{words.join(" ")}</Notice> })
}

/// What a channel is called on pages.
pub(crate) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "Voice",
        Channel::Sms => "SMS",
        Channel::Whatsapp => "WhatsApp",
        Channel::Push => "Push",
        Channel::Email => "E-mail",
        Channel::Rcs => "RCS",
    }
}

/// `24 hours` rather than `1 day`: the range ends now, not at midnight.
fn range_name(minutes: i64) -> String {
    match minutes {
        1_440 => "24 hours".to_owned(),
        _ => length(TimeDelta::minutes(minutes)),
    }
}

/// An instant as a pill has room for: the time only where it says something.
fn day(time: DateTime<Utc>) -> String {
    let midnight = time.time() == chrono::NaiveTime::MIN;
    time.format(if midnight { "%-d %b %Y" } else { "%-d %b %Y, %H:%M" }).to_string()
}

/// An instant as `<input type="datetime-local">` takes it.
fn input_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The domain's messages begin with "must".
fn sentence(message: String) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => message,
    }
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
        assert_eq!(sentence("must be a time".to_owned()), "Must be a time.");
        let time = parse_time("2020-12-01T09:30:00Z").unwrap();
        assert_eq!(day(time), "1 Dec 2020, 09:30");
        assert_eq!(day(parse_time("2020-12-01").unwrap()), "1 Dec 2020");
        assert_eq!(parse_time(&input_time(time)), Ok(time));
    }
}
