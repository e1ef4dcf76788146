//! Blocking and unblocking.

use super::super::view::Tab;
use super::{Place, end_of, engine, spoken};
use crate::form::failed;
use crate::ui::text::counted;
use crate::who;
use domain::Invalid;
use domain::blocks::{BlockFields, NewBlock, read_list};
use engine::blocks::BlockError;
use engine::fraud_alerts::{HandleError, Lift, lift_batch};
use leptos::prelude::*;

/// Blocks a user, a number or a block of numbers, or leaves it one channel.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "block")]
pub async fn block(
    /// What it is; told by its look when empty.
    #[server(default)]
    kind: String,
    /// Whom or what.
    #[server(default)]
    value: String,
    /// The one channel that is left; empty: none.
    #[server(default)]
    only_channel: String,
    /// How long, in seconds.
    #[server(default)]
    lasts: String,
    /// Until when.
    #[server(default)]
    until: String,
    /// Why.
    #[server(default)]
    reason: String,
    /// Whether a block that holds gives way.
    #[server(default)]
    instead: String,
    /// The report's page that the form stands on.
    #[server(default)]
    report: String,
    /// The form's name there.
    #[server(default)]
    form: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::of(&report, Tab::Blocked);
    let form = place.form(if form == "require" { "require" } else { "block" });
    let now = engine.clock().now();
    let mut wrong = Invalid::default();
    let end = end_of(&lasts, &until, now).unwrap_or_else(|invalid| {
        wrong = invalid;
        String::new()
    });
    if form.name == "require" && only_channel.is_empty() {
        wrong.push("only_channel", "required", "Choose the channel that is still offered.");
    }
    let fields = BlockFields {
        kind: &kind,
        value: &value,
        only_channel: &only_channel,
        until: &end,
        reason: &reason,
    };
    let read = NewBlock::read(fields, now).map_err(|mut invalid| {
        invalid.fields.extend(std::mem::take(&mut wrong.fields));
        BlockError::Invalid(invalid)
    });
    let done = match read {
        Ok(new) if wrong.fields.is_empty() => {
            engine::blocks::add(&engine.db, &who::by(), &new, !instead.is_empty()).await
        }
        Ok(_) => Err(BlockError::Invalid(wrong)),
        Err(error) => Err(error),
    };
    let kept = [
        ("kind", &*kind),
        ("value", &value),
        ("only_channel", &only_channel),
        ("lasts", &lasts),
        ("until", &until),
        ("reason", &reason),
    ];
    match done {
        Ok(block) => {
            engine.notify.wake();
            let what = match block.only_channel {
                None => format!("{} is blocked.", block.value),
                Some(channel) => format!("{} is offered {channel} only.", block.value),
            };
            form.done(&what).await
        }
        Err(BlockError::AlreadyBlocked(present)) => {
            let error = BlockError::AlreadyBlocked(present.clone()).to_string();
            let words = format!("{} {error}.", present.value);
            form.refuse(&kept, Invalid::one("value", "already_blocked", words)).await
        }
        Err(BlockError::Invalid(invalid)) => form.refuse(&kept, spoken(invalid)).await,
        Err(error) => Err(failed(&error)),
    }
}

/// Lines that are told one by one.
const LINES: usize = 100;

/// Blocks everything of a pasted list; lines that cannot be read come back.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "block-many")]
pub async fn block_many(
    /// The list.
    #[server(default)]
    list: String,
    /// How long, in seconds, where a line says nothing.
    #[server(default)]
    lasts: String,
    /// Until when, where a line says nothing.
    #[server(default)]
    until: String,
    /// Why, where a line says nothing.
    #[server(default)]
    reason: String,
    /// Whether blocks that hold give way.
    #[server(default)]
    instead: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Blocked);
    let form = place.form("block-many");
    let now = engine.clock().now();
    let kept = [("list", &*list), ("lasts", &lasts), ("until", &until), ("reason", &reason)];
    let end = match end_of(&lasts, &until, now) {
        Ok(end) => end,
        Err(invalid) => return form.refuse(&kept, invalid).await,
    };
    if let Err(invalid) = domain::blocks::until(&end, now) {
        return form.refuse(&kept, spoken(invalid)).await;
    }
    let read =
        read_list(&list, BlockFields { until: &end, reason: &reason, ..<_>::default() }, now);
    let mut left: Vec<(usize, String, String)> =
        read.bad.into_iter().map(|bad| (bad.line, bad.text, bad.invalid.to_string())).collect();
    let new: Vec<NewBlock> = read.good.iter().map(|(.., block)| block.clone()).collect();
    if new.is_empty() && left.is_empty() {
        let invalid = Invalid::one("list", "required", "Paste at least one line.");
        return form.refuse(&kept, invalid).await;
    }
    let many = engine::blocks::add_many(&engine.db, &who::by(), &new, !instead.is_empty()).await;
    let many = many.map_err(|error| failed(&error))?;
    engine.notify.wake();
    for (at, present) in many.known {
        if let Some((line, text, _)) = read.good.get(at) {
            let why = BlockError::AlreadyBlocked(Box::new(present)).to_string();
            left.push((*line, text.clone(), why));
        }
    }
    let done = format!("{} blocked.", counted(many.added.len() as u64, "line is", "lines are"));
    if left.is_empty() {
        return form.done(&done).await;
    }
    left.sort_by_key(|(line, ..)| *line);
    let mut invalid = Invalid::default();
    for (line, _, why) in left.iter().take(LINES) {
        invalid.push("list", "line", format!("Line {line}: {why}"));
    }
    if left.len() > LINES {
        let more = counted((left.len() - LINES) as u64, "more line", "more lines");
        invalid.push("list", "lines", format!("And {more}."));
    }
    // A header says where the columns are: what comes back keeps it.
    let header = list.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let names =
        header.to_ascii_lowercase().contains("value") && !left.iter().any(|l| l.1 == header);
    let lines = names.then_some(header).into_iter().chain(left.iter().map(|(_, text, _)| &**text));
    let back = lines.collect::<Vec<_>>().join("\n");
    let done = if many.added.is_empty() { "" } else { &done };
    let kept = [
        ("list", &*back),
        ("lasts", &lasts),
        ("until", &until),
        ("reason", &reason),
        ("done", done),
    ];
    form.refuse(&kept, invalid).await
}

/// Unblocks, for a reason.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "unblock")]
pub async fn unblock(
    /// The block.
    #[server(default)]
    id: String,
    /// Why.
    #[server(default)]
    reason: String,
    /// The report's page that the form stands on.
    #[server(default)]
    report: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::of(&report, Tab::Blocked);
    let block = id.parse().unwrap_or_default();
    let name = format!("unblock-{block}");
    match engine::blocks::end(&engine.db, &who::by(), block, &reason).await {
        Ok(block) => place.form("block").done(&format!("{} is unblocked.", block.value)).await,
        Err(BlockError::Invalid(invalid)) => {
            place.form(&name).refuse(&[("reason", &reason)], invalid).await
        }
        Err(BlockError::NotBlocked) => {
            let words = "This is not blocked any more. The page shows what holds now.";
            let invalid = Invalid::one("gone", "not_blocked", words);
            place.form("block").refuse(&[], invalid).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Lifts the automatic blocks of a batch.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "lift-blocks")]
pub async fn lift_blocks(
    /// From when on.
    #[server(default)]
    from: String,
    /// Until before when.
    #[server(default)]
    to: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Reports);
    let form = place.form("lift");
    let times = [&from, &to].map(|text| domain::period::parse_time(text));
    let [Ok(from), Ok(to)] = times else {
        let words = "The batch could not be read. Reload the page and lift it again.";
        return form.refuse(&[("reason", &reason)], Invalid::one("reason", "batch", words)).await;
    };
    match lift_batch(&engine.db, &who::by(), Lift { from, to }, &reason).await {
        Ok(count) => {
            let users = counted(count, "user is", "users are");
            form.done(&format!("{users} unblocked.")).await
        }
        Err(HandleError::Invalid(invalid)) => form.refuse(&[("reason", &reason)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
