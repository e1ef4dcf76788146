//! Alerts that Tollwarden raises by itself: surges, fallen conversion and first traffic of a
//! region, kill switches and spend caps. Pure: figures in, alerts out, each with the key of its
//! cause, so that a cause is reported once.

mod switches;
#[cfg(test)]
mod tests;

use crate::events::words;
use crate::notify::{Alert, AlertKind};
use crate::region_figures::{Figures, Hours, hour_of, hour_start};
use crate::rules::{Amount, Currency};
use crate::{Region, regions};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use switches::{changed as switches_changed, resumed as switches_resumed};

/// A surge is at least this many times the usual …
const SURGE_TIMES: u64 = 3;
/// … and at least this many within the hour: three against one is no surge.
const SURGE_LEAST: u64 = 20;
/// The usual is the median of the same hour over this many days, or as far back as the store goes,
/// at least one.
const USUAL_DAYS: i64 = 14;
/// Conversion covers attempts of this many hours …
const CONVERSION_HOURS: i64 = 3;
/// … that began at least this many minutes ago: users need time to enter a code.
const CONVERSION_MINUTES: i64 = 10;
/// Minimum codes sent, both now and in the days compared with.
const CONVERSION_LEAST: u64 = 30;
/// Conversion has fallen at half the rate of this many days before, or less.
const CONVERSION_DAYS: i64 = 14;
/// When a region's fallen conversion is reported again.
const CONVERSION_AGAIN: TimeDelta = TimeDelta::hours(6);
/// Traffic is first if there was none in this many days before.
const FIRST_DAYS: i64 = crate::region_figures::DAYS;
/// When first traffic to a region is reported again.
const FIRST_AGAIN: TimeDelta = TimeDelta::days(30);
/// When a spend cap that keeps refusing is reported again.
const CAP_AGAIN: TimeDelta = TimeDelta::hours(1);

words! {
    /// What a surge consists of.
    SurgeOf {
        /// Codes sent or allowed.
        Sends = "sends",
        /// Failed attempts.
        Failures = "failures",
    }
}

impl SurgeOf {
    fn count(self, figures: &Figures) -> u64 {
        match self {
            Self::Sends => figures.let_go(),
            Self::Failures => figures.failed,
        }
    }

    fn words(self, n: u64) -> &'static str {
        match (self, n) {
            (Self::Sends, 1) => "code sent",
            (Self::Sends, _) => "codes sent",
            (Self::Failures, 1) => "failed attempt",
            (Self::Failures, _) => "failed attempts",
        }
    }
}

/// An alert and its cause, which is reported once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CausedAlert {
    /// Identifies the cause within the alert's kind.
    pub key: String,
    /// When the same cause may be reported again; `None` for never.
    pub again_after: Option<TimeDelta>,
    /// Ready to send to recipients.
    pub alert: Alert,
}

/// Maximum causes that one alert spells out.
const NAMED: usize = 5;

/// Combines causes of one kind found at once into one alert, so that none is delayed by the minute
/// of gathering. `None` if there are none.
pub fn together(causes: &[CausedAlert]) -> Option<Alert> {
    let (first, others) = causes.split_first()?;
    if others.is_empty() {
        return Some(first.alert.clone());
    }
    let named: Vec<&str> =
        causes.iter().take(NAMED).map(|cause| cause.alert.line.as_str()).collect();
    let mut line = named.join(" ");
    if let Some(more) = causes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        line.push_str(&format!(" And {more} more."));
    }
    // Links to the common view if there is one, else to the overview.
    let same = others.iter().all(|other| other.alert.path == first.alert.path);
    let path = match first.alert.kind {
        _ if same => first.alert.path.as_str(),
        AlertKind::SpendCap | AlertKind::KillSwitch | AlertKind::OddCost => "/rules",
        _ => "/sign-ins?range=4h",
    };
    Some(Alert {
        count: causes.iter().map(|cause| cause.alert.count).sum(),
        line,
        path: path.to_owned(),
        ..first.alert.clone()
    })
}

/// Regions whose codes or failures in the current or previous hour far exceed the usual at that
/// hour of the day. The previous hour is included because a surge late in an hour would be missed,
/// and because logs arrive late. With less than a day of data there is no usual and no surge.
pub fn surges(hours: &Hours, now: DateTime<Utc>) -> Vec<CausedAlert> {
    let running = hour_of(now);
    let of_hour = |hour| {
        let usual = move |region, of| usual(hours, hour, region, of);
        let each = move |(region, figures): (Region, Figures)| {
            SurgeOf::ALL.iter().filter_map(move |&of| {
                let observed = of.count(&figures);
                let usual = usual(region, of)?;
                // `usual` is doubled, because the median of an even number of days may be half an
                // integer.
                (observed >= SURGE_LEAST && 2 * observed >= SURGE_TIMES * usual)
                    .then(|| surge(region, of, hour, observed, usual))
            })
        };
        hours.between(hour, hour + 1).into_iter().flat_map(each)
    };
    of_hour(running - 1).chain(of_hour(running)).collect()
}

/// Twice the median of the same hour over the days before, as far back as the store goes.
fn usual(hours: &Hours, hour: i64, region: Region, of: SurgeOf) -> Option<u64> {
    let first = hours.first()?;
    let before = (1..=USUAL_DAYS).map(|days| hour - days * 24).filter(|hour| *hour >= first);
    let mut counts: Vec<u64> = before.map(|hour| of.count(&hours.at(hour, region))).collect();
    counts.sort_unstable();
    let last = counts.len().checked_sub(1)?;
    Some(counts.get(last / 2)? + counts.get(last.div_ceil(2))?)
}

fn surge(region: Region, of: SurgeOf, hour: i64, observed: u64, usual: u64) -> CausedAlert {
    let (from, to) = (hour_start(hour), hour_start(hour + 1));
    let half = if usual % 2 == 1 { ".5" } else { "" };
    let line = format!(
        "{}: {observed} {} between {} and {} UTC on {}; usual at this hour: {}{half}.",
        name(region),
        of.words(observed),
        from.format("%H:%M"),
        to.format("%H:%M"),
        from.format("%-d %b %Y"),
        usual / 2,
    );
    CausedAlert {
        key: format!("{region} {of} {hour}"),
        again_after: None,
        alert: alert(AlertKind::Surge, line, sign_ins(region, from, to)),
    }
}

/// When the attempts began whose conversion is judged.
pub fn conversion_window(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - TimeDelta::hours(CONVERSION_HOURS), now - TimeDelta::minutes(CONVERSION_MINUTES))
}

/// Regions whose conversion is at most half of before; `recent` counts the attempts of
/// [`conversion_window`].
pub fn conversions(
    hours: &Hours,
    recent: &BTreeMap<Region, Figures>,
    now: DateTime<Utc>,
) -> Vec<CausedAlert> {
    let (from, to) = conversion_window(now);
    let before = hours.codes_between(hour_of(from) - CONVERSION_DAYS * 24, hour_of(from));
    let enough = |figures: &&Figures| figures.let_go() >= CONVERSION_LEAST;
    let fallen = |(region, recent): (&Region, &Figures)| {
        let recent = Some(recent).filter(enough)?;
        let before = before.get(region).filter(enough)?;
        // recent/sent <= before/sent / 2, in integers.
        let now = u128::from(recent.verified) * u128::from(before.let_go()) * 2;
        let then = u128::from(before.verified) * u128::from(recent.let_go());
        (before.verified > 0 && now <= then).then(|| CausedAlert {
            key: region.to_string(),
            again_after: Some(CONVERSION_AGAIN),
            alert: alert(
                AlertKind::Conversion,
                format!(
                    "{}: {} of the {} codes of the last {CONVERSION_HOURS} hours were verified \
                     ({}); in the {CONVERSION_DAYS} days before it was {}.",
                    name(*region),
                    recent.verified,
                    recent.let_go(),
                    percent(recent),
                    percent(before),
                ),
                sign_ins(*region, from, to),
            ),
        })
    };
    recent.iter().filter_map(fallen).collect()
}

/// Regions with attempts in the current or previous hour and none in the 90 days before. Empty if
/// the store has less than a day before that, when everything would be first.
pub fn first_traffic(hours: &Hours, now: DateTime<Utc>) -> Vec<CausedAlert> {
    let since = hour_of(now) - 1;
    if hours.first().is_none_or(|first| first > since - 24) {
        return Vec::new();
    }
    let before = hours.regions_before(since);
    let now = hours.between(since, since + 2);
    let new = now.into_iter().filter(|(region, _)| !before.contains(region));
    new.map(|(region, figures)| {
        let n = figures.attempts;
        let attempts = if n == 1 { "1 attempt".to_owned() } else { format!("{n} attempts") };
        let refused = match figures.refused {
            0 => String::new(),
            all if all == n => ", refused".to_owned(),
            some => format!(", {some} of them refused"),
        };
        let from = hour_start(since);
        let line = format!(
            "{}: {attempts}{refused} since {} UTC, and none in the {FIRST_DAYS} days before.",
            name(region),
            from.format("%H:%M"),
        );
        CausedAlert {
            key: region.to_string(),
            again_after: Some(FIRST_AGAIN),
            alert: alert(
                AlertKind::FirstTraffic,
                line,
                sign_ins(region, from, from + TimeDelta::hours(2)),
            ),
        }
    })
    .collect()
}

/// A spend cap refused codes: `rule` is its name (`50.00 EUR per 24 h`), `refused` the number of
/// codes.
pub fn cap_reached(rule: &str, refused: u64) -> CausedAlert {
    let line = format!(
        "The spend cap {rule} is reached: codes are refused until earlier spending leaves its \
         window."
    );
    CausedAlert {
        key: rule.to_owned(),
        again_after: Some(CAP_AGAIN),
        alert: Alert {
            count: refused.max(1),
            ..alert(AlertKind::SpendCap, line, "/rules#spending".to_owned())
        },
    }
}

/// A source reported implausibly high costs for a region: the highest, with the price table's
/// price, and their number.
pub fn odd_cost(
    source: &str,
    region: Option<Region>,
    (highest, price): (Amount, Option<Amount>),
    currency: Currency,
    n: u64,
) -> CausedAlert {
    let to = region.map_or_else(|| "a number of no region".to_owned(), name);
    let why = match price {
        Some(price) => format!("more than ten times the price table's {price}"),
        None => "more than 10, and the price table has no price for it".to_owned(),
    };
    let line = format!(
        "{source} reports that a code to {to} cost {highest} {currency}, {why}. It is kept and \
         does not count for spend caps."
    );
    CausedAlert {
        key: format!("{} {source}", region.map(|region| region.to_string()).unwrap_or_default()),
        again_after: Some(CAP_AGAIN),
        alert: Alert {
            count: n.max(1),
            ..alert(AlertKind::OddCost, line, "/rules#spending".into())
        },
    }
}

fn alert(kind: AlertKind, line: String, path: String) -> Alert {
    Alert { kind, users: Vec::new(), count: 1, line, path }
}

/// The sign-in log filtered by region and time.
fn sign_ins(region: Region, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("/sign-ins?region={region}&from={}&to={}", text(from), text(to))
}

/// A region's display name: `Jamaica (JM)`.
fn name(region: Region) -> String {
    match regions::info(region) {
        Some(info) => format!("{} ({region})", info.name),
        None => region.to_string(),
    }
}

/// Verified share of allowed codes, in whole percent.
fn percent(figures: &Figures) -> String {
    let (part, of) = (u128::from(figures.verified) * 200, u128::from(figures.let_go()).max(1));
    format!("{} %", (part / of).div_ceil(2))
}
