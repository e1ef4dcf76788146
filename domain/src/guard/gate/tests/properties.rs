//! Properties of every decision.

use super::*;
use proptest::prelude::*;

fn any_request() -> impl Strategy<Value = Request> {
    let kinds = prop::sample::select(NumberType::ALL);
    let regions = prop::sample::select(vec!["US", "JM", "GB", "001"]);
    let channels =
        prop::sample::select(vec![Channel::Sms, Channel::Voice, Channel::Whatsapp, Channel::Rcs]);
    let captcha = prop::sample::select(vec![
        CaptchaResult::None,
        CaptchaResult::Solved,
        CaptchaResult::Wrong("it is wrong".to_owned()),
    ]);
    (14_155_550_100_u64..14_155_550_110, kinds, regions, channels, captcha, any::<bool>()).prop_map(
        |(digits, kind, region, channel, captcha, valid)| {
            let phone = format!("+{digits}");
            let phone = NumberFacts { valid, ..facts(&phone, region, kind) };
            Request { phone, channel, captcha, ..ask() }
        },
    )
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let mode = || prop::sample::select(Mode::ALL);
    let action = prop::sample::select(NumberAction::ALL);
    let beginnings = prop::sample::select(vec!["+1415*", "+14155550105", "+1*"]);
    let number = (beginnings, action, mode(), any::<bool>());
    let limit_action = prop::sample::select(LimitAction::ALL);
    let limit = (prop::sample::select(Dimension::ALL), 1_u32..6, 1_u32..700, limit_action, mode());
    let kind = (prop::sample::select(NumberType::ALL), prop::sample::select(TypeAction::ALL));
    let captcha = (prop::sample::select(CaptchaFor::ALL), mode());
    (
        prop::option::of(number),
        prop::collection::vec(limit, 0..4),
        prop::collection::vec(kind, 0..3),
        captcha,
        prop::option::of(mode()),
        any::<bool>(),
    )
        .prop_map(|(number, limits, kinds, (asked, captcha_mode), kill, blocked_user)| {
            let number_rule = |(numbers, action, mode, even)| NumberRule {
                even_invalid: even && action == NumberAction::Allow,
                ..number_rule(numbers, action, mode)
            };
            let number_rules = number.map(number_rule).into_iter().collect();
            let limits = limits
                .into_iter()
                .map(|(per, limit, window, action, mode)| Limit {
                    action,
                    mode,
                    ..Limit::new(per, limit, window)
                })
                .collect();
            let number_types =
                kinds.into_iter().map(|(kind, action)| (kind, TypeRule::new(action))).collect();
            let captcha = rules::Captcha { ask: asked, mode: captcha_mode };
            let kill_switches = kill
                .map(|mode| KillSwitch {
                    region: Any::One("JM".parse().unwrap()),
                    channel: Any::All,
                    until: None,
                    mode,
                    reason: String::new(),
                    by: None,
                    at: None,
                })
                .into_iter()
                .collect();
            let settings = rules::Settings {
                number_rules,
                limits,
                number_types,
                captcha,
                kill_switches,
                ..rules::Settings::default()
            };
            let mut standing = BlocksAndBypasses::default();
            if blocked_user {
                standing.block(blocked(BlockKind::User, "ana@example.com", &[], None));
            }
            Rules::new(settings, countries::Settings::default(), standing)
        })
}

proptest! {
    #[test]
    fn what_holds_of_every_decision(request in any_request(), rules in any_rules(), sends in 0_i64..8) {
        let ledger = after(sends);
        let decision = decide(&request, &rules, &ledger, noon());
        // Decisions are deterministic.
        prop_assert_eq!(&decision, &decide(&request, &rules, &ledger, noon()));
        // Every refusal has a reason, and only `delay` has a wait.
        prop_assert_eq!(decision.verdict == Verdict::Allow || decision.cause().is_some(), true);
        prop_assert_eq!(decision.retry_after.is_some(), decision.verdict == Verdict::Delay);
        prop_assert!(decision.retry_after.is_none_or(|seconds| (60..=86_400).contains(&seconds)));
        prop_assert!(!decision.alternatives.contains(&request.channel));
        // An invalid number never passes without a rule for it, or past a block.
        let even = rules.settings().number_rules.iter().any(|rule| rule.even_invalid);
        let invalid = !request.phone.valid && !even;
        if invalid || codes(&decision).contains(&"block_user") {
            prop_assert_eq!(decision.verdict, Verdict::Deny);
        }
        // Shadow rules change only reasons and the shadow verdict.
        let mut settings = rules.settings().clone();
        settings.limits.retain(|limit| limit.mode == Mode::Enforce);
        settings.number_rules.retain(|rule| rule.mode == Mode::Enforce);
        settings.kill_switches.retain(|switch| switch.mode == Mode::Enforce);
        settings.number_types.retain(|_, rule| rule.action != TypeAction::Monitor);
        if settings.captcha.mode == Mode::Shadow {
            settings.captcha.ask = CaptchaFor::Nobody;
        }
        let bare = Rules::new(settings, rules.countries().clone(), rules.standing.clone());
        let without = decide(&request, &bare, &ledger, noon());
        prop_assert_eq!(without.verdict, decision.verdict);
        prop_assert_eq!(without.retry_after, decision.retry_after);
        prop_assert_eq!(without.verdict, without.shadow);
    }
}
