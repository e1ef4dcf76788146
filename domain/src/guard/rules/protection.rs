//! Decides whether a change of the rules weakens protection and therefore needs a recent password
//! check (contract, section 11). A moderately higher limit does not count; readers of the audit log
//! judge it. A limit or cap raised more than tenfold does, since it is as good as off; so does an
//! earlier expiry.

use super::{
    Any, CaptchaFor, KillSwitch, Limit, Mode, NumberAction, NumberRule, Numbers, OnStoreFailure,
    Settings, TypeAction,
};
use crate::ledger::Dimension;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A limit or cap raised by more than this factor no longer protects.
const TIMES: u128 = 10;

/// Whether `after` lacks, only logs or ends earlier something that `before` refuses or challenges
/// now, or allows a whole block of numbers that `before` does not.
pub(super) fn weakened(before: &Settings, after: &Settings, now: DateTime<Utc>) -> bool {
    (before.on_store_failure == OnStoreFailure::Deny
        && after.on_store_failure == OnStoreFailure::Allow)
        || opens(before, after, now)
        || lifts(before, after, now)
        || lacks(&let_through(after, now), &let_through(before, now))
        || after_allows_type(before, after)
        || amounts(before).keys().any(|window| !amounts(after).contains_key(window))
        || fewer_limits(before, after)
        || much_more(&tightest(before, a_day), &tightest(after, a_day))
        || much_more(&tightest(before, at_once), &tightest(after, at_once))
        || much_more(&amounts(before), &amounts(after))
        || captcha(after) < captcha(before)
}

fn lacks<T: Ord>(before: &BTreeSet<T>, after: &BTreeSet<T>) -> bool {
    !before.is_subset(after)
}

fn holds(mode: Mode, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    mode == Mode::Enforce && until.is_none_or(|until| now < until)
}

/// Whether a kill switch in force is gone and no other covers it.
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

/// Whether an expiry is no earlier than another; `None` never expires.
fn as_long(end: Option<DateTime<Utc>>, than: Option<DateTime<Utc>>) -> bool {
    end.is_none_or(|end| than.is_some_and(|than| end >= than))
}

/// The number rules in force with this action.
fn doing(
    settings: &Settings,
    action: NumberAction,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &NumberRule> {
    let rules = settings.number_rules.iter();
    rules.filter(move |rule| rule.action == action && holds(rule.mode, rule.until, now))
}

/// Whether numbers refused now are allowed, or refused for a shorter time.
fn lifts(before: &Settings, after: &Settings, now: DateTime<Utc>) -> bool {
    let kept: BTreeMap<_, _> =
        doing(after, NumberAction::Deny, now).map(|rule| (rule.numbers, rule.until)).collect();
    doing(before, NumberAction::Deny, now)
        .any(|rule| !kept.get(&rule.numbers).is_some_and(|until| as_long(*until, rule.until)))
}

/// Blocks of numbers that skip all checks, and whether that includes invalid numbers. Rules for
/// single numbers do not count: that is their purpose.
fn let_through(settings: &Settings, now: DateTime<Utc>) -> BTreeSet<(Numbers, bool)> {
    let rules = doing(settings, NumberAction::Allow, now);
    let blocks = rules.filter(|rule| matches!(rule.numbers, Numbers::Prefix(_)));
    // A rule that allows invalid numbers also allows valid ones.
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

/// Whether a dimension has fewer enforced limits. Compared by number, since a limit whose maximum
/// and window change is still the same limit.
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

/// The tightest enforced limit per dimension, by what each allows.
fn tightest(settings: &Settings, allows: fn(&Limit) -> u128) -> BTreeMap<Dimension, u128> {
    let mut least: BTreeMap<Dimension, u128> = BTreeMap::new();
    for limit in settings.limits.iter().filter(|limit| limit.mode == Mode::Enforce) {
        let known = least.entry(limit.per).or_insert(u128::MAX);
        *known = allows(limit).min(*known);
    }
    least
}

/// Thousandths of a code per day.
fn a_day(limit: &Limit) -> u128 {
    u128::from(limit.limit) * 86_400_000 / u128::from(limit.window.max(1))
}

/// Codes at once.
fn at_once(limit: &Limit) -> u128 {
    limit.limit.into()
}

/// Amounts of the enforced caps in nano units, by window.
fn amounts(settings: &Settings) -> BTreeMap<u32, u128> {
    let decides = settings.spend.caps.iter().filter(|cap| cap.mode == Mode::Enforce);
    decides.map(|cap| (cap.window, cap.amount.nano().unsigned_abs().into())).collect()
}

/// Whether any value grew by more than the factor.
fn much_more<K: Ord>(before: &BTreeMap<K, u128>, after: &BTreeMap<K, u128>) -> bool {
    let grown = |(key, known): (&K, &u128)| after.get(key).is_some_and(|now| *now > known * TIMES);
    before.iter().any(grown)
}

/// How many users are asked for a captcha: 0 none, 2 all.
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
