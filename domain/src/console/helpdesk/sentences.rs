//! Turns facts into sentences: what stops codes first, then what happened, then what helps.

use super::{
    AttemptFact, BlockFact, BypassFact, DAYS, Facts, LookedUpNumber, RECENT_HOURS, RefusalFact,
    Subject,
};
use crate::signins::outcome_words;
use crate::{Channel, Kind};
use chrono::{DateTime, TimeDelta, Utc};

/// What a sentence means for the user who waits for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It prevents codes.
    Stops,
    /// It lets codes through.
    Helps,
    /// Neither.
    Fact,
}

/// A sentence of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Decides how the page marks it.
    pub tone: Tone,
    /// Ends with a full stop.
    pub text: String,
}

/// The answer, in order.
pub fn sentences(facts: &Facts, now: DateTime<Utc>) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut say = |tone, text: String| out.push(Sentence { tone, text });
    if let Some(text) = facts.looked.as_ref().and_then(LookedUpNumber::wrong) {
        say(Tone::Stops, text);
    }
    for block in &facts.blocks {
        say(Tone::Stops, held(block, now));
    }
    for bypass in &facts.bypasses {
        say(Tone::Helps, open(bypass, now));
    }
    if facts.blocks.is_empty()
        && let Some(text) = not_blocked(facts)
    {
        say(Tone::Fact, text);
    }
    if let Subject::User { name, others } = &facts.subject
        && !others.is_empty()
    {
        say(Tone::Fact, format!("{name} is also known as {}.", listed(others)));
    }
    let tone = if failing(facts, now) { Tone::Stops } else { Tone::Fact };
    say(tone, tried(facts, now));
    for refusal in &facts.refusals {
        let over = refusal.until.is_some_and(|until| until <= now);
        say(if over { Tone::Fact } else { Tone::Stops }, refused(refusal, now));
    }
    for verified in &facts.verified {
        let (tone, text) = match verified.last {
            Some(last) => (Tone::Helps, format!("was last verified {}.", ago(last, now))),
            None => (Tone::Fact, format!("was not verified in the last {DAYS} days.")),
        };
        say(tone, format!("The number {} {text}", verified.number));
    }
    if !facts.users.is_empty() {
        let tried = match facts.subject {
            Subject::Ip(_) => "Users seen:",
            _ => "It was tried by",
        };
        say(Tone::Fact, format!("{tried} {}.", listed(&facts.users)));
    }
    if let Some(report) = facts.reports.first() {
        let more = match facts.reports.len() {
            1 => String::new(),
            count => format!(", the newest of {count} reports"),
        };
        let then = match (report.blocked, report.handled) {
            (true, _) => "the user was blocked for it",
            (false, true) => "the report was handled, and nobody was blocked",
            (false, false) => "no action was taken yet",
        };
        let time = ago(report.time, now);
        let text = format!("A sign-in was reported as fraud {time}{more}; {then}.");
        say(Tone::Fact, text);
    }
    out
}

fn held(block: &BlockFact, now: DateTime<Utc>) -> String {
    let what = match block.only_channel {
        None => "is blocked".to_owned(),
        Some(channel) => format!("is offered {} only", channel_words(channel)),
    };
    let by = match block.auto {
        true => "by auto-block after a fraud report".to_owned(),
        false => format!("by {}: {}", block.by, block.reason.trim_end_matches('.')),
    };
    let until = match block.until {
        Some(until) => format!("until {}", when(until, now)),
        None => "until somebody unblocks".to_owned(),
    };
    format!("{} {what} since {} ({by}) {until}.", block.whom, when(block.since, now))
}

fn open(bypass: &BypassFact, now: DateTime<Utc>) -> String {
    let BypassFact { whom, until, by, reason } = bypass;
    let reason = reason.trim_end_matches('.');
    format!("A one-time bypass of {whom} is open until {} (by {by}: {reason}).", when(*until, now))
}

fn refused(refusal: &RefusalFact, now: DateTime<Utc>) -> String {
    let RefusalFact { time, message, until } = refusal;
    let until = match until {
        None => String::new(),
        Some(until) if *until <= now => format!(" The wait ended {}.", ago(*until, now)),
        Some(until) => format!(" The next code can be requested at {}.", when(*until, now)),
    };
    let message = message.trim_end_matches('.');
    format!("The gate refused a code {}: {message}.{until}", ago(*time, now))
}

fn not_blocked(facts: &Facts) -> Option<String> {
    Some(match &facts.subject {
        Subject::User { name, .. } if facts.verified.is_empty() => {
            format!("{name} is not blocked.")
        }
        Subject::User { name, .. } => {
            let numbers = if facts.verified.len() == 1 { "number is" } else { "numbers are" };
            format!("{name} is not blocked, and the {numbers} not blocked either.")
        }
        Subject::Number { number } if facts.users.is_empty() => {
            format!("{number} is not blocked.")
        }
        Subject::Number { number } => {
            format!("{number} is not blocked, and neither are the users seen with it.")
        }
        Subject::Ip(_) if facts.users.is_empty() => return None,
        Subject::Ip(ip) => {
            format!("{ip} is not blocked, and neither are the users recently seen from it.")
        }
    })
}

/// The attempts of the last [`RECENT_HOURS`].
fn recent(facts: &Facts, now: DateTime<Utc>) -> &[AttemptFact] {
    let since = now - TimeDelta::hours(RECENT_HOURS);
    let count = facts.tries.iter().take_while(|one| one.time >= since).count();
    facts.tries.get(..count).unwrap_or_default()
}

/// Whether the newest attempt failed or was refused.
fn failing(facts: &Facts, now: DateTime<Utc>) -> bool {
    let stops = |kind: Kind| kind.is_failure() || kind == Kind::Refused;
    recent(facts, now).first().is_some_and(|newest| stops(newest.outcome))
}

fn tried(facts: &Facts, now: DateTime<Utc>) -> String {
    let recent = recent(facts, now);
    let of = match &facts.subject {
        Subject::User { .. } => "of this name",
        Subject::Number { .. } => "to this number",
        Subject::Ip(_) => "from this address",
    };
    match (recent, facts.tries.first()) {
        (_, None) => format!("No attempt {of} in the last {DAYS} days."),
        ([], Some(last)) => {
            let words = alone(*last);
            let time = ago(last.time, now);
            format!("No attempt {of} in {RECENT_HOURS} hours; the last was {time} and {words}.")
        }
        ([only], _) => format!("The only attempt {of} in {RECENT_HOURS} hours {}.", alone(*only)),
        (recent, _) => several(recent, of),
    }
}

/// The outcome of a single attempt.
fn alone(one: AttemptFact) -> String {
    let reason = one.reason.map(|reason| format!(": {}", reason.words()));
    let words = match one.outcome {
        Kind::Failed => "failed".to_owned(),
        Kind::Requested => "has not been answered yet".to_owned(),
        Kind::Expired => "expired".to_owned(),
        kind => format!("was {}", outcome_words(kind).to_lowercase()),
    };
    format!("{words}{}", reason.unwrap_or_default())
}

fn several(recent: &[AttemptFact], of: &str) -> String {
    let count = |fits: fn(Kind) -> bool| recent.iter().filter(|one| fits(one.outcome)).count();
    let failed = count(Kind::is_failure);
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for one in recent.iter().filter(|one| one.outcome.is_failure()) {
        let words = match (one.reason, one.outcome) {
            (Some(reason), _) => reason.words(),
            (None, Kind::Expired) => "expired",
            (None, Kind::Undelivered) => "not delivered",
            (None, Kind::Blocked) => "blocked by the provider",
            (None, _) => "no known reason",
        };
        match reasons.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => reasons.push((words, 1)),
        }
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let why: Vec<_> = reasons.iter().map(|(words, count)| format!("{words} ({count})")).collect();
    let all = recent.len();
    let failed = match failed {
        0 => "none failed".to_owned(),
        _ if failed == all => format!("all failed: {}", why.join(", ")),
        _ => format!("{failed} failed: {}", why.join(", ")),
    };
    let others = [
        (count(|kind| kind == Kind::Verified), "verified"),
        (count(|kind| kind == Kind::Refused), "refused by a rule here"),
        (count(|kind| kind == Kind::Denied), "denied"),
        (count(|kind| kind == Kind::Reported), "reported as fraud"),
    ];
    let others: String = others
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| {
            format!("; {count} {} {words}", if *count == 1 { "was" } else { "were" })
        })
        .collect();
    format!("Of the last {all} attempts {of} in {RECENT_HOURS} hours {failed}{others}.")
}

fn channel_words(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "calls",
        Channel::Sms => "SMS",
        Channel::Whatsapp => "WhatsApp",
        Channel::Push => "push",
        Channel::Email => "e-mail",
        Channel::Rcs => "RCS",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The time on the same day (UTC), otherwise the date.
fn when(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let same = time.date_naive() == now.date_naive();
    time.format(if same { "%H:%M" } else { "%-d %b %Y" }).to_string()
}

/// `3 days ago`.
fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - time).num_minutes().max(0);
    let (count, unit) = match minutes {
        0 => return "just now".to_owned(),
        1..60 => (minutes, "minute"),
        60..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}
