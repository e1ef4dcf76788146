//! The decision: all rules are checked in the contract's order, and the first that applies decides.

use super::limits::{key, over, over_cap};
use super::search::{Effect, Search, SearchStep};
use super::{CaptchaResult, Code, Decision, ReasonEntry, Request, Rules, Verdict};
use crate::blocks::BlockKind;
use crate::countries;
use crate::ledger::{Key, Ledger};
use crate::numbers::NumberType;
use crate::rules::{
    Amount, CaptchaFor, LimitAction, Mode, NumberAction, TypeAction, type_sentence,
};
use crate::workbook::Sight;
use crate::{Channel, Region, regions};
use chrono::{DateTime, Utc};

/// µs in a day.
const DAY: i64 = 86_400_000_000;

/// Decides a request by the rules and the ledger. Pure: the same arguments lead to the same
/// decision, live, in a dry run and in a replay.
pub fn decide(request: &Request, rules: &Rules, ledger: &Ledger, now: DateTime<Utc>) -> Decision {
    let at = super::micros(now);
    let trusted = trusted(request, rules, ledger, at);
    let mut case = Case { request, rules, now, trusted, search: Search::default() };
    let bypass = case.apply_blocks();
    case.kill_switches();
    if !request.phone.valid {
        let region = name_of(request.phone.region);
        let message = format!("By the numbering plan of {region}, this number cannot exist.");
        let why = ReasonEntry::plain(Code::NumberInvalid, "numbering plans", message);
        case.search.add(SearchStep::Invalid, Effect::Stop(Verdict::Deny, 0), why);
    }
    case.number_rules();
    case.region();
    case.number_type();
    let cost = rules.price(request.number(), request.phone.region, request.channel);
    let spend = &rules.settings().spend;
    for cap in &spend.caps {
        if let Some(why) = over_cap(cap, spend.currency, cost, ledger, at) {
            case.search.deny(why);
        }
    }
    case.limits(ledger, at);
    case.captcha();
    case.finish(bypass, cost)
}

/// A request with the rules that apply so far.
struct Case<'a> {
    request: &'a Request,
    rules: &'a Rules,
    now: DateTime<Utc>,
    /// Whether the number is trusted.
    trusted: bool,
    search: Search,
}

fn name_of(region: Region) -> String {
    match regions::info(region) {
        Some(_) if region == Region::WORLD => "numbers of no country (001)".to_owned(),
        Some(info) => format!("{} ({region})", info.name),
        None => region.to_string(),
    }
}

/// Whether the number was verified recently and has not asked for too many codes.
fn trusted(request: &Request, rules: &Rules, ledger: &Ledger, now: i64) -> bool {
    let trust = &rules.settings().trust;
    let never =
        request.phone.kind == NumberType::PremiumRate || request.phone.region == Region::WORLD;
    if !trust.enabled || never {
        return false;
    }
    let Some(verified) = ledger.trusted_since(request.number()) else { return false };
    let days = i64::from(trust.days) * DAY;
    (now - days..=now).contains(&verified)
        && ledger.count(&Key::Number(request.number()), now, DAY) <= u64::from(trust.sends_a_day)
}

impl Case<'_> {
    /// Adds the bypass and the blocks that apply; returns the bypass's id.
    fn apply_blocks(&mut self) -> Option<uuid::Uuid> {
        let Self { request, rules, now, .. } = *self;
        let (user, phone) = (request.user_key.as_deref(), request.number());
        let pass = rules.standing.pass_of(user, phone, now).filter(|_| request.may_bypass);
        if let Some(pass) = pass {
            let rule = format!("bypass of a {}", pass.kind);
            let message = format!("Let through once: {}", pass.reason);
            self.search.add(
                SearchStep::Other,
                Effect::Pass,
                ReasonEntry::plain(Code::Bypass, rule, message),
            );
        }
        for refusal in rules.standing.refusals(request, request.channel, now) {
            let (code, who) = match refusal.kind {
                BlockKind::User => (Code::BlockUser, "The user"),
                BlockKind::Number => (Code::BlockNumber, "The number"),
                BlockKind::NumberBlock => (Code::BlockNumberBlock, "The block of numbers"),
                BlockKind::Ip => (Code::BlockIp, "The IP address"),
                BlockKind::IpNetwork => (Code::BlockIp, "The IP network"),
            };
            let until = match refusal.until {
                Some(until) => format!(" until {}", until.format("%-d %b %Y, %H:%M UTC")),
                None => " until unblocked".to_owned(),
            };
            let message = match refusal.only_channel {
                Some(only) => format!("{who} may use only {only}{until}: {}", refusal.reason),
                None => format!("{who} is blocked{until}: {}", refusal.reason),
            };
            let rule = match refusal.kind {
                BlockKind::NumberBlock | BlockKind::IpNetwork => refusal.key.clone(),
                BlockKind::Ip => "block of an ip".to_owned(),
                kind => format!("block of a {kind}"),
            };
            self.search.deny(ReasonEntry::plain(code, rule, message));
        }
        pass.map(|pass| pass.id)
    }

    fn kill_switches(&mut self) {
        let Self { request, now, .. } = *self;
        for switch in &self.rules.settings().kill_switches {
            let holds = switch.region.holds(&request.phone.region)
                && switch.channel.holds(&request.channel)
                && switch.until.is_none_or(|until| now < until);
            if holds {
                let message = switch.sentence();
                let why = ReasonEntry::plain(Code::KillSwitch, switch.name(), message);
                self.search.deny(ReasonEntry { mode: switch.mode, ..why });
            }
        }
    }

    /// The longest rule for the number; if it is a shadow rule, also the longest enforced one.
    fn number_rules(&mut self) {
        for rule in self.rules.number_rules(self.request.number(), self.now) {
            let mut message = rule.sentence(Sight::Whole);
            if !rule.reason.is_empty() {
                message = format!("{message} {}", rule.reason);
            }
            let why = ReasonEntry::plain(Code::NumberRule, rule.name(Sight::Whole), message);
            let why = ReasonEntry { mode: rule.mode, ..why };
            let effect = match rule.action {
                NumberAction::Allow if rule.even_invalid => Effect::PassEvenInvalid,
                NumberAction::Allow => Effect::Pass,
                NumberAction::Deny => Effect::Stop(Verdict::Deny, 0),
            };
            self.search.add(SearchStep::Number, effect, why);
            if rule.mode == Mode::Enforce {
                return;
            }
        }
    }

    fn region(&mut self) {
        let (region, channel) = (self.request.phone.region, self.request.channel);
        let mode = match self.rules.countries().judge(channel, region) {
            countries::Verdict::Allowed => return,
            countries::Verdict::Monitored => Mode::Shadow,
            countries::Verdict::Refused => Mode::Enforce,
        };
        let name = name_of(region);
        if self.trusted {
            let message = format!("The number was verified recently, so {name} is allowed.");
            self.search.add(
                SearchStep::Other,
                Effect::Note,
                ReasonEntry::plain(Code::Trusted, "trusted number", message),
            );
            return;
        }
        let message = format!("{name} is not among the regions allowed for {channel}.");
        let why = ReasonEntry::plain(Code::Region, format!("countries by {channel}"), message);
        self.search.deny(ReasonEntry { mode, ..why });
    }

    fn number_type(&mut self) {
        // An invalid number has no type.
        let kind = self.request.phone.kind;
        let Some(rule) = self.rules.settings().number_types.get(&kind) else { return };
        let (verdict, mode) = match rule.action {
            TypeAction::Allow => return,
            TypeAction::Monitor => (Verdict::Deny, Mode::Shadow),
            TypeAction::Challenge => (Verdict::Challenge, Mode::Enforce),
            TypeAction::Deny => (Verdict::Deny, Mode::Enforce),
        };
        let message = type_sentence(kind, rule.action);
        let name = format!("{} {kind}", rule.action);
        let why = ReasonEntry { mode, ..ReasonEntry::plain(Code::NumberType, name, message) };
        self.search.add(SearchStep::Other, Effect::Stop(verdict, 0), why);
    }

    fn limits(&mut self, ledger: &Ledger, now: i64) {
        let request = self.request;
        let limits = &self.rules.settings().limits;
        let keys: Vec<Key<'_>> =
            limits.iter().filter_map(|limit| key(limit.per, request)).collect();
        ledger.warm(&keys);
        let mut spared = false;
        for limit in limits {
            let Some((why, retry_after)) = over(limit, request, ledger, now) else { continue };
            let verdict = match limit.action {
                LimitAction::Deny if self.trusted => {
                    spared |= limit.mode == Mode::Enforce;
                    Verdict::Delay
                }
                LimitAction::Deny => Verdict::Deny,
                LimitAction::Delay => Verdict::Delay,
                LimitAction::Challenge => Verdict::Challenge,
            };
            self.search.add(SearchStep::Limits, Effect::Stop(verdict, retry_after), why);
        }
        if spared {
            let message = "The number was verified recently, so it is delayed instead of refused.";
            self.search.add(
                SearchStep::Limits,
                Effect::Note,
                ReasonEntry::plain(Code::Trusted, "trusted number", message.to_owned()),
            );
        }
    }

    fn captcha(&mut self) {
        let asked = &self.rules.settings().captcha;
        let holds = match asked.ask {
            CaptchaFor::Nobody => false,
            CaptchaFor::Untrusted => !self.trusted,
            CaptchaFor::Everybody => true,
        };
        if !holds {
            return;
        }
        let message = match &self.request.captcha {
            CaptchaResult::None => "A captcha is required before a code is sent.".to_owned(),
            CaptchaResult::Solved => "A captcha was solved.".to_owned(),
            CaptchaResult::Wrong(why) => {
                format!("A captcha is required; the one sent was not accepted: {why}")
            }
        };
        let why = ReasonEntry::plain(Code::Captcha, format!("captcha for {}", asked.ask), message);
        let why = ReasonEntry { mode: asked.mode, ..why };
        self.search.add(SearchStep::Other, Effect::Stop(Verdict::Challenge, 0), why);
    }

    /// Channels that may work instead: if the reason is region or channel, those that the region's
    /// rules allow; and those that need no number.
    fn alternatives(&self, verdict: Verdict, reasons: &[ReasonEntry]) -> Vec<Channel> {
        let Self { request, rules, now, .. } = *self;
        if verdict.lets_out() {
            return Vec::new();
        }
        let code = super::cause(reasons).map(|why| why.code);
        if matches!(code, Some(Code::BlockUser | Code::BlockIp)) {
            // A block applies to every channel but the one it allows.
            let open = |channel: &Channel| {
                *channel != request.channel
                    && rules.standing.refusals(request, *channel, now).is_empty()
            };
            return Channel::ALL.iter().copied().filter(open).collect();
        }
        let mut open = Vec::new();
        if matches!(code, Some(Code::Region | Code::KillSwitch)) {
            for channel in [Channel::Whatsapp, Channel::Rcs, Channel::Sms, Channel::Voice] {
                let other = Request { channel, ..request.clone() };
                let (request, search) = (&other, Search::default());
                let mut case = Case { request, rules, now, trusted: false, search };
                case.kill_switches();
                case.region();
                if channel != self.request.channel && case.search.judge(false).0 == Verdict::Allow {
                    open.push(channel);
                }
            }
        }
        open.extend([Channel::Email, Channel::Push]);
        open
    }

    /// The decision from all matches.
    fn finish(mut self, bypass: Option<uuid::Uuid>, cost: Option<Amount>) -> Decision {
        // A solved captcha lifts every challenge. It is used up if an enforced rule required it.
        let mut turned = false;
        if self.request.captcha == CaptchaResult::Solved {
            for one in &mut self.search.found {
                if matches!(one.effect, Effect::Stop(Verdict::Challenge, _)) {
                    turned |= one.why.mode == Mode::Enforce;
                    one.effect = Effect::Note;
                }
            }
        }
        let (verdict, reached, retry_after) = self.search.judge(false);
        let (shadow, shadow_reached, _) = self.search.judge(true);
        let passes_invalid = self.search.passes_invalid(false);
        // Rules behind a bypass or an allow rule did not apply. An invalid number did, unless the allow
        // rule includes those.
        let reached = reached.max(shadow_reached);
        let found = std::mem::take(&mut self.search.found).into_iter().enumerate();
        let applied = found.filter(|(at, one)| match one.step {
            SearchStep::Invalid => !passes_invalid,
            _ => *at < reached,
        });
        let reasons: Vec<ReasonEntry> = applied.map(|(_, one)| one.why).collect();
        Decision {
            verdict,
            shadow,
            retry_after,
            alternatives: self.alternatives(verdict, &reasons),
            reasons,
            bypass: bypass.filter(|_| verdict == Verdict::Allow),
            captcha: turned && verdict == Verdict::Allow,
            cost,
        }
    }
}
