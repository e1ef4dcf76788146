//! The gate's memory: the rules, the ledger, and how far it has read the store.

use super::time::Time;
use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::{Active, BlocksAndBypasses, Code, Decision, Request, Rules, Verdict};
use domain::ledger::{Entry, EntryKind, Ledger};
use domain::rules::Amount;
use domain::{Kind, countries, rules};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use store::events::Position;
use store::gate::{BlockOrBypass, Send};
use uuid::Uuid;

/// Most entries in the ledger: they take less than a gibibyte.
const ENTRIES: usize = 10_000_000;
/// How far back the ledger is read: the longest window plus an hour for late events.
pub(super) const HOURS: i64 = 25;

/// The gate's memory; one lock guards it.
pub(super) struct GateMemory {
    pub(super) rules: Arc<Rules>,
    pub(super) ledger: Ledger,
    /// The clock that orders decisions.
    pub(super) time: Time,
    /// Bypasses that decisions hold until the store confirms that they are used up, or they are
    /// given back.
    pub(super) held_bypasses: HashMap<Uuid, Active>,
    /// Captchas that decisions hold, with their expiry times. Used ones stay, so that a second use
    /// is refused without asking the store.
    pub(super) held_captchas: HashMap<Uuid, DateTime<Utc>>,
    /// All transactions below this have been read.
    pub(super) position: Position,
    /// Versions of the sections `countries` and `rules`.
    pub(super) versions: [i64; 2],
    /// Counted events that the next read will return again.
    pub(super) recent: HashSet<Uuid>,
    /// Counted decisions that are not known to be in the store, by event.
    pub(super) flying: HashMap<Uuid, Flying>,
    /// Decisions that were in `flying` when the ledger was last rebuilt, and were counted then.
    pub(super) overlaid: HashSet<Uuid>,
    /// Whether the ledger was counted with other prices or another currency.
    pub(super) stale: bool,
    /// Currencies of costs that no spend cap counts, with their last time.
    pub(super) foreign: Foreign,
    /// When the store was last read successfully.
    pub(super) looked: DateTime<Utc>,
}

/// Last time of costs in each currency other than the spend caps', in µs since 1970.
pub(super) type Foreign = BTreeMap<String, i64>;

/// A counted decision that is being written.
pub(super) struct Flying {
    request: Arc<Request>,
    what: EntryKind,
    time: i64,
}

impl Flying {
    fn entry(&self, cost: Option<Amount>) -> Entry<'_> {
        let ids = (Uuid::nil(), self.request.attempt());
        self.request.entry(ids, self.time, self.what, cost)
    }
}

/// State of the gate, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateHealth {
    /// Whether it can read and write the store.
    pub connected: bool,
    /// Number of sends in the ledger.
    pub entries: usize,
    /// Memory used by the ledger, in bytes.
    pub memory: usize,
    /// Most sends that the ledger holds.
    pub bound: usize,
    /// The oldest send in the ledger. If the ledger is full, it is complete from then on.
    pub oldest: Option<DateTime<Utc>>,
    /// Active blocks and bypasses.
    pub standing: usize,
    /// Decisions made without the store that wait until it is back.
    pub kept: usize,
    /// When it last read the store.
    pub looked: DateTime<Utc>,
}

impl GateMemory {
    pub(super) fn new(position: Position, now: DateTime<Utc>) -> Self {
        Self {
            rules: Arc::new(Rules::default()),
            ledger: empty_ledger(),
            time: Time::new(now),
            held_bypasses: HashMap::new(),
            held_captchas: HashMap::new(),
            position,
            versions: [0, 0],
            recent: HashSet::new(),
            flying: HashMap::new(),
            overlaid: HashSet::new(),
            stale: false,
            foreign: Foreign::new(),
            looked: now,
        }
    }

    pub(super) fn health(&self, away: bool, kept: usize) -> GateHealth {
        GateHealth {
            connected: !away,
            entries: self.ledger.len(),
            memory: self.ledger.memory(),
            bound: ENTRIES,
            oldest: self.ledger.oldest().and_then(DateTime::from_timestamp_micros),
            standing: self.rules.standing.len(),
            kept,
            looked: self.looked,
        }
    }

    pub(super) fn apply_settings(
        &mut self,
        countries: countries::Settings,
        rules: rules::Settings,
    ) {
        let spend = &self.rules.settings().spend;
        let (currency, prices) = (&rules.spend.currency, &rules.spend.prices);
        self.stale |= (&spend.currency, &spend.prices) != (currency, prices);
        let standing = self.blocks_and_bypasses().clone();
        self.rules = Arc::new(Rules::new(rules, countries, standing));
    }

    /// Blocks and bypasses for changing. Rules that other threads still use do not change.
    pub(super) fn blocks_and_bypasses(&mut self) -> &mut BlocksAndBypasses {
        &mut Arc::make_mut(&mut self.rules).standing
    }

    pub(super) fn block(&mut self, stand: BlockOrBypass) {
        let standing = self.blocks_and_bypasses();
        if stand.live {
            standing.block(stand.active);
        } else {
            standing.unblock(stand.active.id);
        }
    }

    /// Counts an event from the store, unless it was counted before.
    pub(super) fn fold(&mut self, send: &Send, now: DateTime<Utc>) {
        let micros = now.timestamp_micros();
        note(&mut self.ledger, &mut self.foreign, &self.rules, send, micros);
        if send.gate {
            self.time.seen(send.time, now);
        }
    }

    /// Counts a decision before it is written, so that the next request sees it.
    pub(super) fn reserve(
        &mut self,
        request: &Arc<Request>,
        decision: &Decision,
        event: Uuid,
        now: DateTime<Utc>,
    ) {
        let what = match decision.verdict {
            verdict if verdict.counts() => EntryKind::Requested,
            Verdict::Allow | Verdict::Challenge => EntryKind::RefusedOther,
            Verdict::Delay | Verdict::Deny => refusal(decision.cause().map(|why| why.code)),
        };
        let time = now.timestamp_micros();
        let flying = Flying { request: Arc::clone(request), what, time };
        self.ledger.note(&flying.entry(decision.cost), time);
        self.flying.insert(event, flying);
    }

    /// Replaces the ledger by a new one built from transactions below the position, and returns the
    /// old one. Adds decisions that are being written; the next read brings what was written since.
    pub(super) fn replace_ledger(
        &mut self,
        mut ledger: Ledger,
        foreign: Foreign,
        position: Position,
        read: &HashSet<Uuid>,
    ) -> Ledger {
        ledger.take_trust(&mut self.ledger);
        for (_, flying) in self.flying.iter().filter(|(event, _)| !read.contains(event)) {
            let facts = &flying.request.phone;
            let cost = self.rules.price(facts.phone, facts.region, flying.request.channel);
            ledger.note(&flying.entry(cost), flying.time);
        }
        self.overlaid = self.flying.keys().copied().collect();
        self.foreign = foreign;
        self.position = position;
        self.recent.clear();
        std::mem::replace(&mut self.ledger, ledger)
    }

    /// Drops ended blocks and bypasses, and trust older than `days`.
    pub(super) fn upkeep(&mut self, now: DateTime<Utc>, days: i64) {
        self.blocks_and_bypasses().forget_before(now);
        self.held_captchas.retain(|_, expires| *expires > now);
        let day_ago = (now - TimeDelta::days(1)).timestamp_micros();
        self.foreign.retain(|_, last| *last > day_ago);
        self.ledger.forget_trust_before((now - TimeDelta::days(days)).timestamp_micros());
    }

    /// Drops old entries, a limited number per call.
    pub(super) fn forget(&mut self, now: DateTime<Utc>) {
        let before = now - TimeDelta::hours(HOURS);
        self.ledger.forget_before(before.timestamp_micros());
    }
}

pub(super) fn empty_ledger() -> Ledger {
    Ledger::with_bound(ENTRIES)
}

fn refusal(code: Option<Code>) -> EntryKind {
    match code.and_then(Code::limit) {
        Some(per) => EntryKind::Refused(per),
        None => EntryKind::RefusedOther,
    }
}

/// Counts an event in a ledger, with its own price or else that of the table.
pub(super) fn note(
    ledger: &mut Ledger,
    foreign: &mut Foreign,
    rules: &Rules,
    send: &Send,
    now: i64,
) {
    let what = match send.kind {
        Kind::Requested if send.gate => EntryKind::Requested,
        Kind::Sent | Kind::Failed if send.phone.is_some() => EntryKind::Sent,
        Kind::Refused if send.gate => {
            let code = send.code.as_deref().and_then(|code| code.parse::<Code>().ok());
            refusal(code)
        }
        _ => EntryKind::Cost,
    };
    let currency = rules.settings().spend.currency;
    let (own, other): (Vec<_>, Vec<_>) =
        send.cost.iter().partition(|(_, of)| of == currency.as_str());
    for (_, of) in other {
        let last = foreign.entry(of.clone()).or_insert(send.time);
        *last = send.time.max(*last);
    }
    let own = own.first();
    // An implausible price stays with its event but does not count; the table's price does.
    let odd = |cost: &Amount| {
        send.phone.is_none_or(|phone| rules.is_odd(*cost, phone, send.region, send.channel))
    };
    let own = own.map(|(amount, _)| Amount::of(*amount)).filter(|cost| !odd(cost));
    let user = send.user.as_deref().map(domain::events::fold_user);
    let table = || rules.price(send.phone?, send.region?, send.channel?);
    let entry = Entry {
        key: send.key,
        time: send.time,
        what,
        attempt: send.attempt,
        phone: send.phone,
        region: send.region,
        channel: send.channel,
        ip: send.ip,
        user: user.as_deref(),
        device: send.device.as_deref(),
        flow: send.flow.as_deref(),
        cost: own.or_else(table).map(Amount::nano),
        priced_by_event: own.is_some(),
    };
    ledger.note(&entry, now);
}
