//! The same replay by a simple computation: for each attempt, all earlier ones are examined.

use super::super::runs::Runs;
use super::*;
use domain::gate::Verdict;
use domain::ledger::NumberBlock;
use domain::numbers::NumberFacts;
use domain::rules::{Amount, PriceTo};
use domain::{PhoneNumber, countries};
use proptest::prelude::*;
use std::collections::BTreeMap;
use store::replay::PastAttempt;

/// Three in one block of numbers, and two in different other regions.
const NUMBERS: [&str; 5] = [US, "+12015550124", "+12015559876", GB, JM];

fn facts(past: &PastAttempt) -> NumberFacts {
    NumberFacts::of(past.phone.unwrap()).unwrap()
}

fn key(per: Dimension, past: &PastAttempt) -> Option<String> {
    Some(match per {
        Dimension::Number => facts(past).phone.to_string(),
        Dimension::NumberBlock => format!("{:?}", NumberBlock::of(facts(past).phone)),
        Dimension::Ip => past.ip?.to_string(),
        Dimension::User => past.user.clone()?,
        Dimension::Region => facts(past).region.to_string(),
        Dimension::Flow => past.flow.clone()?,
        Dimension::All => String::new(),
        Dimension::IpNetwork => past.ip?.to_string().rsplit_once('.')?.0.to_owned(),
        Dimension::Device => return None,
    })
}

fn price(rules: &Rules, past: &PastAttempt) -> i64 {
    let of = PriceTo::Region(facts(past).region);
    let price = rules.spend.prices.iter().find(|price| price.to == of);
    price.map_or(0, |price| price.amount.nano())
}

/// The gate's verdict on each attempt of a history, with its reason.
fn judged(tried: &TrialRules, history: &[PastAttempt]) -> Vec<(Verdict, Option<Code>)> {
    let mut all: Vec<(Verdict, Option<Code>)> = Vec::new();
    for (at, past) in history.iter().enumerate() {
        let before = || history[..at].iter().zip(&all);
        let within =
            |other: &PastAttempt, seconds| past.time - other.time < TimeDelta::seconds(seconds);
        let out = |seconds| {
            let out = before().filter(|(_, (verdict, _))| verdict.lets_out());
            out.map(|(other, _)| other).filter(move |other| within(other, seconds))
        };
        let judged = (|| {
            let (rules, number) = (&tried.rules, facts(past).phone);
            let fitting = rules.number_rules.iter().filter(|rule| rule.numbers.hold(number));
            match fitting.max_by_key(|rule| rule.numbers.length()).map(|rule| rule.action) {
                Some(NumberAction::Deny) => return (Verdict::Deny, Some(Code::NumberRule)),
                Some(NumberAction::Allow) => return (Verdict::Allow, None),
                None => {}
            }
            let sends = out(86_400).filter(|other| facts(other).phone == number).count();
            let fresh = TimeDelta::days(rules.trust.days.into());
            let good = history[..at].iter().any(|other| {
                let same = facts(other).phone == number && other.outcome == Kind::Verified;
                same && past.time - other.time <= fresh
            });
            let trusted = rules.trust.enabled && good && sends <= rules.trust.sends_a_day as usize;
            let judgement = tried.countries.judge(past.channel, facts(past).region);
            if judgement == countries::Verdict::Refused && !trusted {
                return (Verdict::Deny, Some(Code::Region));
            }
            for cap in &rules.spend.caps {
                let spent: i64 = out(cap.window.into()).map(|other| price(rules, other)).sum();
                if spent + price(rules, past) > cap.amount.nano() || spent >= cap.amount.nano() {
                    return (Verdict::Deny, Some(Code::SpendCap));
                }
            }
            let over = rules.limits.iter().filter(|limit| {
                let Some(mine) = key(limit.per, past) else { return false };
                let same = |other: &&PastAttempt| key(limit.per, other).as_ref() == Some(&mine);
                out(limit.window.into()).filter(same).count() >= limit.limit as usize
            });
            let over: Vec<_> = over.collect();
            let verdict = over.iter().map(|limit| match limit.action {
                LimitAction::Challenge => Verdict::Challenge,
                LimitAction::Deny if !trusted => Verdict::Deny,
                LimitAction::Deny | LimitAction::Delay => Verdict::Delay,
            });
            let cause = over.first().map(|limit| Code::of_limit(limit.per));
            let asked = match rules.captcha.ask {
                CaptchaFor::Nobody => false,
                CaptchaFor::Untrusted => !trusted,
                CaptchaFor::Everybody => true,
            };
            match verdict.max() {
                Some(hardest) => (hardest, cause),
                None if asked => (Verdict::Challenge, None),
                None => (Verdict::Allow, None),
            }
        })();
        all.push(judged);
    }
    all
}

type ReplayCounts = (RunCounts, RunCounts, Vec<(Code, u64, u64)>, (u64, u64));

fn plain(before: &TrialRules, after: &TrialRules, history: &[PastAttempt]) -> ReplayCounts {
    let (was, is) = (judged(before, history), judged(after, history));
    let count = |some: &dyn Fn(usize) -> bool| {
        let found = || (0..history.len()).filter(|at| some(*at));
        let good = found().filter(|at| history[*at].outcome == Kind::Verified).count();
        (found().count() as u64, good as u64)
    };
    let tally = |all: &[(Verdict, Option<Code>)]| {
        let (delayed, delayed_verified) = count(&|at| all[at].0 == Verdict::Delay);
        let (challenged, challenged_verified) = count(&|at| all[at].0 == Verdict::Challenge);
        let (refused, refused_verified) = count(&|at| !all[at].0.lets_out());
        RunCounts {
            refused,
            refused_verified,
            delayed,
            delayed_verified,
            challenged,
            challenged_verified,
        }
    };
    let is_new = |at: usize| was[at].0.lets_out() && !is[at].0.lets_out();
    let mut newly: Vec<_> = Code::ALL
        .iter()
        .map(|code| (*code, count(&|at| is_new(at) && is[at].1 == Some(*code))))
        .filter(|(_, (n, _))| *n > 0)
        .map(|(code, (n, good))| (code, n, good))
        .collect();
    newly.sort_by_key(|(_, n, _)| std::cmp::Reverse(*n));
    let spared = count(&|at| !was[at].0.lets_out() && is[at].0.lets_out());
    (tally(&was), tally(&is), newly, spared)
}

fn found(replayed: Replayed) -> ReplayCounts {
    (replayed.before, replayed.after, replayed.newly, replayed.spared)
}

prop_compose! {
    /// Attempts within three days, often at the same time, often exactly one window apart.
    fn a_past()(
        at in prop_oneof![0_i64..30, 0_i64..4_320],
        number in 0_usize..5,
        who in 0_usize..3,
        place in 0_usize..3,
        verified in prop::bool::weighted(0.3),
        voice in prop::bool::weighted(0.2),
    ) -> PastAttempt {
        PastAttempt {
            id: Uuid::nil(),
            time: noon() - TimeDelta::days(4) + TimeDelta::minutes(at),
            phone: Some(NUMBERS[number].parse::<PhoneNumber>().unwrap()),
            channel: if voice { Channel::Voice } else { Channel::Sms },
            user: [None, Some("ann"), Some("bob")][who].map(str::to_owned),
            flow: [Some("sign-in"), None, Some("reset")][place].map(str::to_owned),
            ip: [Some("192.0.2.1"), Some("198.51.100.7"), None][place].map(|ip| ip.parse().unwrap()),
            outcome: if verified { Kind::Verified } else { Kind::Sent },
        }
    }
}

prop_compose! {
    fn a_limit()(
        per in 0_usize..Dimension::ALL.len(),
        limit in 1_u32..5,
        window in prop_oneof![Just(60_u32), Just(600), Just(3_600), Just(86_400)],
        action in 0_usize..LimitAction::ALL.len(),
    ) -> Limit {
        let mut limit = Limit::new(Dimension::ALL[per], limit, window);
        limit.action = LimitAction::ALL[action];
        limit
    }
}

prop_compose! {
    fn a_tried()(
        limits in prop::collection::vec(a_limit(), 0..4),
        numbers in prop::collection::btree_map(0_usize..4, any::<bool>(), 0..2),
        regions in prop::collection::btree_set(0_usize..3, 0..3),
        all in any::<bool>(),
        cap in prop::option::of(1_i64..8),
        trust in (any::<bool>(), 1_u16..3, 0_u32..4),
        ask in 0_usize..CaptchaFor::ALL.len(),
    ) -> TrialRules {
        let mut rules = Rules { limits, number_types: BTreeMap::new(), ..Rules::default() };
        rules.number_rules = numbers.into_iter().map(|(at, allow)| {
            let action = if allow { NumberAction::Allow } else { NumberAction::Deny };
            number_rule([US, "+12015550*", "+1876*", "+44*"][at], action)
        }).collect();
        rules.spend.prices = [("US", 1), ("JM", 3)].map(|(to, amount)| Price {
            to: to.parse().unwrap(),
            channel: Any::All,
            amount: Amount::from_nano(amount),
        }).into();
        rules.spend.caps = cap.map(|most| SpendCap {
            amount: Amount::from_nano(most),
            window: 3_600,
            mode: Mode::Enforce,
            reason: String::new(),
            by: None,
            at: None,
        }).into_iter().collect();
        (rules.trust.enabled, rules.trust.days, rules.trust.sends_a_day) = trust;
        rules.captcha.ask = CaptchaFor::ALL[ask];
        let mode = if all { Countries::All } else { Countries::Allowlist };
        let regions = regions.into_iter().map(|at| region(["US", "GB", "JM"][at])).collect();
        let sms = ChannelCountries { mode, regions };
        TrialRules { rules, countries: countries::Settings { sms, ..Default::default() } }
    }
}

prop_compose! {
    fn a_history()(mut history in prop::collection::vec(a_past(), 0..40)) -> Vec<PastAttempt> {
        history.sort_by_key(|past| past.time);
        history.iter_mut().zip(0..).for_each(|(past, id)| past.id = Uuid::from_u128(id));
        history
    }
}

proptest! {
    #[test]
    fn runs_come_to_what_a_plain_computation_does(
        before in a_tried(),
        after in a_tried(),
        history in a_history(),
    ) {
        let mut runs = Runs::new(before.clone(), after.clone(), noon());
        history.iter().cloned().for_each(|past| runs.take(past));
        let replayed = runs.into_replayed(noon(), noon());
        prop_assert_eq!(replayed.looked_at, history.len() as u64);
        prop_assert_eq!(found(replayed), plain(&before, &after, &history));
    }

    #[test]
    fn an_edit_that_changes_nothing_changes_nothing(
        tried in a_tried(),
        history in a_history(),
    ) {
        let mut runs = Runs::new(tried.clone(), tried, noon());
        history.into_iter().for_each(|past| runs.take(past));
        let replayed = runs.into_replayed(noon(), noon());
        prop_assert_eq!(replayed.before, replayed.after);
        prop_assert_eq!((replayed.newly, replayed.spared), (Vec::new(), (0, 0)));
    }
}

/// Reading the store in pieces of any size gives the same result.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn pieces_of_the_store_come_to_the_same(pool: PgPool) {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut drawn = |n| {
        let histories = prop::collection::vec(a_past(), n).prop_map(|mut history| {
            history.sort_by_key(|past| past.time);
            history.iter_mut().zip(0..).for_each(|(past, id)| past.id = Uuid::from_u128(id));
            history
        });
        (histories, a_tried()).new_tree(&mut runner).unwrap().current()
    };
    let (history, _) = drawn(120);
    let attempts = history.iter().map(|past| {
        let mut one = by(attempt(past.id.as_u128(), 0, US, past.outcome), past.channel);
        one.time = past.time;
        one.phone = First::at(past.time, past.phone);
        one.user = First::at(past.time, past.user.clone());
        one.flow = First::at(past.time, past.flow.clone());
        one.ip = First::at(past.time, past.ip);
        one
    });
    let db = known(pool, attempts.collect()).await;
    let mut refused = 0;
    for piece in [1, 7, 40, 119, 120, 121] {
        let (_, tried) = drawn(0);
        let before = TrialRules { rules: Rules::default(), countries: Default::default() };
        let expected = plain(&before, &tried, &history);
        let size = Size { most: 1_000, counted: 1_000, piece };
        let replayed = ask(&db, &Replays::default(), tried, size).await.unwrap();
        refused += replayed.newly_refused().0;
        assert_eq!(found(replayed), expected, "by {piece}");
    }
    assert!(refused > 50, "histories with hardly any refusals prove little: {refused}");
}
