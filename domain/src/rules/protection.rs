//! Which change of the rules switches a protection off. Such a change needs the password given
//! lately (contract, section 11). What only becomes looser, a higher limit, does not count: it is
//! judged by those who read the audit log. What becomes so loose that it is as good as off does:
//! a limit or cap of more than ten times as much. An earlier end does, too, since it switches off a
//! little later.

use super::{
    Any, CaptchaFor, KillSwitch, Mode, NumberAction, NumberRule, Numbers, OnStoreFailure, Settings,
    TypeAction,
};
use crate::ledger::Dimension;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A limit or cap that grows by more than this does not hold any more what it held.
const TIMES: u128 = 10;

/// Whether the rules that come lack, only mark, or end earlier, what these refuse or challenge
/// now; or let a whole block of numbers through that these do not.
pub(super) fn weakened(before: &Settings, after: &Settings, now: DateTime<Utc>) -> bool {
    (before.on_store_failure == OnStoreFailure::Deny
        && after.on_store_failure == OnStoreFailure::Allow)
        || opens(before, after, now)
        || lifts(before, after, now)
        || lacks(&let_through(after, now), &let_through(before, now))
        || after_allows_type(before, after)
        || lacks(&caps(before), &caps(after))
        || fewer_limits(before, after)
        || much_more(&a_day(before), &a_day(after))
        || much_more(&at_once(before), &at_once(after))
        || much_more(&amounts(before), &amounts(after))
        || captcha(after) < captcha(before)
}

fn lacks<T: Ord>(before: &BTreeSet<T>, after: &BTreeSet<T>) -> bool {
    !before.is_subset(after)
}

fn holds(mode: Mode, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    mode == Mode::Enforce && until.is_none_or(|until| now < until)
}

/// Whether something that is shut now is not shut any more, neither by itself nor with more.
fn opens(before: &Settings, after: &Settings, now: DateTime<Utc>) -> bool {
    let shut = |switch: &&KillSwitch| holds(switch.mode, switch.until, now);
    let covers = |wide: &KillSwitch, narrow: &KillSwitch| {
        (wide.region == narrow.region || wide.region == Any::All)
            && (wide.channel == narrow.channel || wide.channel == Any::All)
    };
    let still = |switch: &KillSwitch| {
        let kept = |other: &KillSwitch| covers(other, switch) && as_long(other.until, switch.until);
        after.kill_switches.iter().filter(shut).any(kept)
    };
    before.kill_switches.iter().filter(shut).any(|switch| !still(switch))
}

/// Whether an end is no earlier than another; what has none goes on for ever.
fn as_long(end: Option<DateTime<Utc>>, than: Option<DateTime<Utc>>) -> bool {
    end.is_none_or(|end| than.is_some_and(|than| end >= than))
}

/// The rules of numbers that hold now and do so.
fn doing(
    settings: &Settings,
    action: NumberAction,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &NumberRule> {
    let rules = settings.number_rules.iter();
    rules.filter(move |rule| rule.action == action && holds(rule.mode, rule.until, now))
}

/// Whether numbers that are refused now are not any more, or not as long.
fn lifts(before: &Settings, after: &Settings, now: DateTime<Utc>) -> bool {
    let kept: BTreeMap<_, _> =
        doing(after, NumberAction::Deny, now).map(|rule| (rule.numbers, rule.until)).collect();
    doing(before, NumberAction::Deny, now)
        .any(|rule| !kept.get(&rule.numbers).is_some_and(|until| as_long(*until, rule.until)))
}

/// Blocks of numbers that pass whatever else would refuse them, and whether also those that are not
/// valid. A single number is what such a rule is for.
fn let_through(settings: &Settings, now: DateTime<Utc>) -> BTreeSet<(Numbers, bool)> {
    let rules = doing(settings, NumberAction::Allow, now);
    let blocks = rules.filter(|rule| matches!(rule.numbers, Numbers::Prefix(_)));
    // What passes valid or not passes valid, too.
    let of = |rule: &NumberRule| [false, rule.even_invalid].map(|even| (rule.numbers, even));
    blocks.flat_map(of).collect()
}

fn after_allows_type(before: &Settings, after: &Settings) -> bool {
    before.number_types.iter().any(|(kind, rule)| {
        let now = after.number_types.get(kind).map_or(TypeAction::Allow, |rule| rule.action);
        stops(rule.action) && !stops(now)
    })
}

fn stops(action: TypeAction) -> bool {
    matches!(action, TypeAction::Challenge | TypeAction::Deny)
}

/// The windows that have a cap which decides.
fn caps(settings: &Settings) -> BTreeSet<u32> {
    let decides = settings.spend.caps.iter().filter(|cap| cap.mode == Mode::Enforce);
    decides.map(|cap| cap.window).collect()
}

/// Whether something has fewer limits that decide. Counted, since a limit's number and window may
/// change and it is still one.
fn fewer_limits(before: &Settings, after: &Settings) -> bool {
    let count = |settings: &Settings| {
        let mut counts = BTreeMap::<Dimension, usize>::new();
        for limit in settings.limits.iter().filter(|limit| limit.mode == Mode::Enforce) {
            *counts.entry(limit.per).or_default() += 1;
        }
        counts
    };
    let left = count(after);
    count(before).iter().any(|(per, many)| left.get(per).copied().unwrap_or(0) < *many)
}

/// How many the tightest limit of each kind that decides lets through, in thousandths a day.
fn a_day(settings: &Settings) -> BTreeMap<Dimension, u128> {
    let mut least: BTreeMap<Dimension, u128> = BTreeMap::new();
    for limit in settings.limits.iter().filter(|limit| limit.mode == Mode::Enforce) {
        let many = u128::from(limit.limit) * 86_400_000 / u128::from(limit.window.max(1));
        let known = least.entry(limit.per).or_insert(many);
        *known = many.min(*known);
    }
    least
}

/// How many the tightest limit of each kind that decides lets through at once.
fn at_once(settings: &Settings) -> BTreeMap<Dimension, u128> {
    let mut least: BTreeMap<Dimension, u128> = BTreeMap::new();
    for limit in settings.limits.iter().filter(|limit| limit.mode == Mode::Enforce) {
        let known = least.entry(limit.per).or_insert(limit.limit.into());
        *known = u128::from(limit.limit).min(*known);
    }
    least
}

/// The amounts of the caps that decide, in nano units, by window.
fn amounts(settings: &Settings) -> BTreeMap<u32, u128> {
    let decides = settings.spend.caps.iter().filter(|cap| cap.mode == Mode::Enforce);
    decides.map(|cap| (cap.window, cap.amount.nano().unsigned_abs().into())).collect()
}

/// Whether of anything there is far more than before.
fn much_more<K: Ord>(before: &BTreeMap<K, u128>, after: &BTreeMap<K, u128>) -> bool {
    let grown = |(key, known): (&K, &u128)| after.get(key).is_some_and(|now| *now > known * TIMES);
    before.iter().any(grown)
}

/// Of how many people a captcha is asked: 0 nobody, 2 everybody.
fn captcha(settings: &Settings) -> u8 {
    match (settings.captcha.mode, settings.captcha.ask) {
        (Mode::Shadow, _) | (_, CaptchaFor::Nobody) => 0,
        (_, CaptchaFor::Untrusted) => 1,
        (_, CaptchaFor::Everybody) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Section as _;
    use serde_json::{Value, json};

    fn rules(document: &Value) -> Settings {
        serde_json::from_value(document.clone()).unwrap()
    }

    #[test]
    fn rules_taken_away_or_only_marked_are_weaker() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T12:00:00Z").unwrap().to_utc();
        let strong = [
            json!({"on_store_failure": "deny"}),
            json!({"kill_switches": [{"region": "JM", "channel": "sms"}]}),
            json!({"kill_switches": [{"region": "*", "until": "2026-11-20T13:00:00Z"}]}),
            json!({"number_rules": [{"numbers": "+1876*", "action": "deny"}]}),
            json!({"number_types": {"premium_rate": {"action": "deny"}}}),
            json!({"number_types": {"premium_rate": {"action": "challenge"}}}),
            json!({"spend": {"caps": [{"amount": "10", "window": 3600}]}}),
            json!({"limits": [{"per": "number", "limit": 5, "window": 600}]}),
            json!({"captcha": {"ask": "everybody", "mode": "enforce"}}),
        ];
        let weak = json!({
            "on_store_failure": "allow", "kill_switches": [], "number_rules": [],
            "number_types": {}, "spend": {}, "limits": [],
            "captcha": {"ask": "nobody", "mode": "enforce"}
        });
        let mut base = weak.clone();
        for part in &strong {
            for (name, value) in part.as_object().unwrap() {
                base[name] = value.clone();
            }
            let (before, after) = (rules(&base), rules(&weak));
            assert!(before.weakened_by(&after, now), "{part} is gone");
            assert!(!after.weakened_by(&before, now), "{part} is new");
            assert!(!before.weakened_by(&before, now), "{part} stays");
            let whole = base.to_string();
            let marked = whole.replace(r#""window":600"#, r#""window":600,"mode":"shadow""#);
            if marked != whole {
                let marked = serde_json::from_str(&marked).unwrap();
                assert!(before.weakened_by(&rules(&marked), now), "{part} only marks");
            }
            base = weak.clone();
        }
    }

    #[test]
    fn what_ended_by_itself_or_changes_its_number_is_not_weaker() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T12:00:00Z").unwrap().to_utc();
        let over = json!({"kill_switches": [{"region": "JM", "until": "2026-11-20T11:00:00Z"}]});
        assert!(!rules(&over).weakened_by(&rules(&json!({"kill_switches": []})), now));
        let limit = |n: u32, window: u32| {
            rules(&json!({"limits": [{"per": "number", "limit": n, "window": window}]}))
        };
        assert!(!limit(5, 600).weakened_by(&limit(10, 900), now));
        assert!(!limit(5, 600).weakened_by(&limit(50, 600), now));
        assert!(limit(5, 600).weakened_by(&limit(51, 600), now), "as good as off");
        assert!(limit(5, 600).weakened_by(&limit(5, 59), now));
        assert!(limit(5, 600).weakened_by(&limit(7_200, 86_400), now), "a burst");
        let cap =
            |amount: &str| rules(&json!({"spend": {"caps": [{"amount": amount, "window": 3600}]}}));
        assert!(!cap("10").weakened_by(&cap("100"), now));
        assert!(cap("10").weakened_by(&cap("100.01"), now));
        let shadow = json!({"kill_switches": [{"region": "JM", "mode": "shadow"}]});
        let shut = json!({"kill_switches": [{"region": "JM"}]});
        let more = json!({"kill_switches": [{"region": "*"}]});
        assert!(!rules(&shut).weakened_by(&rules(&more), now));
        assert!(rules(&more).weakened_by(&rules(&shut), now));
        assert!(rules(&shut).weakened_by(&rules(&shadow), now));
        assert!(!rules(&shadow).weakened_by(&rules(&shut), now));
    }

    #[test]
    fn an_earlier_end_and_a_block_let_through_are_weaker() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T12:00:00Z").unwrap().to_utc();
        let ends = [json!(null), json!("2026-11-20T13:00:00Z"), json!("2026-11-20T12:01:00Z")];
        let kinds: [fn(&Value) -> Value; 2] = [
            |until| json!({"kill_switches": [{"region": "JM", "until": until}]}),
            |until| {
                let rule =
                    json!({"numbers": "+1876*", "action": "deny", "reason": "x", "until": until});
                json!({"number_rules": [rule]})
            },
        ];
        for of in kinds {
            for (at, later) in ends.iter().enumerate() {
                for earlier in &ends[at + 1..] {
                    let (long, short) = (rules(&of(later)), rules(&of(earlier)));
                    assert!(long.weakened_by(&short, now), "{later} to {earlier}");
                    assert!(!short.weakened_by(&long, now), "{earlier} to {later}");
                }
            }
        }
        let allow = |numbers: &str| {
            let rule = json!({"numbers": numbers, "action": "allow", "reason": "vip"});
            rules(&json!({"number_rules": [rule]}))
        };
        let none = rules(&json!({}));
        assert!(none.weakened_by(&allow("+1*"), now) && !allow("+1*").weakened_by(&none, now));
        assert!(!none.weakened_by(&allow("+12125550177"), now), "one number");
        let mut even = allow("+1*");
        even.number_rules[0].even_invalid = true;
        assert!(allow("+1*").weakened_by(&even, now), "numbers that are not valid pass, too");
        assert!(!even.weakened_by(&allow("+1*"), now));
    }
}
