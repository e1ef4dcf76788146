//! Two runs of the gate over the same attempts.

use super::told::{Replayed, RunCounts, TrialRules};
use chrono::{DateTime, Utc};
use domain::gate::{BlocksAndBypasses, Code, Request, Rules, decide, micros};
use domain::ledger::{EntryKind, Ledger};
use domain::numbers::NumberFacts;
use domain::{Kind, PhoneNumber};
use std::collections::{BTreeMap, HashMap};
use store::replay::PastAttempt;
use uuid::Uuid;

/// Sends of a day that a run's ledger can hold: more than a replay has attempts, to leave room for
/// long names.
const ENTRIES: usize = 500_000;

/// One run with the current rules and one with the new rules.
pub(super) struct Runs {
    before: Run,
    after: Run,
    /// Facts about each number; `None` if the gate does not accept it.
    facts: HashMap<PhoneNumber, Option<NumberFacts>>,
    first: Option<DateTime<Utc>>,
    looked_at: u64,
    left_out: u64,
    newly: BTreeMap<Code, (u64, u64)>,
    spared: (u64, u64),
}

impl Runs {
    pub(super) fn new(before: TrialRules, after: TrialRules, now: DateTime<Utc>) -> Self {
        Self {
            before: Run::new(before, now),
            after: Run::new(after, now),
            facts: HashMap::new(),
            first: None,
            looked_at: 0,
            left_out: 0,
            newly: BTreeMap::new(),
            spared: (0, 0),
        }
    }

    /// The time of the first attempt.
    pub(super) fn first(&self) -> Option<DateTime<Utc>> {
        self.first
    }

    /// Lets both runs decide the next attempt.
    pub(super) fn take(&mut self, past: PastAttempt) {
        self.first.get_or_insert(past.time);
        let facts = past.phone.and_then(|phone| {
            *self.facts.entry(phone).or_insert_with(|| NumberFacts::of(phone).ok())
        });
        let Some(facts) = facts else {
            self.left_out += 1;
            return;
        };
        self.looked_at += 1;
        let mut request = Request::new(facts, past.channel, String::new());
        request.user_key = past.user;
        request.ip = past.ip;
        request.flow = past.flow;
        let verified = past.outcome == Kind::Verified;
        let before = self.before.refuses(&request, past.id, past.time, verified);
        let after = self.after.refuses(&request, past.id, past.time, verified);
        match (before, after) {
            (None, Some(code)) => count(self.newly.entry(code).or_default(), verified),
            (Some(_), None) => count(&mut self.spared, verified),
            _ => {}
        }
    }

    pub(super) fn into_replayed(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Replayed {
        let newly = self.newly.into_iter().map(|(code, (n, verified))| (code, n, verified));
        let mut newly: Vec<_> = newly.collect();
        // Ties keep the order of the rules, which is the order of their codes.
        newly.sort_by_key(|(_, n, _)| std::cmp::Reverse(*n));
        Replayed {
            from,
            to,
            looked_at: self.looked_at,
            left_out: self.left_out,
            of: self.looked_at + self.left_out,
            of_at_least: false,
            before: self.before.tally,
            after: self.after.tally,
            newly,
            spared: self.spared,
        }
    }
}

fn count((all, good): &mut (u64, u64), verified: bool) {
    *all += 1;
    *good += u64::from(verified);
}

struct Run {
    rules: Rules,
    ledger: Ledger,
    tally: RunCounts,
}

impl Run {
    fn new(tried: TrialRules, now: DateTime<Utc>) -> Self {
        let TrialRules { mut rules, countries } = tried;
        // They apply to the whole range; those that have ended do not apply.
        rules.kill_switches.retain(|switch| switch.until.is_none_or(|until| now < until));
        rules.kill_switches.iter_mut().for_each(|switch| switch.until = None);
        rules.number_rules.retain(|rule| rule.until.is_none_or(|until| now < until));
        rules.number_rules.iter_mut().for_each(|rule| rule.until = None);
        Self {
            rules: Rules::new(rules, countries, BlocksAndBypasses::default()),
            ledger: Ledger::with_bound(ENTRIES),
            tally: RunCounts::default(),
        }
    }

    /// Decides an attempt and counts it; returns why it is refused, if it is.
    fn refuses(
        &mut self,
        request: &Request,
        attempt: Uuid,
        time: DateTime<Utc>,
        verified: bool,
    ) -> Option<Code> {
        let decision = decide(request, &self.rules, &self.ledger, time);
        // The reason for the refusal is among the reasons.
        let code = decision.cause().map_or(Code::NumberInvalid, |why| why.code);
        let lets_out = decision.verdict.lets_out();
        let what = match code.limit() {
            _ if lets_out => EntryKind::Requested,
            Some(per) => EntryKind::Refused(per),
            None => EntryKind::RefusedOther,
        };
        let at = micros(time);
        let entry = request.entry((attempt, attempt), at, what, decision.cost);
        self.ledger.note(&entry, at);
        if verified {
            self.ledger.trust(request.number(), at);
        }
        self.tally.add(decision.verdict, verified);
        (!lets_out).then_some(code)
    }
}
