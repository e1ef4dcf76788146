//! Whom fraud reports block: one block for a user and a burst of reports, and none after the
//! breaker has tripped.

use super::report::NamedReport;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Actor;
use domain::blocks::BlockKind;
use domain::fraud_alerts::{BREAKER_MINUTES, Settings};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::blocks::{Block, End};
use store::fraud_reports::{self as rows, ActiveBlock};
use store::write::Write;
use uuid::Uuid;

/// The reason of a block that a user's own fraud report caused.
pub(super) const REASON: &str = "The user reported fraud";
/// Why a requirement to use another channel ends.
const INSTEAD: &str = "the user reported fraud and is blocked on every channel";

/// What a fraud report did to its user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BlockEffect {
    /// The block that it caused or joined.
    pub(super) block: Option<Uuid>,
    /// When the block ends; `None` with a block means until somebody unblocks.
    pub(super) until: Option<DateTime<Utc>>,
    /// Whether this report created the block.
    pub(super) new: bool,
    /// Whether the breaker prevented a block.
    pub(super) broken: bool,
}

/// Decides about each report and writes the blocks.
pub(super) async fn decide(
    write: &mut Write,
    settings: &Settings,
    taken: &[NamedReport<'_>],
    now: DateTime<Utc>,
) -> store::Result<Vec<BlockEffect>> {
    if !settings.auto_block || taken.is_empty() {
        return Ok(vec![BlockEffect::default(); taken.len()]);
    }
    // Serializes servers, so that the breaker counts correctly.
    rows::lock_auto_blocks(write.conn()).await?;
    let names: BTreeSet<&str> =
        taken.iter().flat_map(|one| &one.names).map(String::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let held = rows::held(write.conn(), &names, now).await?;
    let since = now - TimeDelta::minutes(BREAKER_MINUTES);
    let made = rows::auto_blocks_since(write.conn(), since).await?;
    let until =
        (settings.block_days > 0).then(|| now + TimeDelta::days(i64::from(settings.block_days)));
    let mut plan = Plan {
        held,
        left: i64::from(settings.breaker).saturating_sub(made),
        until,
        now,
        new: Vec::new(),
        instead: Vec::new(),
        longer: BTreeMap::new(),
    };
    let fates: Vec<BlockEffect> = taken.iter().map(|one| plan.fate(one)).collect();
    // A requirement to use another channel is weaker than a block, which replaces it.
    let instead = End { time: now, by: Actor::Own.to_string(), reason: INSTEAD.to_owned() };
    store::blocks::end(write, &plan.instead, &instead).await?;
    if store::blocks::add(write, &plan.new, now).await?.len() < plan.new.len() {
        // Another server blocked one in the meantime: the data read is stale.
        return Err(store::Error::Contended);
    }
    let longer: Vec<_> = plan.longer.into_iter().collect();
    rows::extend_blocks(write.conn(), &longer).await?;
    Ok(fates)
}

struct Plan {
    /// Active blocks by each name of the user, including those of this batch.
    held: HashMap<String, ActiveBlock>,
    /// How many more blocks the breaker allows.
    left: i64,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    new: Vec<Block>,
    /// Requirements to use another channel that a block replaces.
    instead: Vec<Uuid>,
    longer: BTreeMap<Uuid, Option<DateTime<Utc>>>,
}

impl Plan {
    fn fate(&mut self, one: &NamedReport<'_>) -> BlockEffect {
        // Of several blocks of one person, the longest.
        let name = one
            .names
            .iter()
            .filter(|name| self.held.get(*name).is_some_and(|held| !held.partial))
            .max_by_key(|name| self.held.get(*name).map(|held| length(held.until)));
        if let Some(held) = name.and_then(|name| self.held.get_mut(name)) {
            if length(self.until) > length(held.until) {
                held.until = self.until;
                self.longer.insert(held.id, self.until);
            }
            let (block, until) = (Some(held.id), held.until);
            return BlockEffect { block, until, new: false, broken: false };
        }
        if self.left <= 0 {
            return BlockEffect { broken: true, ..BlockEffect::default() };
        }
        self.left -= 1;
        let id = store::random::uuid();
        let key = one.names[0].clone();
        self.new.push(Block {
            id,
            kind: BlockKind::User,
            value: one.report.user.clone(),
            key: key.clone(),
            only_channel: None,
            since: self.now,
            until: self.until,
            by: Actor::Own.to_string(),
            reason: REASON.to_owned(),
            auto: true,
            end: None,
        });
        let held = ActiveBlock { id, until: self.until, partial: false };
        if let Some(less) = self.held.insert(key, held) {
            self.instead.push(less.id);
        }
        BlockEffect { block: Some(id), until: self.until, new: true, broken: false }
    }
}

/// How long a block lasts, for comparison: a block without an end is the longest.
fn length(until: Option<DateTime<Utc>>) -> (bool, Option<DateTime<Utc>>) {
    (until.is_none(), until)
}
