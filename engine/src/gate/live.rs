//! What the gate keeps in memory: the rules, the ledger, and where its reading of the store
//! stands.

use super::claims::Claims;
use super::time::Time;
use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::{Code, Decision, Request, Rules, Standing, Verdict};
use domain::ledger::{Entry, Ledger, What};
use domain::rules::Amount;
use domain::{Channel, Kind, PhoneNumber, Region, countries, rules};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use store::events::Position;
use store::gate::{Send, Stand};
use uuid::Uuid;

/// Entries that the ledger holds at most: within a gibibyte.
const ENTRIES: usize = 10_000_000;
/// How far back the ledger is read: the longest window and an hour, for events that come late.
pub(super) const HOURS: i64 = 25;

/// The gate's memory.
pub(super) struct State {
    pub(super) rules: Arc<Rules>,
    pub(super) ledger: Ledger,
    /// What decisions are ordered by.
    pub(super) time: Time,
    /// What is used once, and somebody's just now.
    pub(super) claims: Claims,
    /// Every transaction below this has been read.
    pub(super) position: Position,
    /// Versions of the sections `countries` and `rules`.
    pub(super) versions: [i64; 2],
    /// Events that were folded in and that the next look brings again.
    pub(super) recent: HashSet<Uuid>,
    /// What is counted and not in the store, as far as known, by its event.
    pub(super) flying: HashMap<Uuid, Flying>,
    /// What flew when the ledger was last folded anew, and was folded in then.
    pub(super) overlaid: HashSet<Uuid>,
    /// The ledger was folded under other prices, or for another currency.
    pub(super) stale: bool,
    /// Currencies of costs that no cap counts, and the last time of each.
    pub(super) foreign: Foreign,
    /// When the store was last looked at with success.
    pub(super) looked: DateTime<Utc>,
}

/// When events last had costs in each of other currencies than the caps', µs since 1970.
pub(super) type Foreign = BTreeMap<String, i64>;

/// A decision that is counted, on its way to the store.
pub(super) struct Flying {
    request: Arc<Request>,
    what: What,
    time: i64,
}

impl Flying {
    fn entry(&self, cost: Option<Amount>) -> Entry<'_> {
        let request = &self.request;
        Entry {
            key: Uuid::nil(),
            time: self.time,
            what: self.what,
            attempt: request.attempt(),
            phone: Some(request.number()),
            region: Some(request.phone.region),
            channel: Some(request.channel),
            ip: request.ip,
            user: request.user_key.as_deref(),
            device: request.device.as_deref(),
            flow: request.flow.as_deref(),
            cost: cost.map(Amount::nano),
            priced_by_event: false,
        }
    }
}

/// How the gate is, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether it reads and writes the store.
    pub connected: bool,
    /// Sends in the ledger.
    pub entries: usize,
    /// Bytes that the ledger takes.
    pub memory: usize,
    /// Sends it holds at most.
    pub bound: usize,
    /// The oldest send it holds: at the bound, from when on it is whole.
    pub oldest: Option<DateTime<Utc>>,
    /// Blocks and bypasses in force.
    pub standing: usize,
    /// Decisions made without the store that wait for it to return.
    pub kept: usize,
    /// When it last looked at the store.
    pub looked: DateTime<Utc>,
}

impl State {
    pub(super) fn new(position: Position, now: DateTime<Utc>) -> Self {
        Self {
            rules: Arc::new(Rules::default()),
            ledger: empty_ledger(),
            time: Time::new(now),
            claims: Claims::default(),
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

    pub(super) fn health(&self, away: bool, kept: usize) -> Health {
        Health {
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

    /// Puts other settings in force.
    pub(super) fn obey(&mut self, countries: countries::Settings, rules: rules::Settings) {
        let spend = &self.rules.settings().spend;
        let (currency, prices) = (&rules.spend.currency, &rules.spend.prices);
        self.stale |= (&spend.currency, &spend.prices) != (currency, prices);
        let standing = self.standing().clone();
        self.rules = Arc::new(Rules::new(rules, countries, standing));
    }

    /// Blocks and bypasses; changing them leaves the rules that others hold as they were.
    pub(super) fn standing(&mut self) -> &mut Standing {
        &mut Arc::make_mut(&mut self.rules).standing
    }

    pub(super) fn block(&mut self, stand: Stand) {
        let standing = self.standing();
        if stand.live {
            standing.block(domain::gate::Refusal {
                id: stand.id,
                kind: stand.kind,
                key: stand.key,
                names: stand.names,
                only_channel: stand.only_channel,
                until: stand.until,
                reason: stand.reason,
            });
        } else {
            standing.unblock(stand.id);
        }
    }

    /// Drops blocks and bypasses that are not to be kept.
    pub(super) fn keep_standing(&mut self, keep: impl Fn(Uuid) -> bool) {
        self.standing().retain(keep);
    }

    /// Folds an event of the store in, unless it was before.
    pub(super) fn fold(&mut self, send: &Send, now: DateTime<Utc>) {
        let micros = now.timestamp_micros();
        note(&mut self.ledger, &mut self.foreign, &self.rules, send, micros);
        if send.gate {
            self.time.seen(send.time, now);
        }
    }

    /// Counts a decision before it is written: whoever asks next sees it.
    pub(super) fn reserve(
        &mut self,
        request: &Arc<Request>,
        decision: &Decision,
        event: Uuid,
        now: DateTime<Utc>,
    ) {
        let what = match decision.verdict {
            verdict if verdict.counts() => What::Requested,
            Verdict::Allow | Verdict::Challenge => What::RefusedOther,
            Verdict::Delay | Verdict::Deny => refusal(decision.cause().map(|why| why.code)),
        };
        let time = now.timestamp_micros();
        let flying = Flying { request: Arc::clone(request), what, time };
        self.ledger.note(&flying.entry(decision.cost), time);
        self.flying.insert(event, flying);
    }

    /// Puts a ledger in the place of this one that was folded anew from what transactions below
    /// the position wrote; gives the old one. What is on its way is folded in; what was written
    /// since, the next look brings.
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

    /// Forgets blocks and bypasses that have ended, and trust from before so many days.
    pub(super) fn upkeep(&mut self, now: DateTime<Utc>, days: i64) {
        self.standing().forget_before(now);
        self.claims.forget_before(now);
        let day_ago = (now - TimeDelta::days(1)).timestamp_micros();
        self.foreign.retain(|_, last| *last > day_ago);
        self.ledger.forget_trust_before((now - TimeDelta::days(days)).timestamp_micros());
    }

    /// Forgets what is too old, some at a time.
    pub(super) fn forget(&mut self, now: DateTime<Utc>) {
        let before = now - TimeDelta::hours(HOURS);
        self.ledger.forget_before(before.timestamp_micros());
    }
}

/// A ledger that holds nothing yet.
pub(super) fn empty_ledger() -> Ledger {
    Ledger::with_bound(ENTRIES)
}

fn refusal(code: Option<Code>) -> What {
    match code.and_then(Code::limit) {
        Some(per) => What::Refused(per),
        None => What::RefusedOther,
    }
}

/// Folds an event into a ledger; its price is its own, else the table's.
pub(super) fn note(
    ledger: &mut Ledger,
    foreign: &mut Foreign,
    rules: &Rules,
    send: &Send,
    now: i64,
) {
    let what = match send.kind {
        Kind::Requested if send.gate => What::Requested,
        Kind::Sent | Kind::Failed if send.phone.is_some() => What::Sent,
        Kind::Refused if send.gate => {
            let code = send.code.as_deref().and_then(|code| code.parse::<Code>().ok());
            refusal(code)
        }
        _ => What::Cost,
    };
    let currency = rules.settings().spend.currency;
    let (own, other): (Vec<_>, Vec<_>) =
        send.cost.iter().partition(|(_, of)| of == currency.as_str());
    for (_, of) in other {
        let last = foreign.entry(of.clone()).or_insert(send.time);
        *last = send.time.max(*last);
    }
    let own = own.first();
    // What nobody can believe is kept at its event and does not count: the table's price does.
    let odd = |cost: &Amount| {
        send.phone.is_none_or(|phone| rules.is_odd(*cost, phone, send.region, send.channel))
    };
    let own = own.map(|(amount, _)| Amount::of(*amount)).filter(|cost| !odd(cost));
    let user = send.user.as_deref().map(domain::events::fold_user);
    let table = || price(rules, send.phone?, send.region, send.channel);
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

fn price(
    rules: &Rules,
    phone: PhoneNumber,
    region: Option<Region>,
    channel: Option<Channel>,
) -> Option<Amount> {
    rules.price(phone, region?, channel?)
}
