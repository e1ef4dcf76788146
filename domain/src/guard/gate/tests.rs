//! The rules of section 4, one by one, their order, and the properties of every decision.

use super::*;
use crate::blocks::BlockKind;
use crate::countries;
use crate::ledger::Ledger;
use crate::numbers::NumberType;
use crate::rules::{self, Any, CaptchaFor, KillSwitch, Limit, LimitAction, NumberRule, TypeRule};
use crate::rules::{NumberAction, OnStoreFailure, Price, SpendCap, TypeAction};
use crate::settings::Section as _;
use chrono::TimeDelta;
use testkit::noon;

mod blocks;
mod invalid;
mod properties;

fn facts(phone: &str, region: &str, kind: NumberType) -> NumberFacts {
    let phone: PhoneNumber = phone.parse().unwrap();
    NumberFacts { phone, region: region.parse().unwrap(), calling_code: 1, kind, valid: true }
}

fn ask() -> Request {
    let mut request =
        Request::new(facts("+14155550100", "US", NumberType::Mobile), Channel::Sms, "j".into())
            .of_user(Some("Ana@Example.com".into()));
    request.ip = Some("203.0.113.7".parse().unwrap());
    request.device = Some("d".into());
    request.flow = Some("sign-in".into());
    request
}

fn rules(change: impl FnOnce(&mut rules::Settings)) -> Rules {
    let mut settings = rules::Settings::default();
    change(&mut settings);
    settings.check().unwrap();
    Rules::new(settings, countries::Settings::default(), BlocksAndBypasses::default())
}

fn blocked(kind: BlockKind, key: &str, names: &[&str], only: Option<Channel>) -> Active {
    Active {
        id: crate::blocks::person(&format!("{kind} {key}")),
        kind,
        key: key.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        only_channel: only,
        until: Some(noon() + TimeDelta::hours(1)),
        reason: "fraud".into(),
    }
}

/// A ledger with `n` sends to the number of [`ask`], one per second until a second ago.
fn after(sends: i64) -> Ledger {
    let mut ledger = Ledger::default();
    for at in 0..sends {
        send(
            &mut ledger,
            &ask(),
            noon() - TimeDelta::seconds(sends - at),
            EntryKind::Requested,
            at,
        );
    }
    ledger
}

fn send(ledger: &mut Ledger, request: &Request, time: DateTime<Utc>, what: EntryKind, at: i64) {
    let time = micros(time);
    let id = u128::from(at.unsigned_abs());
    let ids = (Uuid::from_u128(id), Uuid::from_u128(id + 1));
    let entry = request.entry(ids, time, what, None);
    ledger.note(&Entry { cost: Some(40_000_000), ..entry }, time);
}

fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.reasons.iter().map(|why| why.code.as_str()).collect()
}

fn now(request: &Request, rules: &Rules) -> Decision {
    decide(request, rules, &Ledger::default(), noon())
}

fn shut_everywhere() -> KillSwitch {
    KillSwitch {
        region: Any::All,
        channel: Any::All,
        until: None,
        mode: Mode::Enforce,
        reason: String::new(),
        by: None,
        at: None,
    }
}

/// A bypass of the user of [`ask`].
fn pass() -> Active {
    Active {
        id: Uuid::from_u128(9),
        kind: BlockKind::User,
        key: "ana@example.com".into(),
        names: vec![],
        only_channel: None,
        until: Some(noon() + TimeDelta::seconds(1)),
        reason: "new phone".into(),
    }
}

#[test]
fn nothing_against_it_lets_it_out() {
    let decision = now(&ask(), &rules(|_| ()));
    assert_eq!((decision.verdict, decision.shadow), (Verdict::Allow, Verdict::Allow));
    assert_eq!((decision.reasons, decision.retry_after), (vec![], None));
    assert!(decision.alternatives.is_empty());
}

#[test]
fn a_bypass_passes_all_but_an_impossible_number() {
    let mut rules = rules(|settings| settings.kill_switches.push(shut_everywhere()));
    rules.standing.block(blocked(BlockKind::User, "ana@example.com", &[], None));
    let decision = now(&ask(), &rules);
    assert_eq!(decision.verdict, Verdict::Deny);
    assert_eq!(codes(&decision), ["block_user", "kill_switch"]);
    let pass = pass();
    rules.standing.pass(pass.clone());
    let decision = now(&ask(), &rules);
    assert_eq!((decision.verdict, codes(&decision)), (Verdict::Allow, vec!["bypass"]));
    assert_eq!(decision.bypass, Some(pass.id));
    let mut impossible = ask();
    impossible.phone.valid = false;
    let decision = now(&impossible, &rules);
    assert_eq!(decision.verdict, Verdict::Deny);
    assert_eq!(codes(&decision), ["bypass", "number_invalid"]);
    assert_eq!(decision.bypass, None, "it is not used up");
    let late = decide(&ask(), &rules, &Ledger::default(), pass.until.unwrap());
    assert_eq!(late.verdict, Verdict::Deny, "its time is over");
    rules.standing.end_pass(pass.id);
    assert_eq!(now(&ask(), &rules).verdict, Verdict::Deny);
}

fn number_rule(numbers: &str, action: NumberAction, mode: Mode) -> NumberRule {
    NumberRule {
        numbers: numbers.parse().unwrap(),
        action,
        even_invalid: false,
        until: None,
        mode,
        reason: String::new(),
        by: None,
        at: None,
    }
}

#[test]
fn the_longest_number_rule_wins() {
    use NumberAction::{Allow, Deny};
    let rules = rules(|settings| {
        settings.number_rules = vec![
            number_rule("+1415*", Deny, Mode::Enforce),
            number_rule("+1415555*", Allow, Mode::Enforce),
            number_rule("+14155550100", Deny, Mode::Enforce),
        ];
        settings.number_types.insert(NumberType::Mobile, TypeRule::new(TypeAction::Deny));
    });
    let of = |phone: &str| {
        let request = Request { phone: facts(phone, "US", NumberType::Mobile), ..ask() };
        let decision = now(&request, &rules);
        (decision.verdict, codes(&decision).join(" "))
    };
    assert_eq!(of("+14155550100"), (Verdict::Deny, "number_rule number_type".into()));
    assert_eq!(of("+14155550101"), (Verdict::Allow, "number_rule".into()), "it passes the type");
    assert_eq!(of("+14155560100"), (Verdict::Deny, "number_rule number_type".into()));
    assert_eq!(of("+16505560100"), (Verdict::Deny, "number_type".into()));
}

#[test]
fn shadow_rules_are_told_and_never_end_the_search() {
    let rules = rules(|settings| {
        settings.number_rules = vec![
            number_rule("+1415555*", NumberAction::Deny, Mode::Shadow),
            number_rule("+1415*", NumberAction::Allow, Mode::Enforce),
        ];
    });
    let decision = now(&ask(), &rules);
    assert_eq!((decision.verdict, decision.shadow), (Verdict::Allow, Verdict::Deny));
    assert_eq!(codes(&decision), ["number_rule", "number_rule"]);
    assert_eq!(decision.reasons[0].mode, Mode::Shadow);
    let voip = Request { phone: facts("+14155550100", "US", NumberType::Voip), ..ask() };
    let decision = now(&voip, &super::tests::rules(|_| ()));
    assert_eq!((decision.verdict, decision.shadow), (Verdict::Allow, Verdict::Deny));
    assert_eq!(codes(&decision), ["number_type"]);
}

#[test]
fn regions_go_by_number_and_channel() {
    let countries: countries::Settings = serde_json::from_value(serde_json::json!({
        "voice": { "mode": "allowlist", "regions": ["US", "GB"] },
        "sms": { "mode": "monitor", "regions": ["US"] },
    }))
    .unwrap();
    let rules = Rules::new(rules::Settings::default(), countries, BlocksAndBypasses::default());
    let of = |phone: &str, region: &str, channel| {
        let request = Request { phone: facts(phone, region, NumberType::Mobile), channel, ..ask() };
        now(&request, &rules)
    };
    assert_eq!(of("+14155550100", "US", Channel::Voice).verdict, Verdict::Allow);
    let jamaica = of("+18765550100", "JM", Channel::Voice);
    assert_eq!((jamaica.verdict, codes(&jamaica)), (Verdict::Deny, vec!["region"]));
    assert!(jamaica.reasons[0].message.contains("Jamaica (JM)"), "{:?}", jamaica.reasons);
    assert_eq!(
        jamaica.alternatives,
        [Channel::Whatsapp, Channel::Rcs, Channel::Sms, Channel::Email, Channel::Push]
    );
    let text = of("+18765550100", "JM", Channel::Sms);
    assert_eq!((text.verdict, text.shadow), (Verdict::Allow, Verdict::Deny));
    // Numbers of no country must be listed in every mode.
    let world = of("+870773111632", "001", Channel::Whatsapp);
    assert_eq!((world.verdict, codes(&world)), (Verdict::Deny, vec!["region"]));
}

#[test]
fn a_trusted_number_passes_its_region_and_waits_instead_of_being_refused() {
    let countries: countries::Settings = serde_json::from_value(serde_json::json!({
        "sms": { "mode": "allowlist", "regions": ["GB"] },
    }))
    .unwrap();
    let limit = Limit { action: LimitAction::Deny, ..Limit::new(Dimension::Number, 3, 600) };
    let settings = rules::Settings { limits: vec![limit], ..rules::Settings::default() };
    let rules = Rules::new(settings, countries, BlocksAndBypasses::default());
    let mut ledger = after(3);
    let decision = decide(&ask(), &rules, &ledger, noon());
    assert_eq!(
        (decision.verdict, codes(&decision)),
        (Verdict::Deny, vec!["region", "limit_number"])
    );
    ledger.trust(ask().number(), micros(noon() - TimeDelta::days(90)));
    let decision = decide(&ask(), &rules, &ledger, noon());
    assert_eq!(decision.verdict, Verdict::Delay);
    assert_eq!(codes(&decision), ["trusted", "limit_number", "trusted"]);
    let late = decide(&ask(), &rules, &ledger, noon() + TimeDelta::microseconds(1));
    assert_eq!(late.verdict, Verdict::Deny, "90 days are over");
    // With more than 20 codes in the day, trust ends.
    let mut busy = after(21);
    busy.trust(ask().number(), micros(noon()));
    assert_eq!(decide(&ask(), &rules, &busy, noon()).verdict, Verdict::Deny);
    let premium = Request { phone: facts("+14155550100", "US", NumberType::PremiumRate), ..ask() };
    assert_eq!(decide(&premium, &rules, &ledger, noon()).verdict, Verdict::Deny);
}

#[test]
fn the_wait_grows_with_refusals_in_a_row() {
    let rules = rules(|_| ());
    let mut ledger = Ledger::default();
    let mut waits = Vec::new();
    for at in 0..12 {
        let time = noon() + TimeDelta::seconds(at);
        let decision = decide(&ask(), &rules, &ledger, time);
        let what = match decision.verdict {
            Verdict::Allow => EntryKind::Requested,
            _ => EntryKind::Refused(decision.cause().unwrap().code.limit().unwrap()),
        };
        waits.push(decision.retry_after);
        send(&mut ledger, &ask(), time, what, at);
    }
    assert_eq!(waits[..5], [None; 5]);
    // One fits when the first of five leaves the window of 10 minutes.
    assert_eq!(waits[5..9], [Some(595), Some(594), Some(593), Some(592)]);
    assert_eq!(waits[9..], [Some(960), Some(1_920), Some(1_920)]);
    let decision = decide(&ask(), &rules, &ledger, noon() + TimeDelta::seconds(12));
    assert_eq!(decision.reasons[0].observed, Some(Quantity::Count(6)));
    assert_eq!(decision.reasons[0].rule, "5 per 10 min per number");
    // Once the window has room, codes are sent again.
    let later = decide(&ask(), &rules, &ledger, noon() + TimeDelta::seconds(600));
    assert_eq!(later.verdict, Verdict::Allow);
}

#[test]
fn a_limit_counts_its_own_window_and_key() {
    for (per, other) in [
        (Dimension::Ip, Request { ip: Some("198.51.100.1".parse().unwrap()), ..ask() }),
        (Dimension::User, ask().of_user(Some("bob".into()))),
        (Dimension::Device, Request { device: Some("e".into()), ..ask() }),
        (Dimension::Flow, Request { flow: None, ..ask() }),
    ] {
        let rules = rules(|settings| settings.limits = vec![Limit::new(per, 2, 60)]);
        let ledger = after(2);
        let decision = decide(&ask(), &rules, &ledger, noon());
        let code = format!("limit_{per}");
        assert_eq!((decision.verdict, codes(&decision)), (Verdict::Delay, vec![code.as_str()]));
        assert_eq!(decide(&other, &rules, &ledger, noon()).verdict, Verdict::Allow, "{per}");
        // (now − window, now]: an event exactly one window old no longer counts.
        let edge = decide(&ask(), &rules, &ledger, noon() + TimeDelta::seconds(58));
        assert_eq!(edge.verdict, Verdict::Allow);
        let just_before = noon() + TimeDelta::seconds(58) - TimeDelta::microseconds(1);
        assert_eq!(decide(&ask(), &rules, &ledger, just_before).verdict, Verdict::Delay);
    }
}

#[test]
fn money_runs_out() {
    let rules = rules(|settings| {
        settings.spend.caps = vec![SpendCap {
            amount: "0.10".parse().unwrap(),
            window: 3_600,
            mode: Mode::Enforce,
            reason: String::new(),
            by: None,
            at: None,
        }];
        settings.spend.prices = vec![
            Price { to: "US".parse().unwrap(), channel: Any::All, amount: "0.02".parse().unwrap() },
            Price {
                to: "+1415*".parse().unwrap(),
                channel: Any::One(Channel::Voice),
                amount: "0.03".parse().unwrap(),
            },
        ];
    });
    // Two sends cost 0.04 each.
    let decision = decide(&ask(), &rules, &after(2), noon());
    assert_eq!(
        (decision.verdict, decision.cost.unwrap().to_string()),
        (Verdict::Allow, "0.02".into())
    );
    let call = Request { channel: Channel::Voice, ..ask() };
    let decision = decide(&call, &rules, &after(2), noon());
    assert_eq!((decision.verdict, codes(&decision)), (Verdict::Deny, vec!["spend_cap"]));
    assert_eq!(decision.reasons[0].observed.unwrap().to_string(), "0.11");
    let decision = decide(&ask(), &rules, &after(3), noon());
    assert_eq!(decision.verdict, Verdict::Deny, "it is spent");
}

#[test]
fn a_captcha_turns_a_challenge_and_nothing_else() {
    let rules = rules(|settings| {
        settings.captcha.ask = CaptchaFor::Untrusted;
        settings.limits = vec![Limit::new(Dimension::Number, 3, 600)];
    });
    let decision = now(&ask(), &rules);
    assert_eq!((decision.verdict, codes(&decision)), (Verdict::Challenge, vec!["captcha"]));
    let wrong = Request { captcha: CaptchaResult::Wrong("it has expired".into()), ..ask() };
    assert!(now(&wrong, &rules).reasons[0].message.contains("it has expired"));
    let solved = Request { captcha: CaptchaResult::Solved, ..ask() };
    let decision = now(&solved, &rules);
    assert_eq!((decision.verdict, decision.captcha), (Verdict::Allow, true));
    let decision = decide(&solved, &rules, &after(3), noon());
    assert_eq!((decision.verdict, decision.captcha), (Verdict::Delay, false), "it is not used up");
}

#[test]
fn without_the_store_what_is_refused_stays_refused() {
    let allowed = now(&ask(), &rules(|_| ()));
    let by_memory = allowed.clone().without_store(OnStoreFailure::Allow);
    assert_eq!((by_memory.verdict, codes(&by_memory)), (Verdict::Allow, vec!["store_down"]));
    assert_eq!(allowed.without_store(OnStoreFailure::Deny).verdict, Verdict::Deny);
    let mut rules = rules(|_| ());
    rules.standing.block(blocked(BlockKind::Number, "+14155550100", &[], None));
    let refused = now(&ask(), &rules).without_store(OnStoreFailure::Allow);
    assert_eq!(
        (refused.verdict, codes(&refused)),
        (Verdict::Deny, vec!["block_number", "store_down"])
    );
}

#[test]
fn ids_are_ulids_in_the_order_of_time() {
    let id = DecisionId::new(noon(), [255; 10]);
    let text = id.to_string();
    assert_eq!((text.len(), text.parse()), (26, Ok(id)));
    assert_eq!(text.to_lowercase().parse(), Ok(id));
    assert_eq!(id.time(), noon());
    assert!(DecisionId::new(noon() + TimeDelta::milliseconds(1), [0; 10]) > id);
    for wrong in ["", "01J", "81J00000000000000000000000", "01J0000000000000000000000U"] {
        assert!(wrong.parse::<DecisionId>().is_err(), "{wrong}");
    }
}
