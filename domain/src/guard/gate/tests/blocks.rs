//! Blocks: of users, numbers and addresses.

use super::*;

#[test]
fn blocks_hold_by_every_name_and_for_their_channels() {
    for (refusal, code) in [
        (blocked(BlockKind::User, "0f1e", &["0f1e", "ana@example.com"], None), "block_user"),
        (blocked(BlockKind::Number, "+14155550100", &[], None), "block_number"),
        (blocked(BlockKind::NumberBlock, "+1415555xxxx", &[], None), "block_number_block"),
        (blocked(BlockKind::NumberBlock, "+1415555", &[], None), "block_number_block"),
        (blocked(BlockKind::Ip, "203.0.113.7", &[], None), "block_ip"),
        (blocked(BlockKind::IpNetwork, "203.0.112.0/22", &[], None), "block_ip"),
    ] {
        let mut rules = rules(|_| ());
        rules.standing.block(refusal.clone());
        let decision = now(&ask(), &rules);
        assert_eq!((decision.verdict, codes(&decision)), (Verdict::Deny, vec![code]));
        let later = decide(&ask(), &rules, &Ledger::default(), refusal.until.unwrap());
        assert_eq!(later.verdict, Verdict::Allow, "{code} is over");
        rules.standing.unblock(refusal.id);
        assert_eq!(now(&ask(), &rules).verdict, Verdict::Allow);
    }
    let mut rules = rules(|_| ());
    rules.standing.block(blocked(BlockKind::User, "ana@example.com", &[], Some(Channel::Voice)));
    let decision = now(&ask(), &rules);
    assert_eq!(decision.verdict, Verdict::Deny);
    assert_eq!(decision.alternatives, [Channel::Voice]);
    let call = Request { channel: Channel::Voice, ..ask() };
    assert_eq!(now(&call, &rules).verdict, Verdict::Allow);
}

#[test]
fn blocks_of_addresses_come_after_those_of_numbers() {
    let mut rules = rules(|_| ());
    let wide = blocked(BlockKind::IpNetwork, "203.0.0.0/16", &[], None);
    let narrow = blocked(BlockKind::IpNetwork, "203.0.113.0/24", &[], None);
    for refusal in [
        wide.clone(),
        narrow,
        blocked(BlockKind::Ip, "203.0.113.7", &[], None),
        blocked(BlockKind::Number, "+14155550100", &[], None),
        blocked(BlockKind::IpNetwork, "2001:db8::/32", &[], None),
    ] {
        rules.standing.block(refusal);
    }
    let decision = now(&ask(), &rules);
    assert_eq!(codes(&decision), ["block_number", "block_ip", "block_ip", "block_ip"]);
    let names: Vec<&str> = decision.reasons.iter().map(|why| &*why.rule).collect();
    assert_eq!(names[1..], ["block of an ip", "203.0.113.0/24", "203.0.0.0/16"]);
    // An unblocked network is no longer looked up, while others still are.
    rules.standing.unblock(wide.id);
    assert_eq!(codes(&now(&ask(), &rules)).len(), 3);
    let mapped = Request { ip: Some("::ffff:203.0.113.9".parse().unwrap()), ..ask() };
    assert_eq!(codes(&now(&mapped, &rules)), ["block_number", "block_ip"]);
    let six = Request { ip: Some("2001:db8:1::1".parse().unwrap()), ..ask() };
    assert_eq!(codes(&now(&six, &rules)), ["block_number", "block_ip"]);
    let elsewhere = Request { ip: None, ..ask() };
    assert_eq!(codes(&now(&elsewhere, &rules)), ["block_number"]);
}
