//! The decision: every rule is asked in the contract's order, and the first that holds decides.

use super::limits::{key, over, over_cap};
use super::search::{Effect, Match, Search, Step};
use super::{Captcha, Code, Decision, Request, Rules, Verdict, Why};
use crate::blocks::BlockKind;
use crate::countries;
use crate::ledger::{Key, Ledger};
use crate::numbers::NumberType;
use crate::rules::{CaptchaFor, LimitAction, Mode, NumberAction, TypeAction, type_sentence};
use crate::workbook::Sight;
use crate::{Channel, Region, regions};
use chrono::{DateTime, Utc};

/// µs in a day.
const DAY: i64 = 86_400_000_000;

/// Decides about a request by the rules and what happened before. Pure: the same arguments lead to
/// the same decision, live, in a dry run and in a replay.
pub fn decide(request: &Request, rules: &Rules, ledger: &Ledger, now: DateTime<Utc>) -> Decision {
    let at = super::micros(now);
    let mut search = Search { found: Vec::new() };
    let bypass = standing(&mut search, request, rules, now);
    kill_switches(&mut search, request, rules, now);
    if !request.phone.valid {
        let why = plain(Code::NumberInvalid, "numbering plans", invalid_words(request));
        search.add(Step::Invalid, Effect::Stop(Verdict::Deny, 0), why);
    }
    number_rules(&mut search, request, rules, now);
    let trusted = trusted(request, rules, ledger, at);
    region(&mut search, request, rules, trusted);
    number_type(&mut search, request, rules);
    let cost = rules.price(request.number(), request.phone.region, request.channel);
    let spend = &rules.settings().spend;
    for cap in &spend.caps {
        if let Some(why) = over_cap(cap, spend.currency, cost, ledger, at) {
            search.add(Step::Other, Effect::Stop(Verdict::Deny, 0), why);
        }
    }
    limits(&mut search, request, rules, ledger, at, trusted);
    captcha(&mut search, request, rules, trusted);
    finish(search, request, rules, bypass, cost, now)
}

fn finish(
    mut search: Search,
    request: &Request,
    rules: &Rules,
    bypass: Option<uuid::Uuid>,
    cost: Option<crate::rules::Amount>,
    now: DateTime<Utc>,
) -> Decision {
    let solved = request.captcha == Captcha::Solved;
    // A solved captcha lifts every challenge, and is used up when the gate meant one.
    let mut turned = false;
    if solved {
        for one in &mut search.found {
            if matches!(one.effect, Effect::Stop(Verdict::Challenge, _)) {
                turned |= one.why.mode == Mode::Enforce;
                one.effect = Effect::Note;
            }
        }
    }
    let (verdict, reached, retry_after) = search.judge(false);
    let (shadow, shadow_reached, _) = search.judge(true);
    let passes_invalid = search.passes_invalid(false);
    let mut found = search.found;
    // What a bypass or an allow rule passes did not apply; a number that nobody can have did,
    // unless the rule is also for those.
    let reached = reached.max(shadow_reached);
    let late: Vec<Match> = found.split_off(reached.min(found.len()));
    found.extend(late.into_iter().filter(|one| one.step == Step::Invalid));
    found.retain(|one| one.step != Step::Invalid || !passes_invalid);
    let bypass = bypass.filter(|_| verdict == Verdict::Allow);
    let reasons: Vec<Why> = found.into_iter().map(|one| one.why).collect();
    let alternatives = alternatives(request, rules, verdict, &reasons, now);
    Decision {
        verdict,
        shadow,
        retry_after,
        reasons,
        alternatives,
        bypass,
        captcha: turned && verdict == Verdict::Allow,
        cost,
    }
}

fn plain(code: Code, rule: impl Into<String>, message: String) -> Why {
    let (observed, limit, window) = (None, None, None);
    Why { code, rule: rule.into(), mode: Mode::Enforce, observed, limit, window, message }
}

fn name_of(region: Region) -> String {
    match regions::info(region) {
        Some(_) if region == Region::WORLD => "numbers of no country (001)".to_owned(),
        Some(info) => format!("{} ({region})", info.name),
        None => region.to_string(),
    }
}

fn until_words(until: Option<DateTime<Utc>>, end: &str) -> String {
    match until {
        Some(until) => format!(" until {}", until.format("%-d %b %Y, %H:%M UTC")),
        None => format!(" until {end}"),
    }
}

/// Bypass, then blocks; the bypass that would let it through.
fn standing(
    search: &mut Search,
    request: &Request,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<uuid::Uuid> {
    let (user, phone) = (request.user_key.as_deref(), request.number());
    let pass = rules.standing.pass_of(user, phone, now).filter(|_| request.may_bypass);
    if let Some(pass) = pass {
        let rule = format!("bypass of a {}", pass.kind);
        let message = format!("Let through once: {}", pass.reason);
        search.add(Step::Other, Effect::Pass, plain(Code::Bypass, rule, message));
    }
    for refusal in rules.standing.refusals(request, request.channel, now) {
        let (code, who) = match refusal.kind {
            BlockKind::User => (Code::BlockUser, "The user"),
            BlockKind::Number => (Code::BlockNumber, "The number"),
            BlockKind::NumberBlock => (Code::BlockNumberBlock, "The block of numbers"),
            BlockKind::Ip => (Code::BlockIp, "The IP address"),
            BlockKind::IpNetwork => (Code::BlockIp, "The IP network"),
        };
        let until = until_words(refusal.until, "somebody lifts the block");
        let message = match refusal.only_channel {
            Some(only) => format!("{who} may use {only} alone{until}: {}", refusal.reason),
            None => format!("{who} is blocked{until}: {}", refusal.reason),
        };
        let rule = match refusal.kind {
            BlockKind::NumberBlock | BlockKind::IpNetwork => refusal.key.clone(),
            BlockKind::Ip => "block of an ip".to_owned(),
            kind => format!("block of a {kind}"),
        };
        search.add(Step::Other, Effect::Stop(Verdict::Deny, 0), plain(code, rule, message));
    }
    pass.map(|pass| pass.id)
}

fn kill_switches(search: &mut Search, request: &Request, rules: &Rules, now: DateTime<Utc>) {
    for switch in &rules.settings().kill_switches {
        let holds = switch.region.holds(&request.phone.region)
            && switch.channel.holds(&request.channel)
            && switch.until.is_none_or(|until| now < until);
        if holds {
            let message = switch.sentence();
            let why = Why { mode: switch.mode, ..plain(Code::KillSwitch, switch.name(), message) };
            search.add(Step::Other, Effect::Stop(Verdict::Deny, 0), why);
        }
    }
}

fn invalid_words(request: &Request) -> String {
    let region = name_of(request.phone.region);
    format!("By the numbering plan of {region} nobody can have this number.")
}

/// The longest rule for the number; where that is a shadow one, also the longest enforced one.
fn number_rules(search: &mut Search, request: &Request, rules: &Rules, now: DateTime<Utc>) {
    for rule in rules.number_rules(request.number(), now) {
        let reason =
            if rule.reason.is_empty() { String::new() } else { format!(" {}", rule.reason) };
        let message = format!("{}{reason}", rule.sentence(Sight::Whole));
        let why =
            Why { mode: rule.mode, ..plain(Code::NumberRule, rule.name(Sight::Whole), message) };
        let effect = match rule.action {
            NumberAction::Allow if rule.even_invalid => Effect::PassEvenInvalid,
            NumberAction::Allow => Effect::Pass,
            NumberAction::Deny => Effect::Stop(Verdict::Deny, 0),
        };
        search.add(Step::Number, effect, why);
        if rule.mode == Mode::Enforce {
            return;
        }
    }
}

/// Whether the number verified not long ago, and does not ask for too many codes.
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

fn trusted_why(message: String) -> Why {
    plain(Code::Trusted, "trusted number", message)
}

fn region(search: &mut Search, request: &Request, rules: &Rules, trusted: bool) {
    let (region, channel) = (request.phone.region, request.channel);
    let mode = match rules.countries().judge(channel, region) {
        countries::Verdict::Allowed => return,
        countries::Verdict::Monitored => Mode::Shadow,
        countries::Verdict::Refused => Mode::Enforce,
    };
    let name = name_of(region);
    if trusted {
        let message = format!("The number verified not long ago, so {name} is let through.");
        search.add(Step::Other, Effect::Note, trusted_why(message));
        return;
    }
    let message = format!("{name} is not among the regions that {channel} may reach.");
    let why = Why { mode, ..plain(Code::Region, format!("countries by {channel}"), message) };
    search.add(Step::Other, Effect::Stop(Verdict::Deny, 0), why);
}

fn number_type(search: &mut Search, request: &Request, rules: &Rules) {
    // What nobody can have is of no type.
    let Some(rule) = rules.settings().number_types.get(&request.phone.kind) else { return };
    let (verdict, mode) = match rule.action {
        TypeAction::Allow => return,
        TypeAction::Monitor => (Verdict::Deny, Mode::Shadow),
        TypeAction::Challenge => (Verdict::Challenge, Mode::Enforce),
        TypeAction::Deny => (Verdict::Deny, Mode::Enforce),
    };
    let message = type_sentence(request.phone.kind, rule.action);
    let name = format!("{} {}", rule.action, request.phone.kind);
    let why = Why { mode, ..plain(Code::NumberType, name, message) };
    search.add(Step::Other, Effect::Stop(verdict, 0), why);
}

fn limits(
    search: &mut Search,
    request: &Request,
    rules: &Rules,
    ledger: &Ledger,
    now: i64,
    trusted: bool,
) {
    let mut spared = false;
    let all = rules.settings().limits.iter();
    let keys: Vec<Key<'_>> = all.filter_map(|limit| key(limit.per, request)).collect();
    ledger.warm(&keys);
    for limit in &rules.settings().limits {
        let Some(over) = over(limit, request, ledger, now) else { continue };
        let verdict = match limit.action {
            LimitAction::Deny if trusted => {
                spared |= limit.mode == Mode::Enforce;
                Verdict::Delay
            }
            LimitAction::Deny => Verdict::Deny,
            LimitAction::Delay => Verdict::Delay,
            LimitAction::Challenge => Verdict::Challenge,
        };
        search.add(Step::Limits, Effect::Stop(verdict, over.retry_after), over.why);
    }
    if spared {
        let message = "The number verified not long ago, so it waits instead of being refused.";
        search.add(Step::Limits, Effect::Note, trusted_why(message.to_owned()));
    }
}

fn captcha(search: &mut Search, request: &Request, rules: &Rules, trusted: bool) {
    let asked = &rules.settings().captcha;
    let holds = match asked.ask {
        CaptchaFor::Nobody => false,
        CaptchaFor::Untrusted => !trusted,
        CaptchaFor::Everybody => true,
    };
    if !holds {
        return;
    }
    let message = match &request.captcha {
        Captcha::None => "A captcha is asked for before a code goes out.".to_owned(),
        Captcha::Solved => "A captcha was solved.".to_owned(),
        Captcha::Wrong(why) => format!("A captcha is asked for; the one that came: {why}"),
    };
    let why = Why {
        mode: asked.mode,
        ..plain(Code::Captcha, format!("captcha for {}", asked.ask), message)
    };
    search.add(Step::Other, Effect::Stop(Verdict::Challenge, 0), why);
}

/// Channels that may work where this one does not: those of the phone that the region's rules let
/// through, where the reason lies in region or channel, and those that need no number.
fn alternatives(
    request: &Request,
    rules: &Rules,
    verdict: Verdict,
    reasons: &[Why],
    now: DateTime<Utc>,
) -> Vec<Channel> {
    if verdict.lets_out() {
        return Vec::new();
    }
    let code = super::cause(reasons).map(|why| why.code);
    if matches!(code, Some(Code::BlockUser | Code::BlockIp)) {
        // Whoever is blocked is so by every channel but the one that is left.
        let channels = Channel::ALL.iter().copied().filter(|channel| *channel != request.channel);
        let open =
            channels.filter(|channel| rules.standing.refusals(request, *channel, now).is_empty());
        return open.collect();
    }
    let mut open = Vec::new();
    if matches!(code, Some(Code::Region | Code::KillSwitch)) {
        for channel in [Channel::Whatsapp, Channel::Rcs, Channel::Sms, Channel::Voice] {
            let other = Request { channel, ..request.clone() };
            let mut search = Search { found: Vec::new() };
            kill_switches(&mut search, &other, rules, now);
            region(&mut search, &other, rules, false);
            if channel != request.channel && search.judge(false).0 == Verdict::Allow {
                open.push(channel);
            }
        }
    }
    open.extend([Channel::Email, Channel::Push]);
    open
}
