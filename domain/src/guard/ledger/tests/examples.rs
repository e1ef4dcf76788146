use super::*;

fn requested(journey: &str, time: i64) -> OwnedEvent {
    OwnedEvent::new(EntryKind::Requested, journey, time)
}

fn sent(journey: &str, time: i64) -> OwnedEvent {
    OwnedEvent::new(EntryKind::Sent, journey, time)
}

const ANN: Key<'static> = Key::User("ann@example.com");

#[test]
fn a_window_is_open_behind_and_closed_in_front() {
    let ledger = folded(&[requested("a", NOW - HOUR), requested("b", NOW)]);
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 1);
    assert_eq!(ledger.count(&ANN, NOW, HOUR + 1), 2);
    assert_eq!(ledger.count(&ANN, NOW - 1, HOUR), 1);
    assert_eq!(ledger.count(&ANN, NOW + HOUR - 1, HOUR), 1);
    assert_eq!(ledger.count(&ANN, NOW + HOUR, HOUR), 0);
    assert_eq!(ledger.fits_at(&ANN, NOW, 2 * HOUR, 2), NOW + HOUR);
    assert_eq!(ledger.fits_at(&ANN, NOW, 2 * HOUR, 1), NOW + 2 * HOUR);
    assert_eq!(ledger.fits_at(&ANN, NOW, 2 * HOUR, 3), NOW);
    assert_eq!(ledger.fits_at(&ANN, NOW, 2 * HOUR, 0), i64::MAX);
    assert_eq!(ledger.fits_at(&Key::User("bo"), NOW, HOUR, 1), NOW);
}

#[test]
fn each_request_counts_and_a_journey_of_others_once() {
    // One journey asks repeatedly, as a page with "send again" does.
    let again = [requested("a", NOW - 3), requested("a", NOW - 2), requested("a", NOW - 2)];
    let mut ledger = folded(&again);
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 3);
    ledger.note(&sent("a", NOW - 1).entry(), NOW);
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 3);
    let ledger = folded(&[sent("b", NOW - 1), sent("b", NOW - 5), sent("b", NOW)]);
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 1);
    assert_eq!(ledger.oldest(), Some(NOW - 5));
    assert!(ledger.seen(attempt_of("b")) && !ledger.seen(attempt_of("a")));
}

#[test]
fn refusals_and_verifications_count_nowhere() {
    let told: Vec<OwnedEvent> =
        [EntryKind::Refused(Dimension::User), EntryKind::RefusedOther, EntryKind::Verified]
            .map(|what| OwnedEvent::new(what, "a", NOW))
            .into();
    let ledger = folded(&told);
    assert!(ledger.is_empty() && !ledger.seen(attempt_of("a")));
    assert_eq!(ledger.count(&Key::All, NOW, HOUR), 0);
}

#[test]
fn the_events_own_cost_goes_before_the_price_tables() {
    let priced = |journey, time, cost, own| OwnedEvent {
        cost: Some(cost),
        priced_by_event: own,
        ..sent(journey, time)
    };
    let mut ledger =
        folded(&[OwnedEvent { cost: Some(7), ..requested("a", NOW) }, requested("b", NOW)]);
    assert_eq!(ledger.spent(NOW, HOUR), Spent { amount: 7, unpriced: 1 });
    ledger.note(&priced("a", NOW, 50, false).entry(), NOW);
    assert_eq!(ledger.spent(NOW, HOUR).amount, 7);
    ledger.note(&priced("a", NOW + 2, 30, true).entry(), NOW);
    ledger.note(&priced("b", NOW + 2, 100, true).entry(), NOW);
    assert_eq!(ledger.spent(NOW, HOUR), Spent { amount: 130, unpriced: 0 });
    // The earliest event's price; at the same time, the smaller.
    ledger.note(&priced("a", NOW + 1, 20, true).entry(), NOW);
    ledger.note(&priced("a", NOW + 1, 40, true).entry(), NOW);
    ledger.note(&priced("a", NOW + 3, 10, true).entry(), NOW);
    assert_eq!(ledger.spent(NOW, HOUR), Spent { amount: 120, unpriced: 0 });
    assert_eq!(ledger.spent(NOW - 1, HOUR), Spent::default());
}

/// Receipts report the price after the send, or arrive before it.
#[test]
fn a_price_counts_once_at_its_send_whichever_event_brings_it() {
    let cost = |journey, time, cost| OwnedEvent {
        cost: Some(cost),
        priced_by_event: true,
        ..OwnedEvent::new(EntryKind::Cost, journey, time)
    };
    let mut ledger = folded(&[
        sent("a", NOW - HOUR),
        cost("a", NOW, 50),
        cost("a", NOW + 1, 50),
        cost("b", NOW, 30),
        sent("b", NOW - 2),
        cost("c", NOW, 99),
    ]);
    assert_eq!(ledger.spent(NOW, HOUR), Spent { amount: 30, unpriced: 0 });
    assert_eq!(ledger.spent(NOW, HOUR + 1), Spent { amount: 80, unpriced: 0 });
    assert_eq!((ledger.len(), ledger.seen(attempt_of("c"))), (2, false));
    // A price is not lost when the reservation is taken back.
    ledger.note(&requested("c", NOW - 1).entry(), NOW);
    assert_eq!(ledger.spent(NOW, MINUTE).amount, 129);
    ledger.take_back(attempt_of("c"), NOW - 1);
    ledger.note(&sent("c", NOW - 3).entry(), NOW);
    assert_eq!(ledger.spent(NOW, MINUTE).amount, 129);
}

#[test]
fn sums_of_money_never_turn_over() {
    let dear = |journey| OwnedEvent { cost: Some(i64::MAX), ..requested(journey, NOW) };
    let ledger = folded(&[dear("a"), dear("b")]);
    assert_eq!(ledger.spent(NOW, HOUR).amount, i64::MAX);
}

#[test]
fn what_lies_ahead_counts_when_its_time_comes() {
    let ledger = folded(&[requested("a", NOW), requested("b", NOW + HOUR)]);
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 1);
    assert_eq!(ledger.count(&ANN, NOW + HOUR, HOUR), 1);
    // The second arrives at the moment the first leaves.
    assert_eq!(ledger.fits_at(&ANN, NOW, HOUR, 1), NOW + 2 * HOUR);
}

#[test]
fn refusals_in_a_row_wear_off_by_the_hour() {
    let refused = |time| OwnedEvent::new(EntryKind::Refused(Dimension::User), "r", time);
    let mut told: Vec<OwnedEvent> = (1..=8).map(|minute| refused(NOW - minute * MINUTE)).collect();
    let ledger = folded(&told);
    assert_eq!(ledger.refusals(&ANN, NOW), 6);
    assert_eq!(ledger.refusals(&Key::Flow("sign-in"), NOW), 0);
    assert_eq!(ledger.refusals(&ANN, NOW - 7 * MINUTE), 2);
    assert_eq!(ledger.refusals(&ANN, NOW + 59 * MINUTE - 1), 6);
    assert_eq!(ledger.refusals(&ANN, NOW + 59 * MINUTE), 5);
    assert_eq!(ledger.refusals(&ANN, NOW + 6 * HOUR), 0);
    // A request allowed in between ends the streak, to the microsecond.
    told.push(requested("a", NOW - 3 * MINUTE));
    assert_eq!(folded(&told).refusals(&ANN, NOW), 3);
    told.push(requested("b", NOW - MINUTE + 1));
    assert_eq!(folded(&told).refusals(&ANN, NOW), 0);
}

#[test]
fn of_many_refusals_the_newest_sixteen_are_known() {
    let refused =
        |hours| OwnedEvent::new(EntryKind::Refused(Dimension::Number), "r", NOW - hours * HOUR);
    let newest = (0..16).map(|_| refused(1));
    let told: Vec<OwnedEvent> = (2..20).map(refused).chain(newest).collect();
    let key = Key::Number(number("+14155550100"));
    assert_eq!(folded(&told).refusals(&key, NOW), 5);
    let backwards = folded(told.iter().rev());
    assert_eq!(backwards.refusals(&key, NOW), 5);
    assert_eq!(backwards.refusals(&key, NOW - HOUR - 1), 0);
}

#[test]
fn trust_is_the_latest_verification() {
    let mut ledger = Ledger::default();
    let ann = number("+14155550100");
    assert_eq!(ledger.trusted_since(ann), None);
    for time in [NOW, NOW - HOUR] {
        ledger.trust(ann, time);
    }
    assert_eq!(ledger.trusted_since(ann), Some(NOW));
    ledger.forget_trust_before(NOW);
    assert_eq!(ledger.trusted_since(ann), Some(NOW));
    ledger.forget_trust_before(NOW + 1);
    assert_eq!(ledger.trusted_since(ann), None);
}

#[test]
fn what_is_old_goes_as_new_comes() {
    let mut ledger = folded(&[requested("a", NOW - KEEP), requested("b", NOW - KEEP - 1)]);
    assert_eq!((ledger.len(), ledger.oldest()), (1, Some(NOW - KEEP)));
    ledger.note(&requested("c", NOW).entry(), NOW + 1);
    assert_eq!((ledger.len(), ledger.oldest()), (1, Some(NOW)));
}

#[test]
fn at_its_bound_the_oldest_go_first() {
    let mut ledger = Ledger::with_bound(100);
    for at in 0..1_000_i64 {
        // Every second one comes late.
        let time = NOW - if at % 2 == 0 { at } else { 2_000 - at };
        ledger.note(&requested(&at.to_string(), time).entry(), NOW);
    }
    assert_eq!(ledger.len(), 100);
    assert_eq!(ledger.oldest(), Some(NOW - 198));
    assert_eq!(ledger.count(&ANN, NOW, HOUR), 100);
    assert_eq!(ledger.rows.held(), {
        let newest: Vec<OwnedEvent> =
            (0..100).map(|at| requested(&(2 * at).to_string(), NOW - 2 * at)).collect();
        folded(&newest).rows.held()
    });
}

#[test]
fn long_names_do_not_pass_the_bound_of_bytes() {
    let mut ledger = Ledger::with_bound(200_000);
    ledger.bytes = 20_000_000;
    let tail = "x".repeat(310);
    let names: Vec<String> = (0..100_000).map(|at| format!("{at}{tail}")).collect();
    for (at, name) in (0_i64..).zip(&names) {
        let told = requested(name, NOW - 100_000 + at);
        ledger.note(&Entry { user: Some(name), ..told.entry() }, NOW);
    }
    assert!(ledger.rows.held() <= ledger.bytes && ledger.len() < names.len());
    assert!(ledger.len() > 30_000, "{}", ledger.len());
    assert!(ledger.oldest() > Some(NOW - 100_000));
}

#[test]
fn a_clock_that_jumps_loses_only_what_is_far_from_it() {
    let far = 1_000 * WINDOW_MAX;
    let mut ledger = folded(&[requested("a", NOW), requested("b", NOW)]);
    ledger.note(&requested("c", NOW + far).entry(), NOW);
    assert_eq!(ledger.len(), 2, "too far ahead");
    ledger.note(&requested("c", NOW + far).entry(), NOW + far);
    assert_eq!(ledger.count(&ANN, NOW + far, HOUR), 1);
    // Back again: what came in between is years ahead.
    ledger.note(&requested("d", NOW + 1).entry(), NOW + 1);
    assert_eq!(ledger.count(&ANN, NOW + 1, HOUR), 1);
    assert_eq!((ledger.len(), ledger.oldest()), (1, Some(NOW + 1)));
}

#[test]
fn it_runs_for_months() {
    let mut ledger = Ledger::default();
    for hours in 0..24 * 100 {
        let now = NOW + hours * HOUR;
        ledger.note(&requested(&hours.to_string(), now).entry(), now);
        assert_eq!(ledger.count(&ANN, now, WINDOW_MAX), (hours.cast_unsigned() + 1).min(24));
    }
    assert!(ledger.len() <= 26);
}

#[test]
fn words_of_dimensions_are_those_of_the_contract() {
    let words: Vec<&str> = Dimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
    assert_eq!(words.join(" "), "number number_block ip ip_network device user region flow all");
    for dimension in Dimension::ALL {
        assert!(format!("limit_{dimension}").parse::<crate::Reason>().is_ok(), "{dimension}");
    }
}
