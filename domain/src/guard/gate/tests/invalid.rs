//! Numbers outside every numbering plan.

use super::*;

/// A number rule may pass invalid numbers: an area code may be newer than the number data. Earlier
/// rules still apply.
#[test]
fn an_allowing_rule_may_pass_what_nobody_can_have() {
    use NumberAction::{Allow, Deny};
    let even = |numbers: &str, mode| NumberRule {
        even_invalid: true,
        ..number_rule(numbers, Allow, mode)
    };
    let request = |phone: &str| {
        let mut request = Request { phone: facts(phone, "US", NumberType::Unknown), ..ask() };
        request.phone.valid = false;
        request
    };
    let of = |list: Vec<NumberRule>, phone: &str| {
        let decision = now(&request(phone), &rules(|settings| settings.number_rules = list));
        (decision.verdict, decision.shadow, codes(&decision).join(" "))
    };
    let (yes, no) = (Verdict::Allow, Verdict::Deny);
    let rule = || even("+1436*", Mode::Enforce);
    assert_eq!(of(vec![rule()], "+14365550100"), (yes, yes, "number_rule".into()));
    assert_eq!(of(vec![rule()], "+16795550100"), (no, no, "number_invalid".into()));
    let plain = number_rule("+1436*", Allow, Mode::Enforce);
    let both = "number_invalid number_rule".to_owned();
    assert_eq!(of(vec![plain], "+14365550100"), (no, no, both.clone()));
    // A shadow rule does not decide, but changes the shadow verdict.
    let shadow = even("+1436*", Mode::Shadow);
    assert_eq!(of(vec![shadow], "+14365550100"), (no, yes, both.clone()));
    // The longest rule decides, as always.
    let longer = number_rule("+1436555*", Deny, Mode::Enforce);
    assert_eq!(of(vec![rule(), longer], "+14365550100"), (no, no, both));
    // Kill switches and the rule's end still apply.
    let mut shut = rules(|settings| {
        settings.number_rules = vec![rule()];
        settings.kill_switches = vec![shut_everywhere()];
    });
    assert_eq!(now(&request("+14365550100"), &shut).verdict, no);
    let ended = NumberRule { until: Some(noon()), ..rule() };
    assert_eq!(of(vec![ended], "+14365550100"), (no, no, "number_invalid".into()));
    // A bypass applies to it as to a valid number.
    shut.standing.pass(pass());
    let decision = now(&request("+14365550100"), &shut);
    assert_eq!((decision.verdict, decision.bypass), (yes, Some(pass().id)));
    assert_eq!(codes(&decision), ["bypass"]);
}
