//! Forms to block, unblock and lift blocks.

use super::{super::view::Tab, FormPage, end_of, ended, given};
use crate::form::{engine, failed};
use crate::who;
use chrono::{DateTime, Utc};
use domain::blocks::{BlockFields, BlockKind, List, NewBlock, read_list};
use domain::{Fault, Invalid};
use engine::ChangeError;
use engine::blocks::BlockError;
use engine::fraud_alerts::{Lift, lift_batch};
use islands::text::{counted, sentences};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Blocks a target completely, or on all channels but one.
#[server(prefix = "/_fn", endpoint = "block")]
async fn block(#[server(flatten)] entered: Entered) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = FormPage::of(&entered.report, Tab::Blocked);
    let form = place.form(if entered.form == "require" { "require" } else { "block" });
    let instead = !entered.instead.is_empty();
    let done = match entered.read(form.name == "require", engine.clock().now()) {
        Ok(new) => engine::blocks::add(&engine.db, &who::by(), &new, instead).await,
        Err(invalid) => Err(invalid.into()),
    };
    let done = done.map(|block| match block.only_channel {
        None => format!("{} is blocked.", block.value),
        Some(channel) => format!("{} is offered {channel} only.", block.value),
    });
    given(form, &entered.form_values(), done).await
}

/// The form to block one target.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Entered {
    /// Empty to detect it from the value.
    kind: String,
    value: String,
    /// The channel that stays allowed; empty for none.
    only_channel: String,
    /// Duration in seconds.
    lasts: String,
    until: String,
    reason: String,
    /// Not empty: replace an active block.
    instead: String,
    /// The report whose page the form is on, if any.
    report: String,
    form: String,
}

impl Entered {
    fn read(&self, partly: bool, now: DateTime<Utc>) -> Result<NewBlock, Invalid> {
        let mut invalid = Invalid::default();
        let end = end_of(&self.lasts, &self.until, now).unwrap_or_else(|wrong| {
            invalid = wrong;
            String::new()
        });
        if partly && self.only_channel.is_empty() {
            let words = "Choose the channel that is still offered.";
            invalid.push("only_channel", Fault::Required, words);
        }
        let fields = BlockFields {
            kind: &self.kind,
            value: &self.value,
            only_channel: &self.only_channel,
            until: &end,
            reason: &self.reason,
        };
        match NewBlock::read(fields, now) {
            Ok(new) => invalid.or(new),
            Err(mut wrong) => {
                wrong.fields.extend(invalid.fields);
                Err(wrong)
            }
        }
    }

    fn form_values(&self) -> [(&str, &str); 6] {
        [
            ("kind", &self.kind),
            ("value", &self.value),
            ("only_channel", &self.only_channel),
            ("lasts", &self.lasts),
            ("until", &self.until),
            ("reason", &self.reason),
        ]
    }
}

/// Maximum number of rejected lines shown.
const LINES: usize = 100;
/// Number of characters shown of a rejected line.
const LINE_SHOWN: usize = 60;

/// Blocks a pasted list; rejected lines come back.
#[server(prefix = "/_fn", endpoint = "block-many")]
async fn block_many(#[server(flatten)] pasted: Pasted) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = FormPage::tab(Tab::Blocked);
    let form = place.form("block-many");
    let mut pasted = pasted;
    let read = match pasted.read(engine.clock().now()) {
        Ok(read) => read,
        Err(invalid) => return form.refuse(&pasted.form_values(""), sentences(invalid)).await,
    };
    let instead = !pasted.instead.is_empty();
    let new: Vec<NewBlock> = read.good.iter().map(|(.., block)| block.clone()).collect();
    let many = engine::blocks::add_many(&engine.db, &who::by(), &new, instead).await;
    let many = many.map_err(|error| failed(&error))?;
    let kinds: Vec<BlockKind> = many.added.iter().map(|block| block.kind).collect();
    let done = blocked(&kinds);
    let left = left(read, many.known);
    if left.is_empty() {
        return form.done(&done).await;
    }
    pasted.keep(&left);
    form.refuse(&pasted.form_values(&done), lines(&left)).await
}

/// How many targets of each kind were blocked, so that a number read as a user is noticed.
fn blocked(kinds: &[BlockKind]) -> String {
    if kinds.is_empty() {
        return String::new();
    }
    let words = [
        (BlockKind::User, "user", "users"),
        (BlockKind::Number, "number", "numbers"),
        (BlockKind::NumberBlock, "block of numbers", "blocks of numbers"),
        (BlockKind::Ip, "IP address", "IP addresses"),
        (BlockKind::IpNetwork, "network", "networks"),
    ];
    let of = |(kind, one, many)| {
        let count = kinds.iter().filter(|one| **one == kind).count() as u64;
        (count > 0).then(|| counted(count, one, many))
    };
    let parts: Vec<String> = words.into_iter().filter_map(of).collect();
    let lines = counted(kinds.len() as u64, "line is", "lines are");
    format!("{lines} blocked: {}.", parts.join(", "))
}

/// The form to block a list. The other fields apply to lines that leave them empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Pasted {
    list: String,
    /// Duration in seconds.
    lasts: String,
    until: String,
    reason: String,
    /// Not empty: replace active blocks.
    instead: String,
}

impl Pasted {
    fn read(&self, now: DateTime<Utc>) -> Result<List, Invalid> {
        let end = end_of(&self.lasts, &self.until, now)?;
        domain::blocks::until(&end, now)?;
        let otherwise = BlockFields { until: &end, reason: &self.reason, ..<_>::default() };
        let read = read_list(&self.list, otherwise, now);
        if read.good.is_empty() && read.bad.is_empty() {
            return Err(Invalid::one("list", Fault::Required, "Paste at least one line."));
        }
        Ok(read)
    }

    fn form_values<'a>(&'a self, done: &'a str) -> [(&'a str, &'a str); 5] {
        [
            ("list", &self.list),
            ("lasts", &self.lasts),
            ("until", &self.until),
            ("reason", &self.reason),
            ("done", done),
        ]
    }

    /// Keeps only these lines, and the header, which names the columns.
    fn keep(&mut self, left: &[RejectedLine]) {
        let first = self.list.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let names = |cell: &str| cell.trim().trim_matches('"').eq_ignore_ascii_case("value");
        let is_header = first.split([',', ';', '\t']).any(names);
        let lines = is_header.then_some(first).into_iter();
        let lines = lines.chain(left.iter().map(|line| line.text.as_str()));
        self.list = lines.collect::<Vec<_>>().join("\n");
    }
}

/// A rejected line.
struct RejectedLine {
    number: usize,
    text: String,
    why: String,
}

/// The rejected lines: invalid ones, and those that are blocked already.
fn left(read: List, known: Vec<(usize, store::blocks::Block)>) -> Vec<RejectedLine> {
    let bad = read.bad.into_iter().map(|bad| RejectedLine {
        number: bad.line,
        text: bad.text,
        why: bad.invalid.to_string(),
    });
    let known = known.into_iter().filter_map(|(at, present)| {
        let (number, text, _) = read.good.get(at)?;
        let why = BlockError::AlreadyBlocked(Box::new(present)).to_string();
        Some(RejectedLine { number: *number, text: text.clone(), why })
    });
    let mut left: Vec<RejectedLine> = bad.chain(known).collect();
    left.sort_by_key(|line| line.number);
    left
}

fn lines(left: &[RejectedLine]) -> Invalid {
    let mut invalid = Invalid::default();
    for RejectedLine { text, why, .. } in left.iter().take(LINES) {
        // Quote the line: its number has changed, since accepted lines are gone.
        let mut shown: String = text.chars().take(LINE_SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        invalid.push("list", Fault::Invalid, format!("“{shown}”: {why}"));
    }
    if left.len() > LINES {
        let more = counted((left.len() - LINES) as u64, "more line", "more lines");
        invalid.push("list", Fault::Invalid, format!("And {more}."));
    }
    invalid
}

#[server(prefix = "/_fn", endpoint = "unblock")]
async fn unblock(
    #[server(default)] id: String,
    #[server(default)] reason: String,
    /// The report whose page the form is on, if any.
    #[server(default)]
    report: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::of(&report, Tab::Blocked);
    let block = id.parse().unwrap_or_default();
    let name = format!("unblock-{block}");
    let done = engine::blocks::end(&engine()?.db, &who::by(), block, &reason).await;
    let done = done.map(|block| format!("{} is unblocked.", block.value));
    let gone = "This is no longer blocked. The page shows the current state.";
    ended(&place, [&name, "block"], &reason, done, gone).await
}

/// Lifts the automatic blocks of a period.
#[server(prefix = "/_fn", endpoint = "lift-blocks")]
async fn lift_blocks(
    /// Start, inclusive.
    #[server(default)]
    from: String,
    /// End, exclusive.
    #[server(default)]
    to: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::tab(Tab::Reports);
    let form = place.form("lift");
    let times = [&from, &to].map(|text| domain::period::parse_time(text));
    let [Ok(from), Ok(to)] = times else {
        let words = "The batch could not be read. Reload the page and try again.";
        return form
            .refuse(&[("reason", &reason)], Invalid::one("reason", Fault::Unreadable, words))
            .await;
    };
    match lift_batch(&engine()?.db, &who::by(), Lift { from, to }, &reason).await {
        Ok(count) => {
            let users = counted(count, "user is", "users are");
            form.done(&format!("{users} unblocked.")).await
        }
        Err(ChangeError::Invalid(invalid)) => form.refuse(&[("reason", &reason)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
