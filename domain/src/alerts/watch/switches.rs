//! Kill switches: set, removed, expired.

use super::{CausedAlert, alert};
use crate::notify::{Alert, AlertKind};
use crate::rules::{KillSwitch, Mode};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The page section of kill switches.
const PATH: &str = "/rules#kill-switches";
/// Maximum switches that one alert spells out.
const NAMED: usize = 3;
/// Older expiries are not reported: nobody was watching for a day.
const LATE: TimeDelta = TimeDelta::days(1);

/// How a change of the rules affected current and future kill switches: `actor` set or removed
/// some. A changed time or mode counts as removed and set; a changed reason does not count.
pub fn changed(
    actor: &str,
    before: &[KillSwitch],
    after: &[KillSwitch],
    now: DateTime<Utc>,
) -> Option<Alert> {
    let new = missing(after, before, now);
    let gone = missing(before, after, now);
    let place = |switch: &KillSwitch| (switch.region, switch.channel);
    let lifted: Vec<_> = gone
        .iter()
        .filter(|switch| !new.iter().any(|new| place(new) == place(switch)))
        .map(|switch| format!("{} is no longer on", switch.name()))
        .collect();
    let set: Vec<_> = new.iter().map(|switch| sentence(switch)).collect();
    let mut parts = Vec::new();
    if !set.is_empty() {
        parts.push(format!("set {}: {}", several(set.len()), first_names(&set, " ")));
    }
    if !lifted.is_empty() {
        let shown = first_names(&lifted, ", ");
        parts.push(format!("removed {}: {shown}.", several(lifted.len())));
    }
    let count = (set.len() + lifted.len()) as u64;
    let line = format!("{actor} {}", parts.join(" And "));
    (count > 0).then(|| Alert { count, ..alert(AlertKind::KillSwitch, line, PATH.to_owned()) })
}

/// Switches that expired within the last day. Those in shadow mode never refused anything.
pub fn resumed(switches: &[KillSwitch], now: DateTime<Utc>) -> Vec<CausedAlert> {
    let over = |switch: &&KillSwitch| {
        let until = switch.until.filter(|until| *until <= now && now - *until < LATE);
        until.is_some() && switch.mode == Mode::Enforce
    };
    let told = |switch: &KillSwitch| {
        let until = switch.until.unwrap_or(now);
        CausedAlert {
            key: format!(
                "{} {} {}",
                switch.region,
                switch.channel,
                until.to_rfc3339_opts(SecondsFormat::Micros, true)
            ),
            again_after: None,
            alert: alert(
                AlertKind::KillSwitch,
                format!(
                    "The kill switch {} expired at {} UTC: codes are sent again.",
                    switch.name(),
                    until.format("%-d %b %Y, %H:%M")
                ),
                PATH.to_owned(),
            ),
        }
    };
    switches.iter().filter(over).map(told).collect()
}

/// Unexpired switches in `some` that `others` lacks.
fn missing<'a>(
    some: &'a [KillSwitch],
    others: &[KillSwitch],
    now: DateTime<Utc>,
) -> Vec<&'a KillSwitch> {
    let same = |a: &KillSwitch, b: &KillSwitch| {
        (a.region, a.channel, a.until, a.mode) == (b.region, b.channel, b.until, b.mode)
    };
    let holds = |switch: &&KillSwitch| switch.until.is_none_or(|until| until > now);
    some.iter().filter(holds).filter(|one| !others.iter().any(|other| same(one, other))).collect()
}

fn sentence(switch: &KillSwitch) -> String {
    let mode = match switch.mode {
        Mode::Enforce => "",
        Mode::Shadow => " In shadow: nothing is refused yet.",
    };
    let why = match switch.reason.trim() {
        "" => String::new(),
        reason => format!(" Reason: {}.", reason.trim_end_matches('.')),
    };
    format!("{}{mode}{why}", switch.sentence())
}

fn several(n: usize) -> String {
    if n == 1 { "a kill switch".to_owned() } else { format!("{n} kill switches") }
}

fn first_names(all: &[String], between: &str) -> String {
    let named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(between);
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}{between}{more} more"),
    }
}
